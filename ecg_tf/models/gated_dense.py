"""A dense layer with a gate (gated linear unit)."""

import keras
from keras import layers, ops


@keras.saving.register_keras_serializable("ecg_tf")
class GatedDense(layers.Layer):
    """Compute value · sigmoid(gate), two linear functions of the features at each position.

    Input: (batch, …, feature).
    Output: (batch, …, unit).

    Args:
        units: number of units.
        **kwargs: arguments of `keras.layers.Layer`.

    References:
        Y. Dauphin et al., Language modeling with gated convolutional networks, ICML 2017,
        https://arxiv.org/abs/1612.08083

    Examples:
        >>> import numpy as np
        >>> from ecg_tf.models.gated_dense import GatedDense
        >>> tuple(GatedDense(16)(np.zeros((2, 250, 8), "float32")).shape)
        (2, 250, 16)
    """

    def __init__(self, units: int, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.linear = layers.Dense(2 * self.units, dtype=self.dtype_policy, name="linear")
        self.linear.build(input_shape)

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        value, gate = ops.split(self.linear(x), 2, axis=-1)
        return value * ops.sigmoid(gate)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return *input_shape[:-1], self.units

    def get_config(self) -> dict[str, object]:
        return {**super().get_config(), "units": self.units}
