"""Exports of which a batch may be empty."""

import tensorflow as tf


def any_batch(function):
    """`function`, which then takes a batch of 0, too, and answers it with empty tensors.

    TensorFlow's batch normalisation refuses such a batch, and onnxruntime's GRU ends the process.
    So one record of zeros is put into an empty batch, and its answer is left out.

    Args:
        function: from a tensor (batch, …) to a dictionary of tensors (batch, …).
    """

    def of_batch(x):
        size = tf.shape(x)[0]
        padding = tf.zeros([tf.cast(size == 0, tf.int32), *x.shape[1:]])
        answer = function(tf.concat([x, padding], axis=0))
        return {key: value[:size] for key, value in answer.items()}

    return of_batch
