"""Which leads carry an ECG at all."""

from keras import ops

from ecg_tf.plausibility import (
    CLIPPED_DISTANCE,
    CLIPPED_SHARE,
    FLAT_PARTS,
    FLAT_RANGE,
    FLAT_SHARE,
    FLAT_SUCCESSION,
    HIGHEST_RANGE,
    LOWEST_RANGE,
    MARK_RANGE,
    MARK_TOLERANCE,
    MARKS,
)


def valid_leads(ecg):
    """True for each lead that is finite throughout and not flat.

    Args:
        ecg: (batch, time, lead), before any filter.

    Returns:
        bool (batch, lead).
    """
    finite = ops.all(_finite(ecg), axis=1)
    return ops.logical_and(finite, ops.max(ecg, axis=1) > ops.min(ecg, axis=1))


def zero_invalid(ecg):
    """`ecg` with 0 in place of every invalid lead, so that nothing after it meets a NaN."""
    return ops.where(valid_leads(ecg)[:, None, :], ecg, 0.0)


def plausible_leads(ecg):
    """True for each lead of which `ecg_tf.plausibility.problem` says nothing.

    Args:
        ecg: (batch, time, lead) millivolt, before any filter; time is a multiple of 50.

    Returns:
        bool (batch, lead).
    """
    finite = _finite(ecg)
    # Without NaN from here on: runtimes do not agree on what is its maximum.
    ecg = ops.where(finite, ecg, 0.0)
    low, high = ops.min(ecg, axis=1), ops.max(ecg, axis=1)
    extent = high - low
    passed = [
        ops.all(finite, axis=1),
        extent <= HIGHEST_RANGE,
        extent >= LOWEST_RANGE,
        ops.logical_or(extent <= MARK_RANGE, _unmarked(low, high)),
        _flat_parts(ecg) < FLAT_SHARE * FLAT_PARTS,
        _clipped_share(ecg, low, high) < CLIPPED_SHARE,
    ]
    return ops.all(ops.stack(passed), axis=0)


def without_offset(ecg):
    """`ecg` with each lead's mean over time subtracted.

    The first sample is subtracted before, which is exact, so that float32 does not have to sum
    large numbers: of an offset of 300 mV nothing is left.

    Args:
        ecg: float32 (batch, time, lead).
    """
    ecg = ecg - ecg[:, :1]
    return ecg - ops.mean(ecg, axis=1, keepdims=True)


def _finite(ecg):
    return ops.abs(ecg) < float("inf")  # LiteRT has no isfinite


def _unmarked(low, high):
    """True for each lead whose extremes are none of `MARKS`."""
    extremes = ops.abs(ops.stack([low, high], axis=-1))
    distances = [ops.min(ops.abs(extremes - mark), axis=-1) for mark in MARKS]
    return ops.min(ops.stack(distances), axis=0) >= MARK_TOLERANCE


def _flat_parts(ecg):
    """How many parts of each lead are flat, `FLAT_SUCCESSION` or more in succession."""
    _, time, leads = ecg.shape
    parts = ops.reshape(ecg, (-1, FLAT_PARTS, time // FLAT_PARTS, leads))
    flat = ops.max(parts, axis=2) - ops.min(parts, axis=2) <= FLAT_RANGE
    flat = ops.cast(flat, "float32")
    # 1 where a succession begins that is long enough
    begins = flat[:, : FLAT_PARTS - FLAT_SUCCESSION + 1]
    for k in range(1, FLAT_SUCCESSION):
        begins = begins * flat[:, k : k + FLAT_PARTS - FLAT_SUCCESSION + 1]
    successions = begins[:, 0] + ops.sum(begins[:, 1:] * (1.0 - begins[:, :-1]), axis=1)
    return ops.sum(begins, axis=1) + (FLAT_SUCCESSION - 1) * successions


def _clipped_share(ecg, low, high):
    mean = ops.mean(ecg, axis=1)

    def share(value):
        at = ops.cast(ops.equal(ecg, value[:, None]), "float32")
        far = ops.abs(mean - value) > CLIPPED_DISTANCE * (high - low)
        return ops.cast(far, "float32") * ops.mean(at[:, :-2] * at[:, 1:-1] * at[:, 2:], axis=1)

    return share(low) + share(high)
