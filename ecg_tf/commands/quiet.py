"""What a command shows on standard error: its own lines, none of TensorFlow, Keras and the like."""

import contextlib
import functools
import importlib.abc
import logging
import os
import subprocess
import sys
import warnings
from pathlib import Path

from absl import logging as absl_logging

from ecg_tf.processes import kept_from_children

_PACKAGE = Path(__file__).resolve().parent.parent
_FILTER = Path(__file__).with_name("line_filter.py")
_FRAMEWORKS = ("tensorflow", "jax", "onnxruntime")  # print lines while they are imported

_hiding = False


def show_own_lines_only():
    """Hide what other libraries log, warn of and print at their start, in this process.

    To be called before they are imported. Errors that they log are shown. The lines that ecg_tf
    logs are shown without absl's prefix.
    """
    global _hiding
    _hiding = True
    # C++ libraries, once they have read this: what fails is raised all the same.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
    handler = absl_logging.get_absl_handler().python_handler
    handler.addFilter(_is_shown)
    handler.setFormatter(_PlainFormatter())
    sys.meta_path.insert(0, _QuietImports())


@contextlib.contextmanager
def startup_lines_hidden():
    """Hide what C++ libraries print at their start while the block runs; all else is shown.

    Does nothing unless `show_own_lines_only` was called.

    Needed where they print before or without reading TF_CPP_MIN_LOG_LEVEL: while they are imported,
    and in the first answer of LiteRT.
    """
    try:
        shown = os.dup(2) if _hiding else None
    except OSError:  # standard error is closed
        shown = None
    if shown is None:
        yield
        return
    unfiltered, into = os.pipe()
    with kept_from_children():
        program = subprocess.Popen(
            [sys.executable, "-I", "-S", _FILTER], stdin=unfiltered, stderr=shown
        )
    os.close(unfiltered)
    _set_standard_error(into)
    try:
        yield
    finally:
        _set_standard_error(shown)
        with contextlib.suppress(subprocess.TimeoutExpired):  # a child still has the other one
            program.wait(5)


def _set_standard_error(descriptor):
    """Write to `descriptor`, which is closed, where file descriptor 2 is written to."""
    if sys.stderr:
        sys.stderr.flush()
    os.dup2(descriptor, 2)
    os.close(descriptor)


class _QuietImports(importlib.abc.MetaPathFinder):
    """Imports frameworks under `startup_lines_hidden`."""

    def find_spec(self, name, path=None, target=None):
        if name not in _FRAMEWORKS:
            return None
        others = (finder for finder in sys.meta_path if finder is not self)
        spec = next(filter(None, (finder.find_spec(name, path, target) for finder in others)), None)
        if spec and spec.loader:
            spec.loader.exec_module = functools.partial(_exec_quietly, spec.loader.exec_module)
        return spec


def _exec_quietly(exec_module, module):
    with startup_lines_hidden():
        exec_module(module)


def _is_shown(record):
    return record.levelno >= logging.ERROR or _PACKAGE in Path(record.pathname).parents


class _PlainFormatter(logging.Formatter):
    """The message alone, after "warning: " or "error: "."""

    def format(self, record):
        message = super().format(record)
        if record.levelno < logging.WARNING:
            return message
        return f"{'error' if record.levelno >= logging.ERROR else 'warning'}: {message}"
