"""Training of several runs at the same time, until a deadline."""

import dataclasses
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from ecg_tf.models import find
from ecg_tf.processes import child_environment
from ecg_tf.runs.run_folder import RunFolder
from ecg_tf.study.grid_file import BACKBONES, read_grid
from ecg_tf.training.settings import Settings
from on_gpu.workers import in_processes

ROOT = Path(__file__).resolve().parents[2]
STUDY = ROOT / "configs" / "study.cfg"
_STOP = 10  # seconds that runs get to end


def mixed_runs(data, out):
    """AlexNet by the documented command and by the study's settings, each in two precisions.

    Args:
        data: packed records.
        out: folder of the run folders.

    Returns:
        {name: `Settings`}; alexnet_all is the run of `grid_runs`.
    """
    study = read_grid(STUDY, data, out)["alexnet_all"]
    documented = dataclasses.replace(study, batch_size=64, learning_rate=0.1, epochs=12)
    some = dataclasses.replace(study, epochs=20)
    runs = {
        "alexnet_all": (study, "float16"),
        "alexnet_all_float32": (some, "none"),
        "documented_float16": (documented, "float16"),
        "documented_float32": (documented, "none"),
    }
    return {
        name: dataclasses.replace(
            settings, mixed_precision=precision, path_save_model=str(out / name)
        )
        for name, (settings, precision) in runs.items()
    }


def grid_runs(data, out):
    """The runs of configs/study.cfg, in float16."""
    runs = read_grid(STUDY, data, out)
    return {
        name: dataclasses.replace(settings, mixed_precision="float16")
        for name, settings in runs.items()
    }


def shortened(runs):
    """The runs at toy size."""
    small = {"nb_filters": 1, "hidden_size": 4}
    return {
        name: dataclasses.replace(
            settings,
            epochs=1,
            batch_size=63,
            image_size=67,
            **{
                key: value
                for key, value in small.items()
                if key in find(settings.model).hyperparameters
            },
        )
        for name, settings in runs.items()
    }


def train_all(runs, out, deadline, at_once):
    """Train runs, each in a process of its own; those that are late end after a step.

    Args:
        runs: {name: `Settings`}, backbones before the runs that use them.
        out: folder of the logs.
        deadline: `time.monotonic()` when to stop.
        at_once: number of runs that are trained at the same time.
    """
    waiting, running = dict(runs), {}
    while (waiting or running) and time.monotonic() < deadline:
        for name in [name for name, process in running.items() if process.poll() is not None]:
            print(f"{name}: exit status {running.pop(name).returncode}", flush=True)
        for name, settings in list(waiting.items()):
            if len(running) < at_once and _is_ready(settings, runs):
                running[name] = _start(waiting.pop(name), out / f"{name}.log")
        if not running:
            break
        time.sleep(0.5)
    for process in running.values():
        process.send_signal(signal.SIGTERM)
    last = time.monotonic() + _STOP
    for process in running.values():
        try:
            process.wait(max(0, last - time.monotonic()))
        except subprocess.TimeoutExpired:  # while it compiles
            process.kill()
    print(f"stopped: {', '.join(running)}; not started: {', '.join(waiting)}", flush=True)


def _is_ready(settings, runs):
    """Whether the backbones among the runs have finished."""
    needed = {getattr(settings, backbone) for backbone in BACKBONES}
    return all(
        RunFolder(run.path_save_model).is_finished
        for run in runs.values()
        if run.path_save_model in needed
    )


def _start(settings: Settings, log):
    arguments = settings.flagfile().splitlines()
    with log.open("ab") as file:
        return subprocess.Popen(
            [sys.executable, "-m", "ecg_tf", "train", *arguments],
            stdout=file,
            stderr=file,
            env=child_environment(),
        )


def results(runs, deadline):
    """What came of runs: histories, dev probabilities of the best epoch, thresholds.

    Args:
        runs: {name: `Settings`}.
        deadline: `time.monotonic()` when to stop.

    Yields:
        (name, {"history", "finished", "thresholds", "probabilities", "labels"}); for a run that
        cannot be read, the text of the error.
    """
    begun = {
        name: (_result, settings)
        for name, settings in runs.items()
        if RunFolder(settings.path_save_model).model_file.is_file()
    }
    yield from in_processes(begun, deadline)


def _result(settings):
    from ecg_tf.data.sources import open_partition
    from ecg_tf.evaluation.thresholds import choose_thresholds
    from ecg_tf.runs.precision import disable_tf32
    from ecg_tf.runs.predict import predict_probabilities

    disable_tf32()
    run = RunFolder(settings.path_save_model)
    source = open_partition(settings.data, "dev", run.metadata.input_spec).source
    probabilities = predict_probabilities(run.inference_network(), run.preprocessor(), source)
    names = run.metadata.class_names
    return {
        "history": run.history(),
        "finished": run.is_finished,
        "parameters": run.metadata.parameters,
        "thresholds": choose_thresholds("gmean", source.labels, probabilities, names).tolist(),
        "probabilities": probabilities.astype(np.float16),
        "labels": source.labels,
    }
