"""Timing of steps, and rows of a table."""

import time

_WARM, _SECONDS, _FEWEST, _MOST = 3, 0.3, 5, 50


def seconds_of_a_step(run, toy=False):
    """Mean duration of a step, over some 0.3 s.

    Args:
        run: function that runs a number of steps and waits for the last.
        toy: True to measure a single step.
    """
    run(1 if toy else _WARM)
    steps = 1
    if not toy:
        start = time.perf_counter()
        run(2)
        one = (time.perf_counter() - start) / 2
        steps = int(min(_MOST, max(_FEWEST, _SECONDS / one)))
    start = time.perf_counter()
    run(steps)
    return (time.perf_counter() - start) / steps


def said(row):
    """Print a row at once, in case that the process is ended before it returns; return it."""
    values = (f"{value:.5g}" if isinstance(value, float) else str(value) for value in row.values())
    print("  ", *values, flush=True)
    return row
