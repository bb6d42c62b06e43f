"""The band of an image along its diagonal."""

import keras
import numpy as np
from keras import ops


@keras.saving.register_keras_serializable("ecg_tf")
class DiagonalBand(keras.layers.Layer):
    """Cut the band along the diagonal out of an image: output[i, k] = image[i, i + k].

    Pixels beyond the edge of the image are 0. Both axes of a GAF, MTF or RP are time; the axes of
    the band are time and lag. Pairs of distant times, which are most of the pixels, are left out.
    GAF and RP are symmetric, so the band below the diagonal adds nothing.

    Input: (batch, size, size, channel).
    Output: (batch, size, width, channel).

    Args:
        width: number of columns of the band, at most `size`.
        **kwargs: arguments of `keras.layers.Layer`.

    Examples:
        >>> import numpy as np
        >>> from ecg_tf.layers import DiagonalBand
        >>> image = np.arange(9, dtype="float32").reshape(1, 3, 3, 1)
        >>> np.asarray(DiagonalBand(2)(image))[0, :, :, 0].tolist()
        [[0.0, 1.0], [4.0, 5.0], [8.0, 0.0]]
    """

    def __init__(self, width: int, **kwargs: object) -> None:
        super().__init__(autocast=False, **kwargs)  # only the band is cast, not the image
        self.width = width

    def call(self, image: keras.KerasTensor) -> keras.KerasTensor:
        size, channels = image.shape[1], image.shape[3]
        row = np.arange(size)[:, None]
        column = row + np.arange(self.width)
        inside = column < size
        pixels = ops.reshape(image, (-1, size * size, channels))
        band = ops.take(pixels, np.where(inside, size * row + column, 0), axis=1)
        return ops.cast(ops.where(inside[..., None], band, 0), self.compute_dtype)

    def get_config(self) -> dict[str, object]:
        return {**super().get_config(), "width": self.width}
