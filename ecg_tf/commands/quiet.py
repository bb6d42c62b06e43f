"""What a command shows on standard error: its own lines, none of TensorFlow, Keras and the like."""

import logging
import os
import signal
import sys
import warnings
from pathlib import Path

from absl import logging as absl_logging

from ecg_tf.commands.output_streams import OutputStream

_PACKAGE = Path(__file__).resolve().parent.parent
_FILTER = str(Path(__file__).with_name("line_filter.py"))


def show_own_lines_only():
    """Hide what other libraries log, warn of and print at their start, in this process.

    To be called before they are imported. Errors that they log are shown. The lines that ecg_tf
    logs are shown without absl's prefix.
    """
    # Libraries read these at their import: what fails is raised all the same.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("HF_HUB_VERBOSITY", "error")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
    handler = absl_logging.get_absl_handler().python_handler
    handler.addFilter(_is_shown)
    handler.setFormatter(_PlainFormatter())
    if sys.stderr:  # None if standard error is closed
        before = sys.stderr
        _filter_other_lines()
        if handler.stream is before:  # otherwise the file of -log_dir
            handler.setStream(sys.stderr)


def _filter_other_lines():
    """Let C++ libraries write to line_filter.py until the process ends, and `sys.stderr` past it.

    Some libraries print before or without reading TF_CPP_MIN_LOG_LEVEL, always to file descriptor
    2. `sys.stderr` becomes a stream on a copy of it, which may be a terminal.
    """
    sys.stderr.flush()
    shown = os.dup(2)
    unfiltered, into = os.pipe()
    os.posix_spawn(
        sys.executable,
        [sys.executable, "-I", "-S", _FILTER],
        os.environ,
        file_actions=[(os.POSIX_SPAWN_DUP2, unfiltered, 0), (os.POSIX_SPAWN_DUP2, 2, 1)],
        # Blocked: sent to all processes of a terminal, but the filter has to be the last to end.
        setsigmask=[signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT],
    )
    os.close(unfiltered)
    os.dup2(into, 2)
    os.close(into)
    encoding, errors = sys.stderr.encoding, sys.stderr.errors
    sys.stderr = OutputStream(
        open(  # noqa: SIM115
            shown, "w", buffering=1, encoding=encoding, errors=errors, closefd=False
        )
    )


def _is_shown(record):
    return record.levelno >= logging.ERROR or _PACKAGE in Path(record.pathname).parents


class _PlainFormatter(logging.Formatter):
    """The message alone, after "warning: " or "error: "."""

    def format(self, record):
        message = super().format(record)
        if record.levelno < logging.WARNING:
            return message
        return f"{'error' if record.levelno >= logging.ERROR else 'warning'}: {message}"
