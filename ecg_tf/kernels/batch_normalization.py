"""Batch normalization for CPUs by TensorFlow's fused operation.

Keras computes it by some ten single operations, in float32, each of which reads and writes the
whole array. The fused operation reads it twice, in its own dtype, and sums in float32.
"""

import tensorflow as tf


def normalize_batch(x, gamma, beta, epsilon):
    """Normalize an array by its own mean and variance over all axes but the last.

    S. Ioffe, C. Szegedy, Batch normalization, ICML 2015, https://arxiv.org/abs/1502.03167

    Args:
        x: (batch, …, channel) float32 or bfloat16, of three or four axes.
        gamma: (channel,) float32 factors.
        beta: (channel,) float32 offsets.
        epsilon: constant added to the variance.

    Returns:
        outputs: as `x`.
        mean: (channel,) float32.
        variance: (channel,) float32, divided by the number of values.
    """
    outputs, mean, unbiased = tf.compat.v1.nn.fused_batch_norm(
        _as_image(x), gamma, beta, epsilon=epsilon, is_training=True
    )
    number = tf.cast(tf.size(x) // tf.size(gamma), "float32")
    return _as_before(outputs, x), mean, unbiased * (number - 1.0) / number


def normalize(x, gamma, beta, mean, variance, epsilon):
    """Normalize an array by a given mean and variance; arguments as those of `normalize_batch`."""
    outputs, *_ = tf.compat.v1.nn.fused_batch_norm(
        _as_image(x), gamma, beta, mean, variance, epsilon, is_training=False
    )
    return _as_before(outputs, x)


def add_bias(x, bias):
    """Add a bias (channel,) in the way that TensorFlow merges with a convolution before it."""
    return tf.nn.bias_add(x, bias)


def _as_image(x):
    """The array with four axes, which the operation needs."""
    return x if x.shape.rank == 4 else tf.expand_dims(x, 1)


def _as_before(outputs, x):
    return outputs if x.shape.rank == 4 else tf.squeeze(outputs, 1)
