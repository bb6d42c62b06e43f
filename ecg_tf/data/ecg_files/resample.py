"""Resampling an ECG to the sampling rate of a network."""

import math
from fractions import Fraction

import numpy as np

from ecg_tf.leads import SAMPLING_RATE

# The low-pass filter is flat up to 0.9 of the lower of the two Nyquist frequencies and attenuates
# by 60 dB from 1.1 of it. At 100 Hz these are 45 Hz, the end of the networks' pass band, and 55 Hz.
_ATTENUATION = 60  # dB
_HALF_LENGTH = 18  # samples at the lower of the two rates
_LARGEST_TERM = 10_000  # denominator of the fraction that approximates the ratio of the rates


def is_resampled(sampling_rate: float, to: int = SAMPLING_RATE) -> bool:
    """Return True if `resample` changes an ecg of this sampling rate.

    An ecg whose rate differs by at most 0.004 %, such as 99.996 to 100.004 Hz, is not changed.

    Args:
        sampling_rate: Hz.
        to: sampling rate after resampling, Hz.

    Examples:
        >>> from ecg_tf.data.ecg_files.resample import is_resampled
        >>> is_resampled(500), is_resampled(100.001)
        (True, False)
    """
    return _ratio(sampling_rate, to) != 1


def resampled_length(samples: int, sampling_rate: float, to: int = SAMPLING_RATE) -> int:
    """Return the number of samples after resampling between the first and the last of `samples`.

    Args:
        samples: number of samples before resampling.
        sampling_rate: their sampling rate, Hz.
        to: sampling rate after resampling, Hz.

    Examples:
        >>> from ecg_tf.data.ecg_files.resample import resampled_length
        >>> resampled_length(5000, 500)
        1000
    """
    return math.ceil(samples * _ratio(sampling_rate, to))


def resample(ecg: np.ndarray, sampling_rate: float, to: int = SAMPLING_RATE) -> np.ndarray:
    """Resample an ecg to another sampling rate by a linear-phase polyphase filter.

    Sample k of the result lies at k / `to` s. A ratio of rates that is no fraction with a
    denominator up to 10,000 is approximated by one: after 10 s, samples are off by up to 0.5 ms.
    Frequencies that the new rate cannot represent are filtered out, so that nothing is aliased into
    the pass band of the networks. The recording is extended by odd reflection at both ends, as in
    scipy.signal.filtfilt; this affects the first and last 18 samples at the lower of the two rates,
    0.18 s at 100 Hz. A sample that is not finite turns all samples within this time of it into NaN.

    Args:
        ecg: float64 (time, lead), at least two samples.
        sampling_rate: sampling rate of `ecg`, Hz.
        to: sampling rate of the result, Hz.

    Returns:
        float64 (`resampled_length`, lead), or `ecg` itself if `is_resampled` is False.

    Examples:
        >>> import numpy as np
        >>> from ecg_tf.data.ecg_files.resample import resample
        >>> wave = np.sin(2 * np.pi * 5 * np.arange(5000) / 500)  # 5 Hz, 10 s at 500 Hz
        >>> resampled = resample(wave[:, None], 500)
        >>> expected = np.sin(2 * np.pi * 5 * np.arange(1000) / 100)
        >>> resampled.shape, bool(np.abs(resampled[:, 0] - expected).max() < 0.002)
        ((1000, 1), True)
    """
    if not is_resampled(sampling_rate, to):
        return ecg
    from scipy import signal

    ratio = _ratio(sampling_rate, to)
    up, down = ratio.numerator, ratio.denominator
    longer = max(up, down)
    low_pass = signal.firwin(
        2 * _HALF_LENGTH * longer + 1,
        1 / longer,
        window=("kaiser", signal.kaiser_beta(_ATTENUATION)),
    )
    # The filter passes a constant with a ripple of 0.1 %. The offset of electrodes, often a hundred
    # times larger than the ECG, would make this ripple visible.
    offset = [
        np.median(lead[np.isfinite(lead)] if np.isfinite(lead).any() else 0) for lead in ecg.T
    ]
    return offset + signal.resample_poly(
        ecg - offset, up, down, window=low_pass, padtype="antireflect"
    )


def _ratio(sampling_rate: float, to: int) -> Fraction:
    """Return `to` / `sampling_rate` as a Fraction of the decimal number, as 999.56."""
    ratio = to / Fraction(repr(float(sampling_rate)))
    return ratio.limit_denominator(_LARGEST_TERM)
