"""Processes that a process starts: Ctrl-C, and their end."""

import signal
import subprocess
import sys
import time
from pathlib import Path

from ecg_tf.processes import child_environment, kept_from_children

INTERRUPTS_ITSELF = "import os, signal; os.kill(os.getpid(), signal.SIGINT); print('alive')"


def test_processes_started_meanwhile_do_not_see_ctrl_c():
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    with kept_from_children():
        child = subprocess.run(
            [sys.executable, "-c", INTERRUPTS_ITSELF], capture_output=True, text=True
        )
    assert child.stdout == "alive\n"
    assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == before


KILLED = """
import multiprocessing, os, signal, time
from concurrent.futures import ProcessPoolExecutor
from ecg_tf.processes import end_with_parent

if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    workers = ProcessPoolExecutor(1, context, end_with_parent)
    print(workers.submit(os.getpid).result(), flush=True)
    workers.submit(time.sleep, 60)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_workers_end_with_a_killed_parent(tmp_path):
    (tmp_path / "killed.py").write_text(KILLED)
    with subprocess.Popen(
        [sys.executable, tmp_path / "killed.py"],
        stdout=subprocess.PIPE,
        text=True,
        env=child_environment(),
    ) as process:
        worker = int(process.stdout.readline())
        assert process.wait() == -signal.SIGKILL
    until = time.monotonic() + 20
    while _runs(worker) and time.monotonic() < until:
        time.sleep(0.02)
    assert not _runs(worker)


def _runs(process):
    """Return True for a process that has not ended; one that nobody waits for is a zombie."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
