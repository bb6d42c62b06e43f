"""Processes that a command starts: what they see of Ctrl-C and of the modules of this one."""

import contextlib
import os
import signal
import sys


@contextlib.contextmanager
def kept_from_children():
    """Processes started meanwhile never see Ctrl-C; the process that started them ends them.

    A terminal sends Ctrl-C to all of them, and each would end with a stack trace of its own.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def child_environment(**changes):
    """Environment variables for a Python process that imports what this one can import.

    Args:
        changes: further variables, and their values.

    Returns:
        A dictionary: `os.environ` with `changes` and this process's `sys.path`.
    """
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **changes}
