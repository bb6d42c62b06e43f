"""Batches of examples, as Keras' backend takes them."""

import keras


def training_batches(source, batch_size, seed, first_epoch=0, alpha=None):
    """Batches of all records, epoch after epoch without end, each epoch in an order of its own.

    The order is `epoch_order`, under every backend, so a run that goes on at epoch k sees what an
    uninterrupted one would have seen.

    Args:
        source: `ECGs` or `Images`.
        batch_size: records in a batch; the last one of an epoch may have fewer, none spans two.
        seed: non-negative integer.
        first_epoch: number of the first epoch.
        alpha: of `mixup` within each batch; None for records as they are.

    Returns:
        What `keras.Model.fit` takes, of (ecg or image, labels float32 (batch, class)): a
        tf.data.Dataset under TensorFlow, a keras.utils.PyDataset under another backend. An epoch is
        `steps_per_epoch(source, batch_size)` batches.
    """
    return _of_backend().training_batches(source, batch_size, seed, first_epoch, alpha)


def evaluation_batches(source, batch_size):
    """Batches of all records once, in their order; see `training_batches`."""
    return _of_backend().evaluation_batches(source, batch_size)


def _of_backend():
    """The module that makes batches; it alone may import TensorFlow."""
    if keras.backend.backend() == "tensorflow":
        from ecg_tf.data.batches import tf_batches as batches
    else:
        from ecg_tf.data.batches import array_batches as batches
    return batches
