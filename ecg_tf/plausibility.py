"""What no ECG can be: wrong units, marks for missing samples, padding, clipping, lost electrodes.

`ecg_tf.layers.validity` has the same limits as operations of a network. None of PTB-XL's folds 1-9
(19,230 records) has a range near the limits; three are refused, each for an electrode that was off.
"""

import numpy as np

LOWEST_RANGE, HIGHEST_RANGE = 0.01, 50.0  # mV, between the lowest and the highest sample

# A lead is divided into parts of equal length. Parts within `FLAT_RANGE` are flat if there are
# several in succession: between the beats of an ECG without noise there are shorter ones.
FLAT_PARTS = 50  # of 0.2 s
FLAT_SUCCESSION = 5
FLAT_RANGE = 0.0015  # mV: one step of a resolution of 1 µV
FLAT_SHARE = 0.2  # of the parts, from which on a lead is refused

# Three samples in succession at the lowest or at the highest value are clipped, if that is far from
# the mean: without noise, the line between the beats may be the lowest value.
CLIPPED_DISTANCE = 0.25  # of the range
CLIPPED_SHARE = 0.05  # of the samples, from which on a lead is refused

# Whole numbers that devices write in the place of a missing sample (-32768, -9999, …) and that are
# taken as µV, or as half µV. They are marks only in a lead of a large range: with an offset of
# 10 mV an ordinary sample may be 9.999 mV.
MARKS = (32.768, 32.767, 16.384, 16.383, 9.999)  # mV, of either sign
MARK_TOLERANCE = 5e-6  # mV
MARK_RANGE = 5.0  # mV


def problem(samples, lead):
    """Say why a lead cannot be an ECG.

    Args:
        samples: (time,) float millivolt, 10 s at any rate, unfiltered, with any offset.
        lead: its name.

    Returns:
        str, or None if it may be an ECG.
    """
    bad = np.count_nonzero(~np.isfinite(samples))
    if bad:
        return f"{bad} of {len(samples)} samples of {lead} are missing or not finite"
    low, high = float(samples.min()), float(samples.max())
    if low == high:
        return f"lead {lead} is flat, and the network looks at it"
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
    flat = _flat_share(samples)
    if flat >= FLAT_SHARE:
        return (
            f"lead {lead} does not change in {flat:.0%} of the time, expected less than "
            f"{FLAT_SHARE:.0%}: is it padded, or was an electrode off?"
        )
    clipped = _clipped_share(samples, low, high)
    if clipped >= CLIPPED_SHARE:
        return (
            f"lead {lead} is at its lowest or highest value in {clipped:.0%} of the time, expected "
            f"less than {CLIPPED_SHARE:.0%}: is it clipped?"
        )
    return None


def without_problems(ecg, leads, names):
    """ECGs whose implausible leads are zeros.

    Args:
        ecg: float32 (batch, time, lead) millivolt, left as it is.
        leads: names of its last axis.
        names: of the leads that matter.

    Returns:
        ecg: the same, with 0 throughout each lead of `names` that cannot be an ECG.
        problems: list of str, the first problem of each ECG, or "".
    """
    ecg, problems = ecg.copy(), [""] * len(ecg)
    for k, one in enumerate(ecg):
        for name in names:
            samples = one[:, leads.index(name)]
            found = problem(samples, name)
            if found:
                problems[k] = problems[k] or found
                samples[:] = 0
    return ecg, problems


def _is_mark(value):
    return any(abs(abs(value) - mark) < MARK_TOLERANCE for mark in MARKS)


def _flat_share(samples):
    flat = np.array([np.ptp(part) <= FLAT_RANGE for part in np.array_split(samples, FLAT_PARTS)])
    long = np.zeros(FLAT_PARTS, bool)
    for k in range(FLAT_PARTS - FLAT_SUCCESSION + 1):
        if flat[k : k + FLAT_SUCCESSION].all():
            long[k : k + FLAT_SUCCESSION] = True
    return long.mean()


def _clipped_share(samples, low, high):
    found = 0.0
    for value in low, high:
        if abs(samples.mean() - value) > CLIPPED_DISTANCE * (high - low):
            at = samples == value
            found += np.mean(at[:-2] & at[1:-1] & at[2:])
    return found
