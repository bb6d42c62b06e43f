"""What the layers compute, written plainly: float64 numpy, full size, one lead at a time.

From the method's description and nothing of ecg_tf, so that a fault there cannot hide here.
"""

import functools

import numpy as np
from scipy import signal, sparse

CHANNELS = ("gaf", "mtf", "rp")


def bandpassed(ecg, rate=100):
    """The band-pass along axis -2 of (..., time, lead)."""
    sections = signal.butter(2, [1, 45], "bandpass", fs=rate, output="sos")
    return signal.sosfilt(sections, np.asarray(ecg, np.float64), axis=-2)


def min_max(x):
    low, high = x.min(axis=-2, keepdims=True), x.max(axis=-2, keepdims=True)
    return (x - low) / (high - low)


def z_score(x):
    return (x - x.mean(axis=-2, keepdims=True)) / x.std(axis=-2, keepdims=True)


def gaf(x):
    """Full-size picture of one lead in [0, 1], (time,) to (time, time); so too `mtf` and `rp`."""
    angle = np.arccos(2 * x - 1)
    return (np.cos(angle[:, None] + angle) + 1) / 2


def mtf(x):
    bins = bin_of(x)
    counts = np.zeros((10, 10))
    np.add.at(counts, (bins[:-1], bins[1:]), 1)
    left = counts.sum(axis=1, keepdims=True)
    probability = np.divide(counts, left, out=np.zeros((10, 10)), where=left > 0)
    return probability[bins[:, None], bins] / 5 - 1 + 1


def rp(x):
    return np.abs(x[:, None] - x)


def bin_edges():
    """The nine edges between the ten bins of the MTF: 0.1 added up."""
    return np.cumsum(np.full(9, 0.1))


def bin_of(x):
    return np.searchsorted(bin_edges(), x, side="left")


def resized(picture, size):
    """Bilinear, half-pixel centres, no antialiasing."""
    rows = _resize_matrix(len(picture), size)
    return rows @ picture @ rows.T


@functools.cache
def _resize_matrix(time, size):
    position = (np.arange(size) + 0.5) * time / size - 0.5
    responses = [np.interp(position, np.arange(time), unit) for unit in np.eye(time)]
    return sparse.csr_array(np.stack(responses, axis=1))


def field(name, x, size):
    """Images "gaf", "mtf" or "rp" of (batch, time, lead) in [0, 1]: (batch, size, size, lead)."""
    full = {"gaf": gaf, "mtf": mtf, "rp": rp}[name]
    leads = np.moveaxis(np.asarray(x, np.float64), -1, 1)
    images = [[resized(full(lead), size) for lead in record] for record in leads]
    return np.moveaxis(np.array(images), 1, -1)


def ecg_image(ecg, channels=CHANNELS, size=256, rate=100):
    """(batch, time, lead) millivolt to grey levels (batch, size, size, lead * channel)."""
    x = min_max(bandpassed(ecg, rate))
    images = np.stack([field(name, x, size) for name in channels], axis=-1)
    return np.floor(255 * images.reshape(*images.shape[:3], -1)).astype(int)
