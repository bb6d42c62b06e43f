"""An ECG at another sampling rate."""

import math
from fractions import Fraction

import numpy as np

from ecg_tf.leads import SAMPLING_RATE

# The low-pass filter: flat up to 0.9 of the lower of the two Nyquist frequencies (45 Hz on the way
# to 100 Hz, where the networks' band-pass ends) and 60 dB down from 1.1 of it (55 Hz).
_ATTENUATION = 60  # dB
_HALF_LENGTH = 18  # samples at the lower of the two rates
_LARGEST_TERM = 10_000  # of the fraction that the ratio of the rates is taken for


def is_resampled(sampling_rate):
    """Whether `resample` changes an ecg: not at 99.996 to 100.004 Hz.

    There a sample is at most 0.5 ms off after 10 s.
    """
    return _ratio(sampling_rate) != 1


def resampled_length(samples, sampling_rate):
    """How many samples at 100 Hz the time from the first to the last of `samples` holds."""
    return math.ceil(samples * _ratio(sampling_rate))


def resample(ecg, sampling_rate):
    """`ecg` at 100 Hz, its sample k at k / 100 s, by a linear-phase polyphase filter.

    What the new rate cannot hold is filtered out (see above), so that nothing is folded down into
    the band that the networks look at. Beyond its ends the recording is taken to go on point-
    reflected at its first and last sample, as scipy.signal.filtfilt does: no step there, and no
    kink. The 0.18 s at either end lean on that. A sample that is not finite makes those within
    0.18 s of it NaN.

    Args:
        ecg: float64 (time, lead), two samples or more.
        sampling_rate: Hz, of `ecg`.

    Returns:
        float64 (`resampled_length`, lead); `ecg` itself where it needs no resampling, see
        `is_resampled`.
    """
    if not is_resampled(sampling_rate):
        return ecg
    from scipy import signal

    ratio = _ratio(sampling_rate)
    up, down = ratio.numerator, ratio.denominator
    longer = max(up, down)
    low_pass = signal.firwin(
        2 * _HALF_LENGTH * longer + 1,
        1 / longer,
        window=("kaiser", signal.kaiser_beta(_ATTENUATION)),
    )
    # The filter passes a constant with a ripple of 0.1 %, which an offset of electrodes, often a
    # hundred times the ECG, would make visible.
    offset = [
        np.median(lead[np.isfinite(lead)] if np.isfinite(lead).any() else 0) for lead in ecg.T
    ]
    return offset + signal.resample_poly(
        ecg - offset, up, down, window=low_pass, padtype="antireflect"
    )


def _ratio(sampling_rate):
    """100 Hz / `sampling_rate`, a Fraction; a float such as 999.56 as written, not as stored."""
    ratio = SAMPLING_RATE / Fraction(repr(float(sampling_rate)))
    return ratio.limit_denominator(_LARGEST_TERM)
