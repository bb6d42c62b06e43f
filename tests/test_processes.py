"""Ctrl-C reaches the process that a terminal's user started, not those that it started itself."""

import signal
import subprocess
import sys

from ecg_tf.processes import kept_from_children

INTERRUPTS_ITSELF = "import os, signal; os.kill(os.getpid(), signal.SIGINT); print('alive')"


def test_processes_started_meanwhile_do_not_see_ctrl_c():
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    with kept_from_children():
        child = subprocess.run(
            [sys.executable, "-c", INTERRUPTS_ITSELF], capture_output=True, text=True
        )
    assert child.stdout == "alive\n"
    assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == before
