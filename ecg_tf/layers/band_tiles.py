"""The band along the diagonal of images, computed in tiles that cover it.

The first rows of an image need only its first columns, the next rows the columns that follow. A
tile is a few rows and the columns that the band has in any of them.
"""

import keras
import numpy as np
from keras import ops

_ROWS = 32  # of a tile; fewer compute fewer pixels beside the band, more have longer loops


def tiles(
    rows: keras.KerasTensor, columns: keras.KerasTensor, band: int
) -> tuple[keras.KerasTensor, keras.KerasTensor]:
    """The values of the rows and of the columns of each tile.

    Args:
        rows: values of the rows of images, (batch, lead, value, size).
        columns: the same of the columns.
        band: width of the band, columns.

    Returns:
        Values of rows (batch, lead, tile, value, height) and columns (batch, lead, tile, value,
        width); 0 beyond the image.
    """
    size = rows.shape[-1]
    number = -(-size // _ROWS)
    width = _ROWS + band - 1
    starts = _ROWS * np.arange(number)
    end = ((0, 0), (0, 0), (0, 0))
    rows = ops.pad(rows, (*end, (0, number * _ROWS - size)))
    columns = ops.pad(columns, (*end, (0, number * _ROWS + band - 1 - size)))
    return tuple(
        ops.stack([x[..., start : start + length] for start in starts], axis=2)
        for x, length in ((rows, _ROWS), (columns, width))
    )


def band_of_tiles(images: keras.KerasTensor, size: int, band: int) -> keras.KerasTensor:
    """Cut the band out of tiles: output[…, i, k] is the pixel of row i and column i + k.

    Args:
        images: (…, tile, height, width) of the tiles made from `tiles`.
        size: height of the image.
        band: width of the band, columns.

    Returns:
        (…, size, band), 0 beyond the image.
    """
    *outer, number, height, width = images.shape
    outer = (-1, *outer[1:])
    # Rows are read with a length that is one more: each starts one pixel later.
    x = ops.reshape(images, (*outer, number, height * width))
    x = ops.pad(x, (*[(0, 0)] * (len(x.shape) - 1), (0, height)))
    x = ops.reshape(x, (*outer, number, height, width + 1))[..., :band]
    x = ops.reshape(x, (*outer, number * height, band))[..., :size, :]
    inside = np.arange(size)[:, None] + np.arange(band) < size
    return ops.where(inside, x, ops.zeros_like(x))
