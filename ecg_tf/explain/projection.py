"""From the two time axes of an image back to the one of the ECG."""

import numpy as np


def samples_of(pixels, size, samples):
    """The samples of an ECG of `samples` that rows or columns of its image show, with fractions.

    The image is a bilinear resize, half-pixel centres, of one with a row for each sample.
    """
    return (np.asarray(pixels) + 0.5) * samples / size - 0.5


def onto_time(maps, centres, samples):
    """How much of a map of an image concerns each sample of the ECG.

    Pixel (i, j) of a GAF, MTF or RP is made of times i and j alike, so time t is given the mean of
    the map over row t and column t, half of it each; of a map that has rows alone (`band_resnet`)
    row t. Between the cells' centres the values are interpolated linearly, beyond the first and
    the last they are held.

    Args:
        maps: (batch, cell, cell) or (batch, cell).
        centres: (cell,) increasing, the samples that the cells look at, where row 0 looks at the
            same as column 0; fractions allowed.
        samples: of the ECG.

    Returns:
        float64 (batch, samples).
    """
    maps = np.asarray(maps, np.float64)
    cells = maps if maps.ndim == 2 else (maps.mean(axis=2) + maps.mean(axis=1)) / 2
    return np.stack([np.interp(np.arange(samples), centres, values) for values in cells])
