"""Training the runs of a grid, each in its own process."""

import dataclasses
import signal
import subprocess
import sys
from pathlib import Path

from absl import logging

from ecg_tf.errors import InputError, Interrupted
from ecg_tf.places import check_folder, make_folder
from ecg_tf.processes import child_environment, own_standard_error
from ecg_tf.reports.comparison.markdown import format_comparison
from ecg_tf.reports.comparison.report import write_comparison
from ecg_tf.runs.compare import compare
from ecg_tf.runs.run_folder import RunFolder
from ecg_tf.study.grid_file import BACKBONES, COMPARISON, read_grid
from ecg_tf.training.stopping import stop_signals

# The settings that may differ between a finished run and the grid: paths, and what is allowed.
_MAY_CHANGE = frozenset({"data", "path_save_model", "image_cache", "gpu_id", "allow_seen"})

TRAIN = (sys.executable, "-m", "ecg_tf", "train")


def run_grid(config, data, study_dir, partition, allow_seen=False, command=TRAIN):
    """Train the runs of a grid and compare those that finished.

    Prints the comparison, and writes it to the folder `comparison` in `study_dir`. Failed runs are
    named on standard error.

    Args:
        config: the file that lists the runs; see `ecg_tf.study.grid_file.read_grid`.
        data: folder of prepared records.
        study_dir: folder of all run folders, created if it is missing.
        partition: "dev" or "test", the partition to compare the runs on.
        allow_seen: True to train and compare runs also on records that one of them was trained on
            or chosen by; see `ecg_tf.runs.evaluate.evaluate`.
        command: see `train_grid`.

    Returns:
        The exit status: 0, or 1 if a run failed.

    Raises:
        InputError: a file that cannot be used, or fewer than two finished runs.
        Interrupted: SIGINT or SIGTERM. The same call resumes the grid.
    """
    study_dir = Path(study_dir).resolve()  # flags.cfg then holds the same paths from any folder
    runs = read_grid(config, data, study_dir)
    if allow_seen:
        runs = {name: dataclasses.replace(run, allow_seen=True) for name, run in runs.items()}
    make_folder(study_dir)
    check_folder(study_dir / COMPARISON)
    failed = train_grid(runs, command)
    for name, reason in failed.items():
        print(f"failed: {name}: {reason}", file=sys.stderr)
    finished = [settings.path_save_model for name, settings in runs.items() if name not in failed]
    if len(finished) < 2:
        raise InputError(
            f"{config}: {len(finished)} of {len(runs)} runs finished, expected two or more to "
            "compare"
        )
    comparison = compare(finished, data, partition, allow_seen)
    write_comparison(study_dir / COMPARISON, comparison)
    print(format_comparison(comparison))
    print(f"\nreport: {study_dir / COMPARISON}/comparison.html")
    return 1 if failed else 0


def train_grid(runs, command=TRAIN):
    """Train every run of a grid that is not finished yet.

    Each run is trained in its own process, so that all its memory, also on the GPU, is freed when
    it ends. An interrupted run resumes after its last completed epoch; a finished run is kept. If a
    run fails, the runs that need it as a backbone are not trained; the others are.

    Args:
        runs: {name: `ecg_tf.training.settings.Settings`} from `ecg_tf.study.grid_file.read_grid`,
            backbones before the runs that use them.
        command: the program that trains a run and its first arguments; the flags follow.

    Returns:
        {name: reason} of the runs that failed.

    Raises:
        Interrupted: SIGINT or SIGTERM. The same call resumes the grid.
    """
    failed = {}
    for number, (name, settings) in enumerate(runs.items(), start=1):
        logging.info("%s (%d of %d)", name, number, len(runs))
        reason = _failed_backbone(settings, runs, failed) or _train(name, settings, command)
        if reason:
            logging.error("%s: %s", name, reason)
            failed[name] = reason
    return failed


def _failed_backbone(settings, runs, failed):
    """The reason why a run cannot be trained: a failed backbone; None without one."""
    folders = {runs[name].path_save_model: name for name in failed}
    needed = [folders.get(getattr(settings, backbone)) for backbone in BACKBONES]
    backbones = [name for name in needed if name]
    return f"not trained: its backbone {', '.join(backbones)} failed" if backbones else None


def _train(name, settings, command):
    """Train one run; the reason if it failed, or None."""
    run = RunFolder(settings.path_save_model)
    if run.is_finished:
        other = run.other_flags(settings, may_change=_MAY_CHANGE)
        if other:
            return f"{run.path} contains a finished run with other settings: {'; '.join(other)}"
        logging.info("%s: already finished", name)
        return None
    status = _run([*command, *settings.flagfile().splitlines()], name)
    if status == 0:
        return None
    if status < 0:
        killer = signal.Signals(-status).name
        return f"killed by {killer}; rerun the same command to resume it"
    return f"exit status {status}; see its messages above"


def _run(command, name):
    """Run a process, forward `stop_signals` to it, and return its exit status.

    The process gets its own session. Otherwise Ctrl-C in a terminal would reach it twice, and the
    second signal would end it in the middle of an epoch.
    """
    process, received = None, []

    def forward(number, _):
        received.append(number)
        if process:
            process.send_signal(number)

    handlers_before = {number: signal.signal(number, forward) for number in stop_signals()}
    try:
        process = subprocess.Popen(
            command,
            stderr=own_standard_error(),
            start_new_session=True,
            env=child_environment(),
        )
        if received:  # before the process existed
            process.send_signal(received[0])
        status = process.wait()
    finally:
        for number, handler in handlers_before.items():
            signal.signal(number, handler)
    if received:
        raise Interrupted(
            f"{signal.Signals(received[0]).name}: {name} was being trained; rerun the same command "
            "to resume",
            received[0],
        )
    return status
