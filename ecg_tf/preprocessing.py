"""The numbers of the study's method that every implementation of it here shares.

H. Narotamo et al., "Deep learning for ECG classification: A comparative study of 1D and 2D
representations and multimodal fusion approaches", Biomedical Signal Processing and Control 93
(2024) 106141.
"""

import numpy as np

from ecg_tf.errors import InputError
from ecg_tf.leads import SAMPLING_RATE

CHANNELS = ("gaf", "mtf", "rp")  # the images of a lead, in the study's order
IMAGE_SIZE = 256  # height and width
GREY_LEVELS = 255  # images are 8-bit: floor(255 v)

# How a lead's values become those of its images and its signal: "record" is the study's way, by the
# record's own range (min-max, z-score), in which the amplitude is lost; "millivolt" keeps it.
SCALINGS = ("record", "millivolt")

# Where the band-pass lets through, in Hz, and the order of the Butterworth filter that it is.
BAND = (1, 45)
BAND_PASS_ORDER = 2
BAND_PASS = f"causal Butterworth of order {BAND_PASS_ORDER}, {BAND[0]}-{BAND[1]} Hz"

MTF_BINS = 10  # of equal width over [0, 1]
MTF_SCALE = 1 / 5  # a transition probability p is shown as p / 5


def butterworth():
    """Second-order sections of the band-pass: Butterworth, order 2, 1-45 Hz at 100 Hz."""
    from scipy import signal  # here, because importing it takes a second

    return signal.butter(BAND_PASS_ORDER, BAND, "bandpass", fs=SAMPLING_RATE, output="sos")


def check_channels(channels):
    """`channels` as a tuple; an InputError unless one or more of `CHANNELS`, none twice."""
    channels = tuple(channels)
    if not channels or len(set(channels)) < len(channels) or not set(channels) <= set(CHANNELS):
        raise InputError(
            f"channels {','.join(channels)!r}: expected one or more of {','.join(CHANNELS)}, "
            "none twice"
        )
    return channels


def resize_taps(length, size):
    """Where a bilinear resize from `length` to `size` samples reads, and with which weight.

    Half-pixel centres, no antialiasing (OpenCV's INTER_LINEAR): output k lies at source position
    (k + 1/2) length/size - 1/2, between `index[k]` and the sample after it. A resize of a matrix X
    is A X Aᵀ, row k of A being 1 - weight[k] at index[k] and weight[k] at index[k] + 1.

    Args:
        length: number of source samples, at least 2.
        size: number of output samples, 1 to `length`.

    Returns:
        index: int64 (size,), each at most length - 2.
        weight: float64 (size,) in [0, 1], of the sample after `index`.
    """
    if not 1 <= size <= length or length < 2:
        raise InputError(f"image size {size}: expected 1 to {length}, the samples of the signal")
    position = (np.arange(size) + 0.5) * length / size - 0.5
    index = np.minimum(np.floor(position).astype(np.int64), length - 2)
    return index, position - index
