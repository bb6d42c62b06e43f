"""Training of several runs at the same time, until a deadline, and what came of them."""

import dataclasses
import json
import multiprocessing
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from ecg_tf.files import write_atomically
from ecg_tf.models import find
from ecg_tf.processes import child_environment, kept_from_children
from ecg_tf.runs.run_folder import RunFolder
from ecg_tf.study.grid_file import BACKBONES, read_grid
from ecg_tf.training.settings import Settings

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
            leads=("II",),
            channels=("rp",),
            image_size=67,
            **{
                key: value
                for key, value in small.items()
                if key in find(settings.model).hyperparameters
            },
        )
        for name, settings in runs.items()
    }


def train_all(runs, out, deadline, end, at_once):
    """Train runs, each in a process of its own, and collect what came of each once it has ended.

    A run begins when all that train have completed an epoch.

    Args:
        runs: {name: `Settings`}, backbones before the runs that use them.
        out: folder of the logs and of what `_collect` writes.
        deadline: `time.monotonic()` when runs that still train are stopped, after a step.
        end: `time.monotonic()` when collecting is stopped.
        at_once: number of runs that are trained at the same time.
    """
    waiting, running, collectors = dict(runs), {}, {}
    while (waiting or running) and time.monotonic() < deadline:
        for name in [name for name, process in running.items() if process.poll() is not None]:
            print(f"{name}: exit status {running.pop(name).returncode}", flush=True)
            collectors[name] = _collector(name, runs[name], out)
        for name, settings in list(waiting.items()):
            # Runs that compile at the same time would disturb each other's timing of kernels.
            quiet = all(RunFolder(runs[other].path_save_model).has_history for other in running)
            if quiet and len(running) < at_once and _is_ready(settings, runs):
                running[name] = _start(waiting.pop(name), out / f"{name}.log")
        if not running:
            break
        time.sleep(0.5)
    print(f"stopped: {', '.join(running)}; not started: {', '.join(waiting)}", flush=True)
    _stop(running.values())
    collectors |= {name: _collector(name, runs[name], out) for name in running}
    for name, process in collectors.items():
        process.join(max(0, end - time.monotonic()))
        if process.is_alive():
            print(f"{name}: not collected in time", flush=True)
            process.kill()


def _stop(processes):
    """Stop processes of `ecg_tf train`; those that compile do not hear it, and are killed."""
    for process in processes:
        process.send_signal(signal.SIGTERM)
    last = time.monotonic() + _STOP
    for process in processes:
        try:
            process.wait(max(0, last - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()


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


def _collector(name, settings, out):
    """Start a process that collects what came of a run."""
    with kept_from_children():
        process = multiprocessing.get_context("spawn").Process(
            target=_collect, args=(name, settings, out)
        )
        process.start()
    return process


def _collect(name, settings, out):
    """Write what came of a run, as far as it trained.

    NAME.json has its history, thresholds and whether it finished; NAME.npz the labels and the
    probabilities of the best epoch on dev.
    """
    from ecg_tf.data.sources import open_partition
    from ecg_tf.evaluation.thresholds import choose_thresholds
    from ecg_tf.runs.precision import disable_tf32
    from ecg_tf.runs.predict import predict_probabilities

    run = RunFolder(settings.path_save_model)
    if not run.model_file.is_file():
        print(f"{name}: no epoch completed", flush=True)
        return
    disable_tf32()
    source = open_partition(settings.data, "dev", run.metadata.input_spec).source
    probabilities = predict_probabilities(run.inference_network(), run.preprocessor(), source)
    names = run.metadata.class_names
    history = run.history()
    result = {
        "history": history,
        "finished": run.is_finished,
        "parameters": run.metadata.parameters,
        "thresholds": choose_thresholds("gmean", source.labels, probabilities, names).tolist(),
    }
    write_atomically(out / f"{name}.json", json.dumps(result))
    np.savez_compressed(
        out / f"{name}.npz", labels=source.labels, probabilities=probabilities.astype(np.float16)
    )
    best, seconds = int(np.argmin(history["val_loss"])), history["seconds"]
    print(
        f"{name}: {len(seconds)} epochs, best {best + 1}, dev AUROC "
        f"{history['val_auroc'][best]:.4f}, {np.median(seconds):.2f} s an epoch, "
        f"finished {result['finished']}",
        flush=True,
    )
