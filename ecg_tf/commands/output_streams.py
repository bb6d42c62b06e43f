"""Standard output and standard error that say by one exception that they cannot be written."""

import contextlib
import os
import sys


class NotPrinted(Exception):  # noqa: N818
    """Standard output or standard error cannot be written; the cause is the OSError."""


class OutputStream:
    """A text stream that raises `NotPrinted` where it cannot write.

    Args:
        stream: the stream to write to.
    """

    def __init__(self, stream):
        self._stream = stream

    def __getattr__(self, name):
        return getattr(self._stream, name)

    def write(self, text):
        with _raising_not_printed():
            return self._stream.write(text)

    def flush(self):
        with _raising_not_printed():
            self._stream.flush()


def discard_unwritten():
    """Let standard output and standard error write to nowhere, where they cannot be written.

    Otherwise Python tries to write the rest when it ends, and ends with status 120.
    """
    for stream in filter(None, (sys.stdout, sys.stderr)):
        try:
            stream.flush()
        except (NotPrinted, OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


@contextlib.contextmanager
def _raising_not_printed():
    try:
        yield
    except OSError as error:
        raise NotPrinted from error
