"""Millivolt as whole microvolt in 16 bits, the samples of packed records."""

import numpy as np

from ecg_tf.errors import InputError

_PER_MILLIVOLT = np.float32(1000)


def to_microvolt(ecg: np.ndarray, ecg_ids: np.ndarray, where: str) -> np.ndarray:
    """Convert millivolt to whole microvolt, without any loss.

    Args:
        ecg: float32 (record, time) millivolt.
        ecg_ids: int32 (record,), for errors.
        where: beginning of errors.

    Returns:
        int16 (record, time) microvolt.

    Raises:
        InputError: a sample is not a whole number of microvolt, or does not fit in 16 bits.
    """
    limits = np.iinfo(np.int16)
    samples = np.clip(np.rint(ecg * _PER_MILLIVOLT), limits.min, limits.max).astype(np.int16)
    lost = np.argwhere(to_millivolt(samples) != ecg)
    if len(lost):
        record, sample = lost[0]
        raise InputError(
            f"{where}, ecg_id {ecg_ids[record]}: {ecg[record, sample]!s} mV at sample {sample}, "
            f"expected whole microvolt from {limits.min} to {limits.max}"
        )
    return samples


def to_millivolt(samples: np.ndarray) -> np.ndarray:
    """Convert int16 microvolt to float32 millivolt."""
    return np.divide(samples, _PER_MILLIVOLT, dtype=np.float32)
