"""Exports that accept an empty batch."""

import tensorflow as tf


def any_batch(function):
    """Let `function` accept a batch of 0, for which it then returns empty tensors.

    TensorFlow's batch normalisation refuses such a batch, and onnxruntime's GRU ends the process.
    So one record of zeros is added to an empty batch and dropped from the result.

    Args:
        function: from a tensor (batch, …) to a dictionary of tensors (batch, …).
    """

    def of_batch(x):
        size = tf.shape(x)[0]
        padding = tf.zeros([tf.cast(size == 0, tf.int32), *x.shape[1:]])
        result = function(tf.concat([x, padding], axis=0))
        return {key: value[:size] for key, value in result.items()}

    return of_batch
