"""Graphs for other runtimes and machines: without XLA and cuDNN."""

import contextlib
from collections.abc import Callable, Iterator

_gru = None  # the function that computes every `GRU` inside `portable`
_has_fourier = True  # whether layers may compute Fourier transforms


@contextlib.contextmanager
def portable(gru: Callable, fourier: bool = False) -> Iterator[None]:
    """Trace every layer for graphs that need neither XLA nor cuDNN, inside a `with` block.

    Args:
        gru: function that computes each `GRU`; its arguments are those of
            `ecg_tf.kernels.gru.gru` without `training` and `dtype`.
        fourier: whether the other runtime has Fourier transforms of real signals.
    """
    global _gru, _has_fourier
    before, _gru, _has_fourier = (_gru, _has_fourier), gru, fourier
    try:
        yield
    finally:
        _gru, _has_fourier = before


def portable_gru() -> Callable | None:
    """The function that `portable` was given, inside its block; None elsewhere."""
    return _gru


def is_portable() -> bool:
    """True inside a block of `portable`."""
    return _gru is not None


def has_fourier() -> bool:
    """False inside a block of `portable` for a runtime without Fourier transforms."""
    return _has_fourier
