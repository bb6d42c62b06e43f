"""Safe reading of uncompressed TIFF files of 8-bit images by tifffile.

A TIFF file can refer to pixels in other files (OME), state any number of pixels, or compress them.
Only pages of uncompressed bytes in the file itself are read, which is what `tifffile.imwrite`
writes for a uint8 array (plane, height, width).
"""

import io
import itertools
import logging
import math

import numpy as np
import tifffile

from ecg_tf.errors import InputError
from ecg_tf.files import read_bytes
from ecg_tf.leads import SAMPLES

_MOST_METADATA = 2**18  # bytes of a file other than its pixels

logging.getLogger("tifffile").setLevel(logging.CRITICAL)  # problems are raised as errors


def read_tiff(path, planes, size=None):
    """Read the planes of a square image.

    Args:
        path: the file.
        planes: number of planes, each a page of its own or all in one page.
        size: height and width; None for those of the file, at most `ecg_tf.leads.SAMPLES`.

    Returns:
        uint8 (plane, size, size).

    Raises:
        InputError: the file does not exist, is too large, damaged, compressed or not a TIFF file,
            or the image has another type or shape.
    """
    content = read_bytes(path, planes * (size or SAMPLES) ** 2 + _MOST_METADATA)
    try:
        with tifffile.TiffFile(io.BytesIO(content)) as file:
            pages = list(itertools.islice(file.pages, planes + 1))
            side = size or min(max(pages[0].shape[-2], 1), SAMPLES)
            found = _shape(pages)
            expected = (planes, side, side)
            if found != expected or pages[0].dtype != np.uint8:
                raise InputError(f"{path}: {pages[0].dtype} {found}, expected uint8 {expected}")
            for page in pages:
                _check_plain(page, len(content), path)
            planes = [page.asarray(maxworkers=1) for page in pages]
    except InputError:
        raise
    except Exception as error:  # tifffile raises many kinds of errors
        raise InputError(f"{path}: not a readable TIFF: {error!s:.200}") from error
    return np.concatenate(planes).reshape(expected)


def _shape(pages):
    """Return (plane, height, width) of all pages together; a ValueError if the pages differ."""
    first = pages[0]
    if any((page.shape, page.dtype) != (first.shape, first.dtype) for page in pages):
        raise ValueError("its pages are of different shapes or types")
    *several, height, width = first.shape
    return len(pages) * math.prod(several), height, width


def _check_plain(page, size, path):
    """Raise an InputError unless a page is uncompressed bytes within a file of `size` bytes."""
    ends = [
        offset + count for offset, count in zip(page.dataoffsets, page.databytecounts, strict=True)
    ]
    problem = None
    if page.description.lstrip().startswith("<"):
        problem = "OME-TIFF, which may name other files"
    elif page.compression != tifffile.COMPRESSION.NONE or page.predictor != 1:
        problem = "compressed"
    elif page.photometric not in (tifffile.PHOTOMETRIC.MINISBLACK, tifffile.PHOTOMETRIC.RGB):
        problem = "black is not 0"
    elif sum(page.databytecounts) != page.nbytes or max(ends, default=0) > size:
        problem = "damaged: not as many pixels as its shape has"
    if problem:
        raise InputError(f"{path}: {problem}; expected a plain TIFF")
