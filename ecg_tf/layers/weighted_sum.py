"""Answers of several networks, weighed up class by class."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("ecg_tf")
class WeightedSum(keras.layers.Layer):
    """Σ_n w[n, class] x_n + b[class], which begins as the mean of the inputs.

    Of logits it is logistic regression upon what other models say: stacking (Wolpert 1992,
    "Stacked generalization") without a network's freedom to learn their mistakes by heart.

    Input: list of N tensors (batch, class).
    Output: (batch, class).
    """

    def build(self, input_shape):
        inputs, classes = len(input_shape), input_shape[0][-1]
        mean = keras.initializers.Constant(1 / inputs)
        self.shares = self.add_weight(shape=(inputs, classes), initializer=mean, name="shares")
        self.bias = self.add_weight(shape=(classes,), initializer="zeros", name="bias")

    def call(self, inputs):
        return ops.sum(ops.stack(inputs, axis=1) * self.shares, axis=1) + self.bias

    def compute_output_shape(self, input_shape):
        return input_shape[0]
