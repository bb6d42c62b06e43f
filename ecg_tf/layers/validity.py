"""Checks of leads: valid, plausible, without offset."""

import keras
from keras import ops

from ecg_tf.plausibility import (
    CLIPPED_DISTANCE,
    CLIPPED_SHARE,
    FLAT_RANGE,
    FLAT_SHARE,
    FLAT_SUCCESSION,
    HIGHEST_RANGE,
    LOWEST_RANGE,
    MARK_RANGE,
    MARK_TOLERANCE,
    MARKS,
    flat_parts,
)


def valid_leads(ecg: keras.KerasTensor) -> keras.KerasTensor:
    """Check that each lead is finite and not flat.

    Args:
        ecg: (batch, time, lead), unfiltered.

    Returns:
        bool (batch, lead), True for valid leads.

    Examples:
        >>> import numpy as np
        >>> from ecg_tf.layers import valid_leads
        >>> np.asarray(valid_leads(np.array([[[0.0, 1.0, np.nan], [0.0, 2.0, 1.0]]]))).tolist()
        [[False, True, False]]
    """
    finite = ops.all(_finite(ecg), axis=1)
    return ops.logical_and(finite, ops.max(ecg, axis=1) > ops.min(ecg, axis=1))


def zero_invalid(ecg: keras.KerasTensor) -> keras.KerasTensor:
    """Replace invalid leads by zeros, so that no later step computes with NaN."""
    return ops.where(valid_leads(ecg)[:, None, :], ecg, 0.0)


def plausible_leads(ecg: keras.KerasTensor, seconds: float = 10) -> keras.KerasTensor:
    """Check that each lead can be an ECG, by the criteria of `ecg_tf.plausibility.problem`.

    Args:
        ecg: (batch, time, lead) millivolt, unfiltered.
        seconds: duration of each ECG, s.

    Returns:
        bool (batch, lead), True for plausible leads.

    Examples:
        >>> import numpy as np
        >>> from ecg_tf.layers import plausible_leads
        >>> noise = np.random.default_rng(0).normal(size=(1, 1000, 1))
        >>> ecg = np.concatenate([noise, 1000 * noise], axis=2).astype("float32")
        >>> np.asarray(plausible_leads(ecg)).tolist()  # the range of the second is too large
        [[True, False]]
    """
    finite = _finite(ecg)
    # Without NaN from here on: runtimes do not agree on the maximum of NaN.
    ecg = ops.where(finite, ecg, 0.0)
    low, high = ops.min(ecg, axis=1), ops.max(ecg, axis=1)
    extent, parts = high - low, flat_parts(seconds)
    passed = [
        ops.all(finite, axis=1),
        extent <= HIGHEST_RANGE,
        extent >= LOWEST_RANGE,
        ops.logical_or(extent <= MARK_RANGE, _unmarked(low, high)),
        _flat_parts(ecg, parts) < FLAT_SHARE * parts,
        _clipped_share(ecg, low, high) < CLIPPED_SHARE,
    ]
    return ops.all(ops.stack(passed), axis=0)


def without_offset(ecg: keras.KerasTensor) -> keras.KerasTensor:
    """Subtract the mean over time from each lead.

    The first sample is subtracted first, which is exact, so that float32 does not sum large
    numbers: even an offset of 300 mV is removed completely.

    Args:
        ecg: float32 (batch, time, lead).

    Returns:
        float32 (batch, time, lead).

    Examples:
        >>> import numpy as np
        >>> from ecg_tf.layers import without_offset
        >>> np.asarray(without_offset(np.array([[[300.0], [302.0]]], "float32"))).ravel().tolist()
        [-1.0, 1.0]
    """
    ecg = ecg - ecg[:, :1]
    return ecg - ops.mean(ecg, axis=1, keepdims=True)


def _finite(ecg: keras.KerasTensor) -> keras.KerasTensor:
    return ops.abs(ecg) < float("inf")  # LiteRT has no isfinite


def _unmarked(low: keras.KerasTensor, high: keras.KerasTensor) -> keras.KerasTensor:
    """True for each lead whose minimum and maximum are not one of `MARKS`."""
    extremes = ops.abs(ops.stack([low, high], axis=-1))
    distances = [ops.min(ops.abs(extremes - mark), axis=-1) for mark in MARKS]
    return ops.min(ops.stack(distances), axis=0) >= MARK_TOLERANCE


def _flat_parts(ecg: keras.KerasTensor, parts: int) -> keras.KerasTensor:
    """The number of flat parts of each lead, in runs of `FLAT_SUCCESSION` or more."""
    length, longer = divmod(ecg.shape[1], parts)  # the first parts have one sample more
    ranges = [
        _ranges(x, count)
        for x, count in (
            (ecg[:, : longer * (length + 1)], longer),
            (ecg[:, longer * (length + 1) :], parts - longer),
        )
        if count
    ]
    flat = ops.concatenate(ranges, axis=1) if longer else ranges[0]
    flat = ops.cast(flat <= FLAT_RANGE, "float32")
    # 1 where a run of `FLAT_SUCCESSION` flat parts starts
    begins = flat[:, : parts - FLAT_SUCCESSION + 1]
    for k in range(1, FLAT_SUCCESSION):
        begins = begins * flat[:, k : k + parts - FLAT_SUCCESSION + 1]
    successions = begins[:, 0] + ops.sum(begins[:, 1:] * (1.0 - begins[:, :-1]), axis=1)
    return ops.sum(begins, axis=1) + (FLAT_SUCCESSION - 1) * successions


def _ranges(ecg: keras.KerasTensor, parts: int) -> keras.KerasTensor:
    """The range of each lead in each of `parts` parts of equal length, (batch, part, lead)."""
    _, time, leads = ecg.shape
    ecg = ops.reshape(ecg, (-1, parts, time // parts, leads))
    return ops.max(ecg, axis=2) - ops.min(ecg, axis=2)


def _clipped_share(
    ecg: keras.KerasTensor, low: keras.KerasTensor, high: keras.KerasTensor
) -> keras.KerasTensor:
    mean = ops.mean(ecg, axis=1)

    def share(value: object) -> keras.KerasTensor:
        at = ops.cast(ops.equal(ecg, value[:, None]), "float32")
        far = ops.abs(mean - value) > CLIPPED_DISTANCE * (high - low)
        return ops.cast(far, "float32") * ops.mean(at[:, :-2] * at[:, 1:-1] * at[:, 2:], axis=1)

    return share(low) + share(high)
