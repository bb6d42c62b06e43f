"""Self-attention between the positions of a feature map."""

import keras
from keras import layers, ops

from ecg_tf.errors import InputError

AXES = {"keys": -1, "queries": -2}


@keras.saving.register_keras_serializable("ecg_tf")
class SelfAttention(layers.Layer):
    """x + γ · attention(x), γ being learnt from 0 (Zhang et al. 2019, "Self-attention GANs").

    Query, key and value are linear in the channels of a position, query and key having an eighth of
    them (at least one); the attention weights are softmax(query · key), and they take
    (height · width)² numbers per record.

    Input and output: (batch, height, width, channel).

    Args:
        softmax_over: "keys" (the weights with which one position looks at all others add up to 1)
            or, as in the study's code, "queries" (those with which all positions look at one do).
        **kwargs: as for every Keras layer.
    """

    def __init__(self, softmax_over="keys", **kwargs):
        super().__init__(**kwargs)
        if softmax_over not in AXES:
            raise InputError(f"softmax_over {softmax_over!r}: expected {' or '.join(AXES)}")
        self.softmax_over = softmax_over

    def build(self, input_shape):
        channels = input_shape[-1]
        self.gamma = self.add_weight(shape=(1,), initializer="zeros", name="gamma")
        self.query = layers.Dense(max(channels // 8, 1), dtype=self.dtype_policy, name="query")
        self.key = layers.Dense(max(channels // 8, 1), dtype=self.dtype_policy, name="key")
        self.value = layers.Dense(channels, dtype=self.dtype_policy, name="value")
        for dense in (self.query, self.key, self.value):
            dense.build((None, None, channels))

    def call(self, x):
        _, height, width, channels = x.shape
        positions = ops.reshape(x, (-1, height * width, channels))
        query, key, value = (f(positions) for f in (self.query, self.key, self.value))
        match = ops.einsum("bqc,bkc->bqk", query, key)
        weights = ops.softmax(match, axis=AXES[self.softmax_over])
        seen = ops.reshape(ops.matmul(weights, value), (-1, height, width, channels))
        return x + self.gamma * seen

    def get_config(self):
        return {**super().get_config(), "softmax_over": self.softmax_over}
