"""Processes that a command starts: Ctrl-C, and what they inherit."""

import contextlib
import multiprocessing
import os
import signal
import sys
import threading


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


def end_with_parent():
    """End this process, a worker of a pool, as soon as its parent has ended, even if killed."""

    def wait():
        multiprocessing.parent_process().join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def child_environment(**changes):
    """Make the environment of a Python process that finds the same modules as this one.

    Args:
        changes: further environment variables.

    Returns:
        A dictionary: `os.environ` with `changes`, and the current `sys.path` as PYTHONPATH.
    """
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **changes}


def own_standard_error():
    """Return the file descriptor that `sys.stderr` writes to, None if it has none.

    In a command this is what the user sees, often a terminal, and file descriptor 2 is a filter,
    see `ecg_tf.commands.quiet`. A process whose own standard error is to be seen gets it as its
    `stderr`.
    """
    try:
        return sys.stderr.fileno()
    except (AttributeError, ValueError):  # closed, or replaced by another kind of stream
        return None
