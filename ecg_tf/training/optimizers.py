"""SGD, Adam and AdamW as PyTorch defines them."""

import keras

# Names of the weights without decay: those of A and dt in `ecg_tf.layers.StateSpace`. TensorFlow
# appends to names, as in "log_step:0".
_WITHOUT_DECAY = (r"\b(log_step|log_decay|frequency)\b",)


class _L2:
    """Adds `l2_decay` times each variable to its gradient, like PyTorch's weight_decay.

    Keras' `weight_decay` differs under Adam: it is decoupled from the gradient (AdamW).
    """

    l2_decay = 0.0

    def update_step(self, gradient, variable, learning_rate):
        if self.l2_decay and self._use_weight_decay(variable):
            gradient = gradient + self.l2_decay * keras.ops.cast(variable, gradient.dtype)
        super().update_step(gradient, variable, learning_rate)


class _FusedSGD:
    """Computes the step of Keras' SGD without momentum by one operation under TensorFlow."""

    def update_step(self, gradient, variable, learning_rate):
        if keras.backend.backend() != "tensorflow":
            super().update_step(gradient, variable, learning_rate)
            return
        from ecg_tf.kernels.optimizers import apply_sgd

        apply_sgd(variable, gradient, learning_rate)


class _FusedAdam:
    """Computes the step of Keras' Adam by one operation under TensorFlow."""

    def update_step(self, gradient, variable, learning_rate):
        if keras.backend.backend() != "tensorflow":
            super().update_step(gradient, variable, learning_rate)
            return
        from ecg_tf.kernels.optimizers import apply_adam

        index = self._get_variable_index(variable)
        apply_adam(
            variable,
            self._momentums[index].value,
            self._velocities[index].value,
            gradient,
            learning_rate,
            self.iterations + 1,
            (self.beta_1, self.beta_2),
            self.epsilon,
        )


class SGD(_L2, _FusedSGD, keras.optimizers.SGD):
    """Keras' SGD with `l2_decay`, without momentum."""


class Adam(_L2, _FusedAdam, keras.optimizers.Adam):
    """Keras' Adam with `l2_decay`."""


class AdamW(_FusedAdam, keras.optimizers.AdamW):
    """Keras' AdamW."""


def optimizer(
    name, learning_rate, l2_decay=0.0, clip_norm=None, ema_momentum=None, scale_loss=False
):
    """Create an optimizer: those of the study, or AdamW.

    Args:
        name: "sgd" (no momentum), "adam" or "adamw" (betas .9 and .999, epsilon 1e-8).
        learning_rate: a number or a Keras schedule.
        l2_decay: adds l2_decay / 2 times the squared norm of all weights to the loss, but only to
            its gradient: reported losses do not include the penalty. With "adamw", each step
            instead multiplies all weights by 1 - l2_decay times the learning rate (Loshchilov &
            Hutter 2019, "Decoupled weight decay regularization",
            https://arxiv.org/abs/1711.05101). A and dt of `ecg_tf.layers.StateSpace` do not decay.
        clip_norm: maximum global norm of the gradients; larger gradients are scaled down to it.
            None for no limit.
        ema_momentum: momentum of the exponential moving average of the weights, which the optimizer
            keeps beside the weights. None for no average.
        scale_loss: True to scale the loss, and its gradients back, so that small gradients do not
            underflow in float16.

    Returns:
        keras.optimizers.Optimizer.
    """
    common = {"global_clipnorm": clip_norm}
    if ema_momentum is not None:
        common |= {"use_ema": True, "ema_momentum": ema_momentum}
    if name == "sgd":
        chosen = SGD(learning_rate, **common)
    elif name == "adamw":
        chosen = AdamW(learning_rate, weight_decay=l2_decay, epsilon=1e-8, **common)
    else:
        chosen = Adam(learning_rate, epsilon=1e-8, **common)
    if name != "adamw":
        chosen.l2_decay = l2_decay
    chosen.exclude_from_weight_decay(var_names=_WITHOUT_DECAY)
    return keras.optimizers.LossScaleOptimizer(chosen) if scale_loss else chosen
