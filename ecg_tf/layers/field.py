"""What the three image layers share."""

import keras
import numpy as np
from keras import ops

from ecg_tf.method import IMAGE_SIZE, resize_taps


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

    def fields(self, x):
        """(batch, lead, time) to (batch, lead, size, size)."""
        raise NotImplementedError

    def call(self, x):
        return ops.transpose(self.fields(ops.transpose(x, (0, 2, 1))), (0, 2, 3, 1))

    def get_config(self):
        return {**super().get_config(), "size": self.size}


def neighbours(x, size):
    """The two samples between which each output of a bilinear resize along time lies.

    Args:
        x: (batch, lead, time, ...).
        size: number of outputs.

    Returns:
        before: (batch, lead, size, ...).
        after: (batch, lead, size, ...), the sample that follows each of `before`.
        weight: float32 (size, 1, ...), the share of `after`, that broadcasts against both.
    """
    index, weight = resize_taps(x.shape[2], size)
    return (
        ops.take(x, index, axis=2),
        ops.take(x, index + 1, axis=2),
        weight.astype(np.float32).reshape((size,) + (1,) * (len(x.shape) - 3)),
    )


def resize_time(x, size):
    """(batch, lead, time, ...) to (batch, lead, size, ...), bilinear, see `resize_taps`."""
    before, after, weight = neighbours(x, size)
    return before + weight * (after - before)
