"""Constants of the study's preprocessing that all implementations of it share.

References:
    H. Narotamo et al., "Deep learning for ECG classification: A comparative study of 1D and 2D
    representations and multimodal fusion approaches", Biomedical Signal Processing and Control 93
    (2024) 106141, doi:10.1016/j.bspc.2024.106141.
"""

from collections.abc import Iterable

import numpy as np

from ecg_tf.errors import InputError
from ecg_tf.leads import SAMPLING_RATE, check_sampling_rate

CHANNELS = ("gaf", "mtf", "rp")  # the images of a lead, in the study's order
IMAGE_SIZE = 256  # height and width in pixels
GREY_LEVELS = 255  # images are 8-bit: floor(255 v)

# How the values of a lead are scaled for its images and its signal. "record" is the study's way: by
# the record's own range (min-max, z-score), which discards the amplitude. "millivolt" keeps it.
SCALINGS = ("record", "millivolt")

BAND = (1, 45)  # pass band of the filter, in Hz
BAND_PASS_ORDER = 2  # order of the Butterworth filter
BAND_PASS = f"causal Butterworth of order {BAND_PASS_ORDER}, {BAND[0]}-{BAND[1]} Hz"
# scipy.signal.butter(BAND_PASS_ORDER, BAND, "bandpass", fs=100, output="sos"). Constants, so that
# networks at 100 Hz do not depend on rounding errors of `_designed`.
_NUMERATORS = ((0.765599987913459, 1.531199975826918, 0.765599987913459), (1.0, -2.0, 1.0))
_DENOMINATORS = (
    (1.0, 1.560334465031569, 0.6414527399502982),
    (1.0, -1.9111684434225842, 0.9149848016966404),
)

MTF_BINS = 10  # bins of equal width over [0, 1]
MTF_SCALE = 1 / 5  # a transition probability p has the pixel value p / 5


def butterworth(sampling_rate: int = SAMPLING_RATE) -> np.ndarray:
    """Return the study's band-pass: a Butterworth filter of order 2, 1-45 Hz.

    Args:
        sampling_rate: Hz, a whole number from 100 to 1000.

    Returns:
        float64 (2, 6), second-order sections as `scipy.signal.sosfilt` takes them.

    Examples:
        >>> from ecg_tf.preprocessing import butterworth
        >>> butterworth(500).shape
        (2, 6)
    """
    check_sampling_rate(sampling_rate)
    if sampling_rate == SAMPLING_RATE:
        return np.hstack([_NUMERATORS, _DENOMINATORS])
    return _designed(sampling_rate)


def _designed(sampling_rate: int) -> np.ndarray:
    """The filter of `butterworth`, by the bilinear transform; importing scipy.signal is slow."""
    low, high = 2 * sampling_rate * np.tan(np.pi * np.array(BAND) / sampling_rate)  # rad/s
    # One pole of each conjugate pair, of the low-pass and of the analogue and digital band-pass.
    half = np.exp(0.75j * np.pi) * (high - low) / 2
    root = np.sqrt(half**2 - low * high)
    analogue = np.array([half + root, half - root])
    poles = (2 * sampling_rate + analogue) / (2 * sampling_rate - analogue)
    fast, slow = sorted(poles, key=abs)
    gain = (2 * sampling_rate * (high - low)) ** 2
    gain /= np.prod(np.abs(2 * sampling_rate - analogue) ** 2)
    return np.array(
        [
            [gain, 2 * gain, gain, 1, -2 * fast.real, abs(fast) ** 2],
            [1, -2, 1, 1, -2 * slow.real, abs(slow) ** 2],
        ]
    )


def check_channels(channels: Iterable[str]) -> tuple[str, ...]:
    """Return the names of image channels as a tuple, or raise an error for a wrong one.

    Args:
        channels: one or more of `CHANNELS`, in any order, each once.

    Raises:
        InputError: an unknown channel, a channel named twice, or none at all.

    Examples:
        >>> from ecg_tf.preprocessing import check_channels
        >>> check_channels(["gaf", "rp"])
        ('gaf', 'rp')
    """
    channels = tuple(channels)
    if not channels or len(set(channels)) < len(channels) or not set(channels) <= set(CHANNELS):
        raise InputError(
            f"channels {','.join(channels)!r}: expected one or more of {','.join(CHANNELS)}, "
            "none twice"
        )
    return channels


def resize_taps(length: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the source positions and the weights of a bilinear resize.

    The resize has half-pixel centres and no antialiasing (OpenCV's INTER_LINEAR): output k lies at
    source position (k + 1/2) length/size - 1/2, between `index[k]` and the sample after it. A
    matrix X is resized to A X Aᵀ, where row k of A has 1 - weight[k] at index[k] and weight[k] at
    index[k] + 1.

    Args:
        length: number of source samples, at least 2.
        size: number of output samples, 1 to `length`.

    Returns:
        index: int64 (size,), each at most length - 2.
        weight: float64 (size,) in [0, 1], the weight of the sample after `index`.

    Raises:
        InputError: `length` is below 2, or `size` is not within 1 and `length`.

    Examples:
        >>> from ecg_tf.preprocessing import resize_taps
        >>> index, weight = resize_taps(1000, 4)
        >>> index.tolist(), weight.tolist()
        ([124, 374, 624, 874], [0.5, 0.5, 0.5, 0.5])
    """
    if not 1 <= size <= length or length < 2:
        raise InputError(f"image size {size}: expected 1 to {length}, the samples of the signal")
    position = (np.arange(size) + 0.5) * length / size - 0.5
    index = np.minimum(np.floor(position).astype(np.int64), length - 2)
    return index, position - index
