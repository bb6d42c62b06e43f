"""Checks for signals that cannot be an ECG.

The checks find wrong units, marks for missing samples, padding, clipping and disconnected
electrodes. `ecg_tf.layers.validity` has the same limits as operations of a network. Of the 19,230
records in PTB-XL's folds 1-9, three are refused, each because an electrode was off; no record has a
range near the limits.
"""

from collections.abc import Sequence

import numpy as np

from ecg_tf.leads import SAMPLES, SAMPLING_RATE

LOWEST_RANGE, HIGHEST_RANGE = 0.01, 50.0  # mV, highest minus lowest sample

# A lead is divided into parts of equal length. A part is flat if it and its neighbours, at least
# `FLAT_SUCCESSION` parts in succession, each have a range of at most `FLAT_RANGE`. Shorter flat
# stretches occur between the beats of an ECG without noise.
FLAT_SECONDS = 0.2  # length of a part
FLAT_SUCCESSION = 5
FLAT_RANGE = 0.0015  # mV: one step of a resolution of 1 µV
FLAT_SHARE = 0.2  # a lead is refused if at least this share of its parts is flat

# Three samples in succession at the lowest or at the highest value are clipped if this value is far
# from the mean. In an ECG without noise, the line between the beats may be the lowest value.
CLIPPED_DISTANCE = 0.25  # least distance from the mean, as a share of the range
CLIPPED_SHARE = 0.05  # a lead is refused if at least this share of its samples is clipped

# Whole numbers that devices write in place of missing samples (-32768, -9999, …), read as µV or as
# half µV. They are marks only in a lead with a large range: with an offset of 10 mV, an ordinary
# sample may be 9.999 mV.
MARKS = (32.768, 32.767, 16.384, 16.383, 9.999)  # mV, of either sign
MARK_TOLERANCE = 5e-6  # mV
MARK_RANGE = 5.0  # mV


_SECONDS = SAMPLES / SAMPLING_RATE


def flat_parts(seconds: float) -> int:
    """Return the number of parts into which a lead is divided.

    Args:
        seconds: duration of the lead, s.

    Examples:
        >>> from ecg_tf.plausibility import flat_parts
        >>> flat_parts(10)
        50
    """
    return round(seconds / FLAT_SECONDS)


def problem(samples: np.ndarray, lead: str, seconds: float = _SECONDS) -> str | None:
    """Describe why the signal of a lead cannot be an ECG.

    Args:
        samples: float (time,) millivolt at any sampling rate, unfiltered, with any offset.
        lead: name of the lead.
        seconds: duration of `samples`, s.

    Returns:
        The first problem found, or None if the signal may be an ECG.

    Examples:
        >>> import numpy as np
        >>> from ecg_tf.plausibility import problem
        >>> problem(np.zeros(1000), "II")
        'lead II is flat, and it is an input of the network'
    """
    bad = np.count_nonzero(~np.isfinite(samples))
    if bad:
        return f"{bad} of {len(samples)} samples of {lead} are missing or not finite"
    low, high = float(samples.min()), float(samples.max())
    if low == high:
        return f"lead {lead} is flat, and it is an input of the network"
    if high - low > HIGHEST_RANGE:
        return (
            f"lead {lead} has a range of {high - low:.4g} mV, expected at most {HIGHEST_RANGE:g} "
            "mV: are the unit and the gain right, and are missing samples marked by a number?"
        )
    if high - low < LOWEST_RANGE:
        return (
            f"lead {lead} has a range of {high - low:.2g} mV, expected at least {LOWEST_RANGE:g} "
            "mV: are the unit and the gain right?"
        )
    for value in low, high:
        if high - low > MARK_RANGE and _is_mark(value):
            return f"lead {lead} holds {value:g} mV, which marks a missing sample"
    flat = _flat_share(samples, flat_parts(seconds))
    if flat >= FLAT_SHARE:
        return (
            f"lead {lead} does not change in {flat:.0%} of the recording, expected less than "
            f"{FLAT_SHARE:.0%}: is it padded, or was an electrode off?"
        )
    clipped = _clipped_share(samples, low, high)
    if clipped >= CLIPPED_SHARE:
        return (
            f"lead {lead} is at its lowest or highest value in {clipped:.0%} of the recording, "
            f"expected less than {CLIPPED_SHARE:.0%}: is it clipped?"
        )
    return None


def without_problems(
    ecg: np.ndarray, leads: Sequence[str], names: Sequence[str], seconds: float = _SECONDS
) -> tuple[np.ndarray, list[str]]:
    """Set the leads that cannot be an ECG to zero.

    Args:
        ecg: float32 (batch, time, lead) millivolt; it is not changed.
        leads: names of the leads of `ecg`.
        names: names of the leads to check.
        seconds: duration of each ECG, s.

    Returns:
        ecg: a copy, with 0 throughout each checked lead that cannot be an ECG.
        problems: the first problem of each ECG, or "".

    Examples:
        >>> import numpy as np
        >>> from ecg_tf.plausibility import without_problems
        >>> _, problems = without_problems(np.zeros((1, 1000, 2), np.float32), ("I", "II"), ("I",))
        >>> problems
        ['lead I is flat, and it is an input of the network']
    """
    ecg, problems = ecg.copy(), [""] * len(ecg)
    for k, one in enumerate(ecg):
        for name in names:
            samples = one[:, leads.index(name)]
            found = problem(samples, name, seconds)
            if found:
                problems[k] = problems[k] or found
                samples[:] = 0
    return ecg, problems


def _is_mark(value: float) -> bool:
    return any(abs(abs(value) - mark) < MARK_TOLERANCE for mark in MARKS)


def _flat_share(samples: np.ndarray, parts: int) -> float:
    # The parts of np.array_split: if the division has a remainder, the first are longer by one.
    length, longer = divmod(len(samples), parts)
    starts = np.arange(parts) * length + np.minimum(np.arange(parts), longer)
    ranges = np.maximum.reduceat(samples, starts) - np.minimum.reduceat(samples, starts)
    flat = ranges <= FLAT_RANGE
    if not flat.any():
        return 0.0
    long = np.zeros(parts, bool)
    for k in range(parts - FLAT_SUCCESSION + 1):
        if flat[k : k + FLAT_SUCCESSION].all():
            long[k : k + FLAT_SUCCESSION] = True
    return long.mean()


def _clipped_share(samples: np.ndarray, low: float, high: float) -> float:
    found = 0.0
    for value in low, high:
        at = samples == value
        if np.count_nonzero(at) < 3:  # not three in succession
            continue
        if abs(samples.mean() - value) > CLIPPED_DISTANCE * (high - low):
            found += np.mean(at[:-2] & at[1:-1] & at[2:])
    return found
