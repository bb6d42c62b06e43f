"""Graphs for other runtimes and machines: without XLA and cuDNN."""

import contextlib
from collections.abc import Callable, Iterator

_gru = None  # the function that computes every `GRU` inside `portable`


@contextlib.contextmanager
def portable(gru: Callable) -> Iterator[None]:
    """Trace every layer for graphs that need neither XLA nor cuDNN, inside a `with` block.

    Args:
        gru: function that computes each `GRU`; its arguments are those of
            `ecg_tf.kernels.gru.gru` without `training` and `dtype`.
    """
    global _gru
    before, _gru = _gru, gru
    try:
        yield
    finally:
        _gru = before


def portable_gru() -> Callable | None:
    """The function that `portable` was given, inside its block; None elsewhere."""
    return _gru


def is_portable() -> bool:
    """True inside a block of `portable`."""
    return _gru is not None
