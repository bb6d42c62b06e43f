"""Grad-CAM: where in a feature map the evidence for a class lies."""

import tensorflow as tf


def grad_cam(function, x):
    """Grad-CAM of one logit (Selvaraju et al. 2017, ICCV), before its ReLU.

    Σ_k α_k A_k, α_k being the mean over all positions of the logit's gradient by A_k. Without the
    ReLU, a mean along one axis of the map also weighs what speaks against the class.

    Args:
        function: from a tensor (batch, …) to a feature map A, (batch, …, channel), and
            the logits of the class that come of it, (batch,), each record for itself.
        x: float32 (batch, …).

    Returns:
        float32 array (batch, …).
    """
    x = tf.convert_to_tensor(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        maps, logits = function(x)
    positions = range(1, len(maps.shape) - 1)
    weights = tf.reduce_mean(tape.gradient(logits, maps), axis=positions, keepdims=True)
    return tf.reduce_sum(weights * maps, axis=-1).numpy()
