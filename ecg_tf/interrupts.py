"""Ctrl-C and processes that a script starts."""

import contextlib
import signal


@contextlib.contextmanager
def kept_from_children():
    """Processes that are started meanwhile never see Ctrl-C: who started them ends them.

    A terminal sends it to all of them, and each would end in a stack trace of its own.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
