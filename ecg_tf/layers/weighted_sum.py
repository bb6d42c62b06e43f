"""Weighted sums of the outputs of several networks."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("ecg_tf")
class WeightedSum(keras.layers.Layer):
    """Compute Σ_n w[n, class] x_n + b[class], initially the mean of the inputs.

    On logits, this is logistic regression on the outputs of other models: stacking with few
    parameters, which overfits less than a network.

    Input: list of N tensors (batch, class).
    Output: (batch, class). Keyword arguments are those of `keras.layers.Layer`.

    References:
        D. H. Wolpert, Stacked generalization, Neural Networks 5 (1992) 241-259,
        https://doi.org/10.1016/S0893-6080(05)80023-1

    Examples:
        >>> import numpy as np
        >>> from ecg_tf.layers import WeightedSum
        >>> np.asarray(WeightedSum()([np.array([[1.0, 2.0]]), np.array([[3.0, 6.0]])])).tolist()
        [[2.0, 4.0]]
    """

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        inputs, classes = len(input_shape), input_shape[0][-1]
        mean = keras.initializers.Constant(1 / inputs)
        self.shares = self.add_weight(shape=(inputs, classes), initializer=mean, name="shares")
        self.bias = self.add_weight(shape=(classes,), initializer="zeros", name="bias")

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        return ops.sum(ops.stack(inputs, axis=1) * self.shares, axis=1) + self.bias

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return input_shape[0]
