"""Batches by tf.data, for the TensorFlow backend."""

import os

import tensorflow as tf

from ecg_tf.data.batches.examples import Images, epoch_order
from ecg_tf.data.batches.mixup import mixup
from ecg_tf.preprocessing import GREY_LEVELS

_AHEAD = 2  # batches that are prepared during a training step


def training_batches(source, batch_size, seed, first_epoch, alpha=None):
    """Implement `ecg_tf.data.batches.batches.training_batches`."""

    def order(number):
        return epoch_order(len(source), seed, number)

    def epoch(number):
        indices = tf.ensure_shape(tf.numpy_function(order, [number], tf.int64), (len(source),))
        batches = _batches(source, tf.data.Dataset.from_tensor_slices(indices), batch_size)
        if alpha is None:
            return batches
        return batches.enumerate().map(lambda k, batch: _mixed(*batch, alpha, (seed, number, k)))

    return _fed(tf.data.Dataset.counter(first_epoch).flat_map(epoch))


def evaluation_batches(source, batch_size):
    """Implement `ecg_tf.data.batches.batches.evaluation_batches`."""
    return _fed(_batches(source, tf.data.Dataset.range(len(source)), batch_size))


def _batches(source, indices, batch_size):
    """Return batches of the records at `indices`, a tf.data.Dataset of int64 scalars."""
    of_kind = _image_batches if isinstance(source, Images) else _ecg_batches
    return of_kind(source, tf.constant(source.labels, tf.float32), indices, batch_size)


def _ecg_batches(source, labels, indices, batch_size):
    def batch(k):  # tf.gather would need a copy of all ecgs in TensorFlow's memory
        ecg = tf.numpy_function(source.take, [k], tf.float32)
        return tf.ensure_shape(ecg, (None, *source.shape)), tf.gather(labels, k)

    return indices.batch(batch_size).map(batch)


def _image_batches(source, labels, indices, batch_size):
    def example(k):
        image = tf.py_function(source.read, [k], tf.uint8)
        return tf.ensure_shape(image, source.shape), tf.gather(labels, k)

    examples = indices.map(example, num_parallel_calls=os.cpu_count())
    return examples.batch(batch_size).map(
        lambda image, label: (tf.cast(image, tf.float32) / GREY_LEVELS, label)
    )


def _mixed(x, labels, alpha, seed):
    both = tf.numpy_function(mixup, [x, labels, alpha, tf.stack(seed)], [tf.float32, tf.float32])
    return tuple(
        tf.ensure_shape(new, old.shape) for new, old in zip(both, (x, labels), strict=True)
    )


def _fed(batches):
    """Prepare some batches ahead."""
    options = tf.data.Options()
    # The autotune thread sleeps for 10 ms, 20 ms, 40 ms … (TensorFlow 2.21), and the end of an
    # iteration waits until the thread wakes, which can double the duration of the iteration.
    options.autotune.enabled = False
    return batches.prefetch(_AHEAD).with_options(options)
