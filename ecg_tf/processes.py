"""Processes that a command starts: Ctrl-C, and the environment they inherit."""

import contextlib
import os
import signal
import sys


@contextlib.contextmanager
def kept_from_children():
    """Start processes that ignore Ctrl-C while the block runs; this process has to end them.

    A terminal sends Ctrl-C to all processes, and each would end with its own stack trace.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def child_environment(**changes):
    """Make the environment of a Python process that finds the same modules as this one.

    Args:
        changes: further environment variables.

    Returns:
        A dictionary: `os.environ` with `changes`, and the current `sys.path` as PYTHONPATH.
    """
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **changes}
