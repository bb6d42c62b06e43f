"""Self-attention between the positions of a feature map."""

import keras
from keras import layers, ops

from ecg_tf.errors import InputError

AXES = {"keys": -1, "queries": -2}


@keras.saving.register_keras_serializable("ecg_tf")
class SelfAttention(layers.Layer):
    """Compute x + γ · attention(x), with γ trained from 0.

    Query, key and value are linear functions of the channels at a position; query and key have an
    eighth of the channels, at least one. The attention weights are softmax(query · key): (height ·
    width)² numbers per record.

    Input and output: (batch, height, width, channel).

    Args:
        softmax_over: axis over which the attention weights sum to 1: "keys", or "queries" as in the
            study's code.
        **kwargs: arguments of `keras.layers.Layer`.

    Raises:
        InputError: another `softmax_over`.

    References:
        H. Zhang et al., Self-attention generative adversarial networks, ICML 2019,
        https://arxiv.org/abs/1805.08318

    Examples:
        >>> import numpy as np
        >>> from ecg_tf.models.self_attention import SelfAttention
        >>> tuple(SelfAttention()(np.zeros((2, 8, 8, 16), "float32")).shape)
        (2, 8, 8, 16)
    """

    def __init__(self, softmax_over: str = "keys", **kwargs: object) -> None:
        super().__init__(**kwargs)
        if softmax_over not in AXES:
            raise InputError(f"softmax_over {softmax_over!r}: expected {' or '.join(AXES)}")
        self.softmax_over = softmax_over

    def build(self, input_shape: tuple[int, ...]) -> None:
        channels = input_shape[-1]
        self.gamma = self.add_weight(shape=(1,), initializer="zeros", name="gamma")
        self.query = layers.Dense(max(channels // 8, 1), dtype=self.dtype_policy, name="query")
        self.key = layers.Dense(max(channels // 8, 1), dtype=self.dtype_policy, name="key")
        self.value = layers.Dense(channels, dtype=self.dtype_policy, name="value")
        for dense in (self.query, self.key, self.value):
            dense.build((None, None, channels))

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        _, height, width, channels = x.shape
        positions = ops.reshape(x, (-1, height * width, channels))
        query, key, value = (f(positions) for f in (self.query, self.key, self.value))
        match = ops.einsum("bqc,bkc->bqk", query, key)
        weights = ops.softmax(match, axis=AXES[self.softmax_over])
        seen = ops.reshape(ops.matmul(weights, value), (-1, height, width, channels))
        return x + self.gamma * seen

    def get_config(self) -> dict[str, object]:
        return {**super().get_config(), "softmax_over": self.softmax_over}
