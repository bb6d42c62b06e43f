"""Scaling of leads: by the record's own statistics, or by fixed numbers of millivolt."""

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


@keras.saving.register_keras_serializable("ecg_tf")
class Squash(keras.layers.Layer):
    """Each sample to (0, 1): (1 + tanh(x / mV)) / 2, so that 0 mV becomes 1/2.

    Keeps the amplitude, which `MinMax` throws away, and no clipping flattens a tall R wave: 1 mV
    becomes 0.88, 2 mV 0.98.

    Input and output: (batch, time, lead), float32.
    """

    def __init__(self, **kwargs):
        kwargs.setdefault("dtype", "float32")
        super().__init__(**kwargs)

    def call(self, x):
        return (1.0 + ops.tanh(x)) / 2.0


@keras.saving.register_keras_serializable("ecg_tf")
class Gain(keras.layers.Layer):
    """Each sample divided by 0.2 mV, about the standard deviation of a band-passed lead.

    Keeps the amplitude, which `ZScore` throws away.

    Input and output: (batch, time, lead), float32.
    """

    def __init__(self, **kwargs):
        kwargs.setdefault("dtype", "float32")
        super().__init__(**kwargs)

    def call(self, x):
        return x / 0.2


def _ratio(x, scale):
    """The quotient, and 0 where the scale is 0."""
    return ops.where(scale > 0, x / ops.where(scale > 0, scale, 1.0), 0.0)
