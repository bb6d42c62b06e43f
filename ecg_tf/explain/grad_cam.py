"""Grad-CAM: the evidence for a class at each position of a feature map."""

import tensorflow as tf


def grad_cam(function, x):
    """Compute Grad-CAM of a logit, without the final ReLU.

    The result is Σ_k α_k A_k, where α_k is the mean over all positions of the gradient of the logit
    with respect to A_k. Without the ReLU, a mean along one axis of the map also includes evidence
    against the class.

    Args:
        function: function from a tensor (batch, …) to a feature map A (batch, …, channel) and the
            logits (batch,) of the class, which are computed from A for each record separately.
        x: float32 (batch, …).

    Returns:
        float32 (batch, …): one number for each position of the feature map.

    References:
        R. R. Selvaraju et al., Grad-CAM: Visual explanations from deep networks via gradient-based
        localization, ICCV 2017, https://arxiv.org/abs/1610.02391
    """
    x = tf.convert_to_tensor(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        maps, logits = function(x)
    positions = range(1, len(maps.shape) - 1)
    weights = tf.reduce_mean(tape.gradient(logits, maps), axis=positions, keepdims=True)
    return tf.reduce_sum(weights * maps, axis=-1).numpy()
