"""The sampling rate that a column of times in a CSV file states."""

import re

import numpy as np

from ecg_tf.errors import RecordError

_TIME = re.compile(
    r"(?:(?:elapsed|relative|sample)[\s_]*)?time(?:[\s_]*stamps?)?|t|timestamps?|date[\s_]*time"
    r"|time and date|seconds?|secs?|milliseconds?|ms"
)
_COUNTER = re.compile(r"samples?(?:[\s_]*(?:#|no\.?|num(?:ber)?|index|interval))?")
_SUFFIX = re.compile(r"(.+?)[\s_]+(s|secs?|seconds?|ms|msecs?|milliseconds?|us|microseconds?)")
_SECONDS = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1.0),
    **dict.fromkeys(("min", "minute", "minutes"), 60.0),
    **dict.fromkeys(("ms", "msec", "msecs", "millisecond", "milliseconds"), 1e-3),
    **dict.fromkeys(("us", "µs", "μs", "usec", "microsecond", "microseconds"), 1e-6),
}
# 0:00.003, 12:30:01.5, [12:30:00.000 01/04/1996]
_CLOCK = r"^\[?(?:(\d+):)?(\d+):(\d+(?:\.\d*)?)(?: \d+/\d+/\d+)?\]?$"
_DAY = 86_400  # seconds
_RATES = 50, 2500  # Hz, of nearly all ECGs; times in minutes would mean 3000 Hz or more
_ALIKE = 1e-3  # relative difference below which a measured and a nominal rate are equal


def is_time(name):
    """Return True for the name of a column of times or of a counter of samples."""
    name = _parted(name)[0]
    return bool(_TIME.fullmatch(name) or _COUNTER.fullmatch(name))


@np.errstate(all="ignore")  # times may be any numbers
def stated_rate(path, name, unit, cells, sampling_rate):
    """Return the sampling rate that a column of times states.

    Args:
        path: path of the file, for errors.
        name: name of the column.
        unit: unit of the times as the file states it, or None.
        cells: Series of str (time,).
        sampling_rate: Hz, as the user stated it, or None.

    Returns:
        Hz; None if the column does not determine it: a counter, times that are too coarse or have
        no unit, or no times at all.

    Raises:
        RecordError: the times are not evenly spaced, or contradict `sampling_rate`.
    """
    times, seconds = _times(cells)
    rows = np.flatnonzero(np.isfinite(times))
    times = times[rows]
    if len(times) < 2 or times[0] == times[-1]:
        return None
    step, doubt = _even_step(path, name, rows, times)
    lower, suffix = _parted(name)
    stated = seconds or _SECONDS.get((unit or suffix or lower).lower())
    seconds = stated or (None if unit or step == 1 else _likely(step))
    if seconds is None or _COUNTER.fullmatch(lower):
        return None
    low, high = 1 / ((step + doubt) * seconds), 1 / (max(step - doubt, step / 2) * seconds)
    if sampling_rate and not low * (1 - _ALIKE) <= sampling_rate <= high * (1 + _ALIKE):
        raise RecordError(
            f"{path}: its column {name} states {_round_rate(low, high):g} Hz, but -sampling_rate "
            f"is {sampling_rate:g} Hz"
        )
    known = (stated or seconds == 1) and high - low < _ALIKE * low
    return _round_rate(low, high) if known else None


def _parted(name):
    """Split a column's name, in lower case, into the name and the unit at its end (or None)."""
    name = name.lower()
    match = _SUFFIX.fullmatch(name)
    return (match[1], match[2]) if match else (name, None)


def _times(cells):
    """Return times as float64 (time,), NaN where missing, and their unit in seconds if known."""
    import pandas as pd

    numbers = pd.to_numeric(cells, errors="coerce")
    if numbers.notna().any():
        return numbers.to_numpy(np.float64), None
    cells = cells.str.strip(" '\"").str.replace(",", ".")
    numbers = pd.to_numeric(cells, errors="coerce")
    if numbers.notna().any():
        return numbers.to_numpy(np.float64), None
    clock = cells.str.extract(_CLOCK).astype(np.float64)
    if clock[2].notna().any():
        times = (clock[0].fillna(0) * 60 + clock[1]) * 60 + clock[2]
        times = times.to_numpy(np.float64, copy=True)
        there = np.isfinite(times)
        times[there] = np.unwrap(times[there], period=_DAY)  # a recording may pass midnight
        return times, 1.0
    dates = pd.to_datetime(cells, format="ISO8601", errors="coerce", utc=True)
    return (dates - dates.min()).dt.total_seconds().to_numpy(np.float64), 1.0


def _resolution(times):
    """Return the last decimal place of the times; 0 if they have more than nine."""
    for places in range(10):
        scaled = times * 10.0**places
        if np.abs(scaled - np.rint(scaled)).max() < 1e-3:
            return 10.0**-places
    return 0.0


def _even_step(path, name, rows, times):
    """Return the time from one sample to the next, and the largest error of this time.

    Raises:
        RecordError: times are missing, repeated or out of order.
    """
    resolution = _resolution(times)
    steps = np.diff(times) / np.diff(rows)
    step, doubt = (times[-1] - times[0]) / np.ptp(rows), resolution / np.ptp(rows)
    usual, rounding = np.median(steps), resolution
    if usual > 0 and np.mean(np.abs(steps / usual - 1) < 1e-3) > 0.99:  # the steps are not rounded
        step, doubt, rounding = usual, 0.0, 0.0
    elif resolution < step / 4:
        rounding = 0.0
    wrong = np.abs(steps - step) * np.diff(rows)
    worst = wrong.argmax()
    if step < 0 or wrong[worst] > step / 2 + rounding:
        raise RecordError(
            f"{path}: its column {name} goes from {times[worst]:.10g} to {times[worst + 1]:.10g} "
            f"at sample {rows[worst + 1] + 1}, expected even steps like {usual:.4g}; without this "
            "column the samples are taken as evenly spaced"
        )
    return (times[-1] - times[0]) / np.ptp(rows), doubt


def _likely(step):
    """Return the unit, in seconds, that gives a sampling rate of an ECG; at most one does."""
    return next(
        (one for one in (1.0, 1e-3, 1e-6) if _RATES[0] <= 1 / (step * one) <= _RATES[1]), None
    )


def _round_rate(low, high):
    """Return the rate between `low` and `high` with the fewest decimals."""
    middle = (low + high) / 2
    slack = 1e-6 * middle
    return next(
        (
            rate
            for places in range(7)
            if low - slack <= (rate := round(middle, places)) <= high + slack
        ),
        middle,
    )
