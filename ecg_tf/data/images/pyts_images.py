"""The study's images, computed by pyts: the reference for all other implementations."""

import functools
import importlib
import inspect
import sys
import threading
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

import numpy as np

from ecg_tf.errors import InputError, RecordError
from ecg_tf.leads import SAMPLING_RATE
from ecg_tf.preprocessing import (
    CHANNELS,
    GREY_LEVELS,
    IMAGE_SIZE,
    MTF_BINS,
    SCALINGS,
    butterworth,
    check_channels,
    resize_taps,
)


def ecg_image(
    ecg: np.ndarray,
    leads: Sequence[str],
    channels: Sequence[str] = CHANNELS,
    size: int = IMAGE_SIZE,
    name: str = "record",
    sampling_rate: int = SAMPLING_RATE,
) -> np.ndarray:
    """Compute the image of one record in float64.

    Each lead is filtered by the band-pass (`ecg_tf.preprocessing.butterworth`, causal, zero initial
    state) and scaled to [0, 1] by its minimum and maximum. The channels, with grey levels
    floor(255 v), are

    - gaf: v = (G + 1) / 2 of the Gramian angular summation field G,
    - mtf: v = M / 5 of the Markov transition field M with 10 bins of equal width,
    - rp: v = |x_i - x_j|, the unthresholded recurrence plot,

    each resized bilinearly to `size` × `size` pixels without antialiasing. A pixel depends on four
    values of the full field, so that pyts computes only these values: at most 2 · `size` rows and
    columns. Only the MTF, which counts the transitions of all samples, is computed at full size
    (8 MB per lead).

    The first image in a process imports pyts, see `_pyts`.

    Args:
        ecg: (time, lead) millivolt, unfiltered.
        leads: names of the leads of `ecg`.
        channels: any of "gaf", "mtf" and "rp", in any order.
        size: height and width in pixels, at most the number of samples.
        name: name of the record in errors.
        sampling_rate: sampling rate of the ecg, Hz, 100 to 1000.

    Returns:
        uint8 (size, size, lead * channel), lead-major: I-gaf, I-mtf, I-rp, II-gaf, …

    Raises:
        RecordError: the ecg does not have one column per lead or has fewer than `size` samples, or
            a lead is flat or has samples that are not finite.
        InputError: an unknown channel, or a size below 1.

    References:
        Z. Wang and T. Oates, "Imaging time-series to improve classification and imputation",
        IJCAI 2015, 3939-3945 (GAF, MTF).
        J.-P. Eckmann, S. Oliffson Kamphorst and D. Ruelle, "Recurrence plots of dynamical systems",
        Europhysics Letters 4 (1987) 973, doi:10.1209/0295-5075/4/9/004.

    Examples:
        >>> import numpy as np
        >>> from ecg_tf.data.images.pyts_images import ecg_image
        >>> from ecg_tf.data.synthetic import simulate_ecg
        >>> ecg = simulate_ecg(["MI"], np.random.default_rng(0))[:, :1]
        >>> ecg_image(ecg, ["I"], channels=["gaf", "rp"], size=64).shape
        (64, 64, 2)
    """
    channels = check_channels(channels)
    if size < 1:
        raise InputError(f"image size {size}: expected 1 or more")
    ecg = check_ecg(ecg, leads, name)
    if len(ecg) < size:
        raise RecordError(f"{name}: {len(ecg)} samples, expected at least {size}, the image's size")
    from scipy.signal import sosfilt  # importing it takes a second

    x = _min_max(sosfilt(butterworth(sampling_rate), ecg.T))
    index, weight = resize_taps(x.shape[1], size)
    taps, where = np.unique([index, index + 1], return_inverse=True)
    before, after = where.reshape(2, size)
    images = np.empty((size, size, len(leads), len(channels)), np.uint8)
    for k, channel in enumerate(channels):
        field = _FIELDS[channel](x, taps)
        field = _mix(field.take(before, axis=1), field.take(after, axis=1), weight[:, None])
        field = _mix(field.take(before, axis=2), field.take(after, axis=2), weight)
        images[..., k] = np.floor(GREY_LEVELS * field).transpose(1, 2, 0)
    return images.reshape(size, size, -1)


