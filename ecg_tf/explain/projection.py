"""Projection from the time axes of an image onto the time axis of the ECG."""

import numpy as np


def samples_of(pixels, size, samples):
    """Convert pixel positions in an image of an ECG to positions in samples.

    The image is a bilinear resize, with half-pixel centres, of an image with one row per sample.

    Args:
        pixels: positions of rows or columns, fractions allowed.
        size: height and width of the image, pixels.
        samples: number of samples of the ECG.

    Returns:
        float64 positions in samples, with fractions.
    """
    return (np.asarray(pixels) + 0.5) * samples / size - 0.5


def onto_time(maps, centres, samples):
    """Project maps of an image onto the samples of the ECG.

    Pixel (i, j) of a GAF, MTF or RP depends equally on the times i and j. Time t is therefore
    assigned the average of the mean over row t and the mean over column t; in maps with rows only
    (`band_resnet`), row t. Values are interpolated linearly between the centres of the cells, and
    constant beyond the first and the last.

    Args:
        maps: (batch, cell, cell) or (batch, cell).
        centres: (cell,) increasing positions of the cells in samples, for rows and columns;
            fractions allowed.
        samples: number of samples of the ECG.

    Returns:
        float64 (batch, samples).
    """
    maps = np.asarray(maps, np.float64)
    cells = maps if maps.ndim == 2 else (maps.mean(axis=2) + maps.mean(axis=1)) / 2
    return np.stack([np.interp(np.arange(samples), centres, values) for values in cells])
