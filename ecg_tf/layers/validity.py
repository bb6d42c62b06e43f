"""Which leads carry an ECG at all."""

from keras import ops


def valid_leads(ecg):
    """True for each lead that is finite throughout and not flat.

    Args:
        ecg: (batch, time, lead), before any filter.

    Returns:
        bool (batch, lead).
    """
    finite = ops.all(ops.abs(ecg) < float("inf"), axis=1)  # LiteRT has no isfinite
    return ops.logical_and(finite, ops.max(ecg, axis=1) > ops.min(ecg, axis=1))


def zero_invalid(ecg):
    """`ecg` with 0 in place of every invalid lead, so that nothing after it meets a NaN."""
    return ops.where(valid_leads(ecg)[:, None, :], ecg, 0.0)
