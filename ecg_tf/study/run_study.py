"""Train the runs of a study, one process after the other."""

import dataclasses
import signal
import subprocess
import sys
from pathlib import Path

from absl import logging

from ecg_tf.errors import InputError, Interrupted
from ecg_tf.places import check_folder, make_folder
from ecg_tf.processes import child_environment
from ecg_tf.reports.comparison.markdown import format_comparison
from ecg_tf.reports.comparison.report import write_comparison
from ecg_tf.runs.compare import compare
from ecg_tf.runs.run_folder import RunFolder
from ecg_tf.study.study_file import BACKBONES, COMPARISON, read_study
from ecg_tf.training.stopping import stop_signals

# What may differ between a finished run and what the study now asks for: where things are, and
# what is allowed.
_PLACES = frozenset({"data", "path_save_model", "image_cache", "gpu_id", "allow_seen"})

TRAIN = (sys.executable, "-m", "ecg_tf", "train")


def run_study(config, data, study_dir, partition, allow_seen=False, command=TRAIN):
    """Train the runs of a study and compare those that finished.

    Says what failed, on standard error. The comparison is printed and written to the folder
    `comparison` of the study.

    Args:
        config: the file that lists the runs: see `ecg_tf.study.study_file.read_study`.
        data: a folder of prepared records.
        study_dir: folder of all run folders, made if it is not there.
        partition: compared on: "dev" or "test".
        allow_seen: of all runs and of the comparison, see `ecg_tf.runs.evaluate.evaluate`.
        command: see `train_study`.

    Returns:
        The exit status: 0, or 1 where a run failed.

    Raises:
        InputError: a file that cannot be used, fewer than two finished runs.
        Interrupted: SIGINT or SIGTERM; the same study goes on.
    """
    study_dir = Path(study_dir).resolve()  # in flags.cfg, whatever folder it is called from
    runs = read_study(config, data, study_dir)
    if allow_seen:
        runs = {name: dataclasses.replace(run, allow_seen=True) for name, run in runs.items()}
    make_folder(study_dir)
    check_folder(study_dir / COMPARISON)
    failed = train_study(runs, command)
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


def train_study(runs, command=TRAIN):
    """Train every run of a study that is not finished yet.

    Each is trained by a process of its own, whose memory, the GPU's too, is free when it ends. A
    run that was interrupted goes on after its last finished epoch, a finished one stays as it is. A
    run that fails is named, and so are those that wanted it as a backbone; the others go on.

    Args:
        runs: {name: `ecg_tf.training.settings.Settings`}, backbones before those who want them, of
            `ecg_tf.study.study_file.read_study`.
        command: the program that trains a run and its first arguments; the flags follow.

    Returns:
        {name: why it failed} of those that did.

    Raises:
        Interrupted: SIGINT or SIGTERM; the same study goes on.
    """
    failed = {}
    for place, (name, settings) in enumerate(runs.items(), start=1):
        logging.info("%s (%d of %d)", name, place, len(runs))
        reason = _failed_backbone(settings, runs, failed) or _train(name, settings, command)
        if reason:
            logging.error("%s: %s", name, reason)
            failed[name] = reason
    return failed


def _failed_backbone(settings, runs, failed):
    folders = {runs[name].path_save_model: name for name in failed}
    wanted = [folders.get(getattr(settings, backbone)) for backbone in BACKBONES]
    backbones = [name for name in wanted if name]
    return f"not trained: its backbone {', '.join(backbones)} failed" if backbones else None


def _train(name, settings, command):
    """Train one run; None, or why it failed."""
    run = RunFolder(settings.path_save_model)
    if run.is_finished:
        other = run.other_flags(settings, may_change=_PLACES)
        if other:
            return f"{run.path} holds a finished run of other settings: {'; '.join(other)}"
        logging.info("%s: finished already", name)
        return None
    status = _run([*command, *settings.flagfile().splitlines()], name)
    if status == 0:
        return None
    if status < 0:
        return f"killed by {signal.Signals(-status).name}; the same study goes on with it"
    return f"exit status {status}; what it said stands above"


def _run(command, name):
    """Run a process to its end and give its exit status; `stop_signals` are passed on to it.

    It has a session of its own, so that Ctrl-C in a terminal does not reach it twice: the second
    would end it in the middle of an epoch.
    """
    process, received = None, []

    def pass_on(number, _):
        received.append(number)
        if process:
            process.send_signal(number)

    before = {number: signal.signal(number, pass_on) for number in stop_signals()}
    try:
        process = subprocess.Popen(command, start_new_session=True, env=child_environment())
        if received:  # before there was a process
            process.send_signal(received[0])
        status = process.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if received:
        raise Interrupted(
            f"{signal.Signals(received[0]).name}: {name} was under way; the same study goes on",
            received[0],
        )
    return status
