"""Scaling of leads, by the statistics of the record or by fixed factors."""

import keras
from keras import ops

from ecg_tf.layers.float32_layer import Float32Layer


@keras.saving.register_keras_serializable("ecg_tf")
class MinMax(Float32Layer):
    """Scale each lead to [0, 1]: (x - min) / (max - min) over time; constant leads become 0.

    Input and output: (batch, time, lead) float32.

    Args:
        **kwargs: arguments of `keras.layers.Layer`.

    Examples:
        >>> import numpy as np
        >>> from ecg_tf.layers import MinMax
        >>> np.asarray(MinMax()(np.array([[[1.0], [2.0], [5.0]]]))).ravel().tolist()
        [0.0, 0.25, 1.0]
    """

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        low = ops.min(x, axis=1, keepdims=True)
        return _ratio(x - low, ops.max(x, axis=1, keepdims=True) - low)


@keras.saving.register_keras_serializable("ecg_tf")
class ZScore(Float32Layer):
    """Scale each lead to mean 0 and standard deviation 1 over time; constant leads become 0.

    The standard deviation is that of the population (divided by the number of samples).

    Input and output: (batch, time, lead) float32.

    Args:
        **kwargs: arguments of `keras.layers.Layer`.

    Examples:
        >>> import numpy as np
        >>> from ecg_tf.layers import ZScore
        >>> np.asarray(ZScore()(np.array([[[1.0], [3.0]]]))).ravel().tolist()
        [-1.0, 1.0]
    """

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        return _ratio(x - ops.mean(x, axis=1, keepdims=True), ops.std(x, axis=1, keepdims=True))


@keras.saving.register_keras_serializable("ecg_tf")
class Squash(Float32Layer):
    """Map each sample to (0, 1) by (1 + tanh(x)) / 2, with x in millivolt.

    Keeps the amplitude, unlike `MinMax`, without clipping tall R waves: 0 mV becomes 0.5, 1 mV
    0.88, 2 mV 0.98.

    Input and output: (batch, time, lead) float32.

    Args:
        **kwargs: arguments of `keras.layers.Layer`.

    Examples:
        >>> import numpy as np
        >>> from ecg_tf.layers import Squash
        >>> np.asarray(Squash()(np.array([[[0.0], [1.0]]]))).ravel().round(2).tolist()
        [0.5, 0.8799999952316284]
    """

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        return (1.0 + ops.tanh(x)) / 2.0


@keras.saving.register_keras_serializable("ecg_tf")
class Gain(Float32Layer):
    """Divide each sample by 0.2 mV, about the standard deviation of a band-passed lead.

    Keeps the amplitude, unlike `ZScore`.

    Input: (batch, time, lead) millivolt, float32.
    Output: (batch, time, lead) float32.

    Args:
        **kwargs: arguments of `keras.layers.Layer`.

    Examples:
        >>> import numpy as np
        >>> from ecg_tf.layers import Gain
        >>> np.asarray(Gain()(np.array([[[0.0], [1.0]]]))).ravel().tolist()
        [0.0, 5.0]
    """

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        return x / 0.2


def _ratio(x: keras.KerasTensor, scale: keras.KerasTensor) -> keras.KerasTensor:
    """Quotient x / scale; 0 where the scale is 0."""
    return ops.where(scale > 0, x / ops.where(scale > 0, scale, 1.0), 0.0)
