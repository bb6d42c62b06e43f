"""The images of the study by pyts: the reference that everything else is compared with."""

import functools
import importlib
import inspect
import sys
import threading

import numpy as np
from scipy import signal

from ecg_tf.errors import InputError, RecordError
from ecg_tf.preprocessing import (
    CHANNELS,
    GREY_LEVELS,
    IMAGE_SIZE,
    MTF_BINS,
    butterworth,
    check_channels,
    resize_taps,
)


def ecg_image(ecg, leads, channels=CHANNELS, size=IMAGE_SIZE, name="record"):
    """The image of one record, computed in float64.

    Each lead: band-pass (`ecg_tf.preprocessing.butterworth`, causal, from rest), min-max to [0, 1],
    then pyts' fields, each brought to grey levels floor(255 v) of

    - gaf: (G + 1) / 2 of the summation field G,
    - mtf: M / 5 of the field M with 10 bins of equal width,
    - rp: the unthresholded recurrence plot, |x_i - x_j|,

    resized bilinearly to `size` × `size` without antialiasing. A pixel mixes four samples of the
    full field, so pyts is asked for those only: at most 2 · `size` rows and columns. Just the MTF,
    which counts the transitions of all samples, is made at full size (8 MB a lead).

    The first image of a process imports pyts: see `_pyts`.

    Args:
        ecg: (time, lead) millivolt, unfiltered.
        leads: the names of its leads.
        channels: which images, in which order: any of "gaf", "mtf", "rp".
        size: height and width, at most the number of samples.
        name: what errors call the record.

    Returns:
        uint8 (size, size, lead * channel), lead-major: I-gaf, I-mtf, I-rp, II-gaf, …

    Raises:
        RecordError: not one column per lead, fewer than `size` samples, a lead that is flat or
            has samples that are not finite.
        InputError: channels or a size that there cannot be.
    """
    channels = check_channels(channels)
    if size < 1:
        raise InputError(f"image size {size}: expected 1 or more")
    ecg = check_ecg(ecg, leads, name)
    if len(ecg) < size:
        raise RecordError(f"{name}: {len(ecg)} samples, expected at least {size}, the image's size")
    x = _min_max(signal.sosfilt(butterworth(), ecg.T))
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


def check_ecg(ecg, leads, name):
    """`ecg` as float64 (time, lead), if images can be made of it.

    Raises:
        RecordError: another shape, a lead that is flat or has samples that are not finite.
    """
    with np.errstate(invalid="ignore"):  # a NaN that signals: said below
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


def _min_max(x):
    low = x.min(axis=1, keepdims=True)
    return (x - low) / (x.max(axis=1, keepdims=True) - low)


def _mix(before, after, weight):
    return before * (1 - weight) + after * weight


# Each takes x (lead, time) in [0, 1] and gives the field at `taps`, (lead, tap, tap) in [0, 1].


def _gramian_angular_field(x, taps):
    transformer = _pyts().GramianAngularField(method="summation", sample_range=None)
    return (transformer.transform(2 * x.take(taps, axis=1) - 1) + 1) / 2


def _markov_transition_field(x, taps):
    transformer = _pyts().MarkovTransitionField(n_bins=MTF_BINS, strategy="uniform")
    field = transformer.transform(x).take(taps, axis=1).take(taps, axis=2)
    return field / 5 - 1 + 1  # as the study rounds it: probability 1 is grey level 50, not 51


def _recurrence_plot(x, taps):
    return _pyts().RecurrencePlot(threshold=None).transform(x.take(taps, axis=1))


_FIELDS = {
    "gaf": _gramian_angular_field,
    "mtf": _markov_transition_field,
    "rp": _recurrence_plot,
}
_importing = threading.Lock()


def _pyts():
    """The module pyts.image, imported when the first image is asked for.

    pyts 0.14 declares the types of its some forty numba functions, most of them unrelated to
    images, and numba compiles a function with declared types when it is defined: half a minute at
    the import of every process. Without them numba compiles a function at its first call, here six
    of them, in about 10 s; and with `cache=True` it keeps the result on disk (in the package's
    __pycache__ or the user's cache folder), so that the next process has its first image after
    about 2 s. So `numba.njit` is replaced while pyts is imported. The functions also release
    Python's global lock as they run (`nogil`): threads make images side by side.
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


def _lazy_njit(njit, *args, **options):
    """`numba.njit` in any of its forms, but without the types, if any, that `args` declares."""

    def decorate(function):
        try:
            return njit(**{**options, "cache": True, "nogil": True})(function)
        except RuntimeError:  # no folder to keep compiled functions in
            return njit(**{**options, "nogil": True})(function)

    return decorate(args[0]) if args and inspect.isfunction(args[0]) else decorate
