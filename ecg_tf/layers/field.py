"""Base of the layers for GAF, MTF and RP."""

import keras
import numpy as np
from keras import ops

from ecg_tf.layers.float32_layer import Float32Layer
from ecg_tf.preprocessing import IMAGE_SIZE, resize_taps


class Field(Float32Layer):
    """Base of layers that convert each lead to one image of size × size pixels.

    Subclasses implement `vectors` and `pixels`. Leads come before pixels: the pixels of an image
    are then contiguous in memory, which is several times faster on CPUs.

    Args:
        size: height and width of the images, pixels, at most `time`.
        **kwargs: arguments of `keras.layers.Layer`.
    """

    def __init__(self, size: int = IMAGE_SIZE, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.size = size

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self._before, weight = resize_taps(input_shape[1], self.size)
        self.weight = weight.astype(np.float32)  # of the sample after, (size,)

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        pixels = self.pixels(*self.vectors(ops.transpose(x, (0, 2, 1))))
        return ops.transpose(pixels, (0, 2, 3, 1))

    def vectors(self, x: keras.KerasTensor) -> tuple[keras.KerasTensor, keras.KerasTensor]:
        """Compute what the pixels are combined from.

        Args:
            x: leads (batch, lead, time).

        Returns:
            A few values for each row and for each column of an image, (batch, lead, value, size).
        """
        raise NotImplementedError

    def pixels(self, rows: keras.KerasTensor, columns: keras.KerasTensor) -> keras.KerasTensor:
        """Combine the values of rows and columns to images.

        Args:
            rows: (…, value, height), of any consecutive rows.
            columns: (…, value, width), of any consecutive columns.

        Returns:
            (…, height, width).
        """
        raise NotImplementedError

    def pixels_by_xla(
        self, rows: keras.KerasTensor, columns: keras.KerasTensor
    ) -> keras.KerasTensor:
        """The same, of the operations that XLA computes in a single loop over all pixels."""
        return self.pixels(rows, columns)

    def neighbours(self, x: keras.KerasTensor) -> tuple[keras.KerasTensor, keras.KerasTensor]:
        """The samples before and after each position of the resize.

        Args:
            x: (batch, lead, time).

        Returns:
            Two tensors (batch, lead, size).
        """
        return ops.take(x, self._before, axis=-1), ops.take(x, self._before + 1, axis=-1)

    def mix(self, before: keras.KerasTensor, after: keras.KerasTensor) -> keras.KerasTensor:
        """Interpolate linearly between the values of two `neighbours`."""
        return between(before, after, ops.convert_to_tensor(self.weight))

    def get_config(self) -> dict[str, object]:
        return {**super().get_config(), "size": self.size}


def between(
    before: keras.KerasTensor, after: keras.KerasTensor, weight: keras.KerasTensor
) -> keras.KerasTensor:
    """Interpolate linearly: `before` where the weight is 0, `after` where it is 1."""
    return before + weight * (after - before)
