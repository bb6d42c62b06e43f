"""Millivolt as whole microvolt in 16 bits, the samples of packed records."""

import numpy as np

from ecg_tf.errors import InputError, RecordError

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


def rounded_microvolt(ecg: np.ndarray, name: str) -> np.ndarray:
    """Round millivolt to whole microvolt.

    Args:
        ecg: float (time, lead) millivolt, finite.
        name: name of the record, for errors.

    Returns:
        int16 (time, lead) microvolt.

    Raises:
        RecordError: a sample does not fit in 16 bits.
    """
    limits = np.iinfo(np.int16)
    samples = np.rint(ecg * float(_PER_MILLIVOLT))
    if samples.min() < limits.min or samples.max() > limits.max:
        largest = ecg.flat[np.abs(ecg).argmax()]
        raise RecordError(
            f"{name}: a sample of {largest:.5g} mV, expected {limits.min / 1000} to "
            f"{limits.max / 1000} mV: are the unit and the offset right?"
        )
    return samples.astype(np.int16)
