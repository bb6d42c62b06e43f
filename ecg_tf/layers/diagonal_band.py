"""The part of an image that lies along its diagonal."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("ecg_tf")
class DiagonalBand(keras.layers.Layer):
    """Row i, column k of the band is row i, column i + k of the image; 0 beyond its edge.

    Both axes of an image are time; those of the band are time and lag. What two moments far apart
    have to do with each other is left out, and with it most of the pixels. GAF and RP are
    symmetric, so the side below the diagonal says nothing new.

    Input: (batch, size, size, channel).
    Output: (batch, size, width, channel).

    Args:
        width: columns of the band, at most `size`.
        **kwargs: as for every Keras layer.
    """

    def __init__(self, width, **kwargs):
        super().__init__(**kwargs)
        self.width = width

    def call(self, image):
        size, channels = image.shape[1], image.shape[3]
        # With every row one pixel longer than it is read again, each begins one pixel later.
        rows = ops.pad(image, ((0, 0), (0, 1), (0, self.width), (0, 0)))
        pixels = ops.reshape(rows, (-1, (size + 1) * (size + self.width), channels))
        length = size + self.width + 1
        band = ops.reshape(pixels[:, : size * length], (-1, size, length, channels))
        return band[:, :, : self.width]

    def get_config(self):
        return {**super().get_config(), "width": self.width}