def check_scaling(scaling: str) -> None:
    """Raise an InputError for a scaling other than the study's, the only one of `ecg_image`."""
    if scaling != SCALINGS[0]:
        raise InputError(
            f"scaling {scaling}: image_backend pyts supports scaling {SCALINGS[0]} only, the "
            "study's; expected image_backend keras"
        )


def check_ecg(ecg: np.ndarray, leads: Sequence[str], name: str) -> np.ndarray:
    """Return `ecg` as float64 (time, lead) after checking that images can be computed from it.

    Raises:
        RecordError: another shape, or a lead that is flat or has samples that are not finite.
    """
    with np.errstate(invalid="ignore"):  # a signalling NaN is reported below
        ecg = np.asarray(ecg, np.float64)
    if ecg.ndim != 2 or ecg.shape[1] != len(leads) or not len(ecg):
        raise RecordError(
            f"{name}: an ecg of shape {ecg.shape}, expected (time, {len(leads)}) for leads "
            + ",".join(leads)
        )
    for lead, samples in zip(leads, ecg.T, strict=True):
        if not np.isfinite(samples).all():
            raise RecordError(f"{name}: lead {lead} has samples that are not finite")
        if samples.min() == samples.max():
            raise RecordError(f"{name}: lead {lead} is flat, {samples[0]:g} mV throughout")
    return ecg


def _min_max(x: np.ndarray) -> np.ndarray:
    low = x.min(axis=1, keepdims=True)
    return (x - low) / (x.max(axis=1, keepdims=True) - low)


def _mix(before: np.ndarray, after: np.ndarray, weight: np.ndarray) -> np.ndarray:
    return before * (1 - weight) + after * weight


# Each function takes x (lead, time) in [0, 1] and returns the field at `taps`, (lead, tap, tap) in
# [0, 1].


def _gramian_angular_field(x: np.ndarray, taps: np.ndarray) -> np.ndarray:
    transformer = _pyts().GramianAngularField(method="summation", sample_range=None)
    return (transformer.transform(2 * x.take(taps, axis=1) - 1) + 1) / 2


def _markov_transition_field(x: np.ndarray, taps: np.ndarray) -> np.ndarray:
    transformer = _pyts().MarkovTransitionField(n_bins=MTF_BINS, strategy="uniform")
    field = transformer.transform(x).take(taps, axis=1).take(taps, axis=2)
    return field / 5 - 1 + 1  # rounded as in the study: probability 1 is grey level 50, not 51


def _recurrence_plot(x: np.ndarray, taps: np.ndarray) -> np.ndarray:
    return _pyts().RecurrencePlot(threshold=None).transform(x.take(taps, axis=1))


_FIELDS = {
    "gaf": _gramian_angular_field,
    "mtf": _markov_transition_field,
    "rp": _recurrence_plot,
}
_importing = threading.Lock()


def _pyts() -> ModuleType:
    """Import pyts.image when the first image is computed.

    pyts 0.14 declares the types of some forty numba functions, most of them unrelated to images.
    numba compiles a function with declared types at its definition, which takes half a minute in
    every process that imports pyts. Without declared types, numba compiles a function at its first
    call: six functions in about 10 s. With `cache=True`, it stores the compiled functions on disk
    (in the package's __pycache__ or the user's cache folder), so that the next process has its
    first image after about 2 s. Therefore `numba.njit` is replaced while pyts is imported. The
    functions also release the global interpreter lock (`nogil`), so that threads compute images in
    parallel.
    """
    with _importing:
        if "pyts" not in sys.modules:
            import numba

            njit = numba.njit
            numba.njit = functools.partial(_lazy_njit, njit)
            try:
                importlib.import_module("pyts.image")
            finally:
                numba.njit = njit
        return importlib.import_module("pyts.image")


def _lazy_njit(njit: Callable, *args: Any, **options: Any) -> Callable:
    """Apply `numba.njit` in any of its forms, without the types that `args` may declare."""

    def decorate(function: Callable) -> Callable:
        try:
            return njit(**{**options, "cache": True, "nogil": True})(function)
        except RuntimeError:  # there is no folder for compiled functions
            return njit(**{**options, "nogil": True})(function)

    return decorate(args[0]) if args and inspect.isfunction(args[0]) else decorate
