"""SGD and Adam as PyTorch means them."""

import keras


class _L2:
    """Adds `l2_decay` times the variable to the gradient of each, as PyTorch's weight_decay does.

    Under Adam that is not Keras' `weight_decay`, which is decoupled from the gradient (AdamW).
    """

    l2_decay = 0.0

    def update_step(self, gradient, variable, learning_rate):
        if self.l2_decay:
            gradient = gradient + self.l2_decay * keras.ops.cast(variable, gradient.dtype)
        super().update_step(gradient, variable, learning_rate)


class SGD(_L2, keras.optimizers.SGD):
    """Keras' SGD, here without momentum, with `l2_decay`."""


class Adam(_L2, keras.optimizers.Adam):
    """Keras' Adam with `l2_decay`."""


def optimizer(name, learning_rate, l2_decay=0.0):
    """The study's optimisers.

    Args:
        name: "sgd" (no momentum) or "adam" (betas .9 and .999, epsilon 1e-8).
        learning_rate: a number or a Keras schedule.
        l2_decay: l2_decay / 2 times the squared norm of all weights is added to the loss, through
            its gradient only: reported losses do not hold it.
    """
    chosen = SGD(learning_rate) if name == "sgd" else Adam(learning_rate, epsilon=1e-8)
    chosen.l2_decay = l2_decay
    return chosen
