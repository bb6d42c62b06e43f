"""Grad-CAM: where in a feature map the evidence for a class lies."""

import tensorflow as tf


def grad_cam(feature_maps, function):
    """Grad-CAM of one logit (Selvaraju et al. 2017, ICCV).

    ReLU(Σ_k α_k A_k), α_k being the mean over all positions of the logit's gradient by A_k.

    Args:
        feature_maps: A, float32 (batch, row, column, channel).
        function: from such a tensor to the logits of the class, (batch,), each record for itself.

    Returns:
        float32 array (batch, row, column), at least 0.
    """
    maps = tf.convert_to_tensor(feature_maps)
    with tf.GradientTape() as tape:
        tape.watch(maps)
        values = function(maps)
    weights = tf.reduce_mean(tape.gradient(values, maps), axis=(1, 2), keepdims=True)
    return tf.nn.relu(tf.reduce_sum(weights * maps, axis=-1)).numpy()
