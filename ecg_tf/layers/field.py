"""What the three image layers share."""

import keras
import numpy as np
from keras import ops

from ecg_tf.preprocessing import IMAGE_SIZE, resize_taps


class Field(keras.layers.Layer):
    """Base of the layers that turn each lead into one image of size × size.

    A subclass writes `fields`, leads first: the pixels of an image then lie side by side in memory,
    which on a CPU is several times faster than leads last.

    Args:
        size: height and width of the images, at most `time`.
        **kwargs: as for every Keras layer.
    """

    def __init__(self, size=IMAGE_SIZE, **kwargs):
        kwargs.setdefault("dtype", "float32")
        super().__init__(**kwargs)
        self.size = size

    def build(self, input_shape):
        self._before, weight = resize_taps(input_shape[1], self.size)
        self._weight = weight.astype(np.float32)

    def call(self, x):
        return ops.transpose(self.fields(ops.transpose(x, (0, 2, 1))), (0, 2, 3, 1))

    def fields(self, x):
        """(batch, lead, time) to (batch, lead, size, size)."""
        raise NotImplementedError

    def neighbours(self, x):
        """Between which samples each position of the resize lies.

        (batch, lead, time) to the samples before and those after, both (batch, lead, size).
        """
        return ops.take(x, self._before, axis=-1), ops.take(x, self._before + 1, axis=-1)

    def mix(self, before, after, axis=-1):
        """Bilinear mixture of what belongs to the `neighbours`, their axis being -1 or -2."""
        weight = self._weight if axis == -1 else self._weight[:, None]
        return before + ops.convert_to_tensor(weight) * (after - before)

    def get_config(self):
        return {**super().get_config(), "size": self.size}
