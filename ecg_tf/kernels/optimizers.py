"""Steps of optimizers by TensorFlow's fused operations.

Keras computes a step of Adam by some ten single operations, each of which reads and writes arrays
of the size of the weights. A fused operation reads and writes each array once.
"""

import tensorflow as tf


def apply_sgd(weight, gradient, learning_rate):
    """Update a weight by a step of SGD without momentum.

    Args:
        weight: float32 tf.Variable, changed in place.
        gradient: tensor of the same shape and dtype.
        learning_rate: scalar.
    """
    tf.raw_ops.ResourceApplyGradientDescent(
        var=weight.handle, alpha=tf.cast(learning_rate, weight.dtype), delta=gradient
    )


def apply_adam(weight, momentum, velocity, gradient, learning_rate, step, betas, epsilon):
    """Update a weight, and its moments, by a step of Adam.

    D. P. Kingma, J. Ba, Adam: A method for stochastic optimization, ICLR 2015,
    https://arxiv.org/abs/1412.6980

    Args:
        weight: float32 tf.Variable, changed in place.
        momentum: tf.Variable of the same shape and dtype, the mean of the gradients; as `weight`.
        velocity: the same for their squares.
        gradient: tensor of the same shape and dtype.
        learning_rate: scalar.
        step: number of this step, from 1 on.
        betas: factors of the two moments.
        epsilon: constant added to the square root of the second.
    """
    rate, step, epsilon, *betas = (
        tf.cast(value, weight.dtype) for value in (learning_rate, step, epsilon, *betas)
    )
    tf.raw_ops.ResourceApplyAdam(
        var=weight.handle,
        m=momentum.handle,
        v=velocity.handle,
        beta1_power=betas[0] ** step,
        beta2_power=betas[1] ** step,
        lr=rate,
        beta1=betas[0],
        beta2=betas[1],
        epsilon=epsilon,
        grad=gradient,
    )
