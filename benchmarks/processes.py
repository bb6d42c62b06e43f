"""Processes of ecg_tf: starting them on some cores, and the memory that they take."""

import os
import socket
import subprocess
import sys
from pathlib import Path

_KB = 1000
_ROOT = Path(__file__).parents[1]


def start(cores, backend, *command, folder=None, stderr=None):
    """Start `ecg_tf COMMAND…` on some cores.

    Args:
        cores: numbers of the cores that it may use.
        backend: Keras backend.
        *command: words of the command.
        folder: working directory.
        stderr: as for `subprocess.Popen`.

    Returns:
        A `subprocess.Popen`.
    """
    return subprocess.Popen(
        [sys.executable, "-m", "ecg_tf", *map(str, command)],
        cwd=folder,
        env={**os.environ, "KERAS_BACKEND": backend, "PYTHONPATH": str(_ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=stderr,
        preexec_fn=lambda: os.sched_setaffinity(0, cores),
    )


def two_processes():
    """The flags of a training by two processes of this machine, all but `-process`."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        coordinator = f"127.0.0.1:{free.getsockname()[1]}"
    return "-strategy", "data_parallel", "-coordinator", coordinator, "-processes", "2"


def megabytes(process):
    """The memory of a process and of all its descendants, MB; pages that they share count once.

    Args:
        process: number of the process.
    """
    pids, found = [process], 0
    for pid in pids:  # it grows
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            found += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
            for file in Path(f"/proc/{pid}/task").glob("*/children"):
                pids += map(int, file.read_text().split())
        except (OSError, StopIteration):  # it has ended
            continue
    return found / _KB
