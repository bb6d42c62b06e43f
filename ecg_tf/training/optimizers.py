"""SGD, Adam and AdamW as PyTorch means them."""

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


def optimizer(
    name, learning_rate, l2_decay=0.0, clip_norm=None, ema_momentum=None, scale_loss=False
):
    """The study's optimisers, and AdamW.

    Args:
        name: "sgd" (no momentum), "adam" or "adamw" (betas .9 and .999, epsilon 1e-8).
        learning_rate: a number or a Keras schedule.
        l2_decay: l2_decay / 2 times the squared norm of all weights is added to the loss, through
            its gradient only: reported losses do not hold it. Under "adamw" all weights lose
            l2_decay times the learning rate of themselves in every step instead (Loshchilov &
            Hutter 2019, "Decoupled weight decay regularization").
        clip_norm: where all gradients of the loss together have a larger norm, they are scaled down
            to this one; None for no limit.
        ema_momentum: of the exponential moving average of the weights that is kept beside them;
            None for none.
        scale_loss: whether the loss is multiplied before its gradients are taken, and these divided
            again, so that small ones are not 0 in float16.
    """
    common = {"global_clipnorm": clip_norm}
    if ema_momentum is not None:
        common |= {"use_ema": True, "ema_momentum": ema_momentum}
    if name == "sgd":
        chosen = SGD(learning_rate, **common)
    elif name == "adamw":
        chosen = keras.optimizers.AdamW(
            learning_rate, weight_decay=l2_decay, epsilon=1e-8, **common
        )
    else:
        chosen = Adam(learning_rate, epsilon=1e-8, **common)
    if name != "adamw":
        chosen.l2_decay = l2_decay
    return keras.optimizers.LossScaleOptimizer(chosen) if scale_loss else chosen
