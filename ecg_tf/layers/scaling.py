"""Scaling of each lead of each record by its own statistics."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("ecg_tf")
class MinMax(keras.layers.Layer):
    """Each lead to [0, 1]: (x - min) / (max - min) over time; a constant lead becomes 0.

    Input and output: (batch, time, lead), float32.
    """

    def __init__(self, **kwargs):
        kwargs.setdefault("dtype", "float32")
        super().__init__(**kwargs)

    def call(self, x):
        low = ops.min(x, axis=1, keepdims=True)
        return _ratio(x - low, ops.max(x, axis=1, keepdims=True) - low)


@keras.saving.register_keras_serializable("ecg_tf")
class ZScore(keras.layers.Layer):
    """Each lead to mean 0 and (population) standard deviation 1; a constant lead becomes 0.

    Input and output: (batch, time, lead), float32.
    """

    def __init__(self, **kwargs):
        kwargs.setdefault("dtype", "float32")
        super().__init__(**kwargs)

    def call(self, x):
        return _ratio(x - ops.mean(x, axis=1, keepdims=True), ops.std(x, axis=1, keepdims=True))


def _ratio(x, scale):
    """The quotient, and 0 where the scale is 0."""
    return ops.where(scale > 0, x / ops.where(scale > 0, scale, 1.0), 0.0)
