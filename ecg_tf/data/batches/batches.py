"""Batches of examples for the current backend of Keras."""

import keras


def training_batches(source, batch_size, seed, first_epoch=0, alpha=None, share=None):
    """Return an endless sequence of training batches, shuffled anew in every epoch.

    The order of the records is `epoch_order` with every backend, so that a run resumed at epoch k
    trains on the same batches as an uninterrupted run.

    Args:
        source: `ECGs` or `Images`.
        batch_size: number of records in a batch. The last batch of an epoch may be smaller; no
            batch spans two epochs.
        seed: non-negative integer.
        first_epoch: number of the first epoch.
        alpha: alpha of `mixup` within each batch; None for no mixup.
        share: `Share` of this process, not with TensorFlow; None for all of each batch.

    Returns:
        Batches of (ecg or image, labels float32 (batch, class)) for `keras.Model.fit`: a
        tf.data.Dataset with TensorFlow, a keras.utils.PyDataset with other backends. An epoch has
        `steps_per_epoch(source, batch_size)` batches.
    """
    share = {} if share is None else {"share": share}
    return _of_backend().training_batches(source, batch_size, seed, first_epoch, alpha, **share)


def evaluation_batches(source, batch_size):
    """Return batches of all records once, in order; see `training_batches`."""
    return _of_backend().evaluation_batches(source, batch_size)


def _of_backend():
    """Import the module for the current backend; only `tf_batches` imports TensorFlow."""
    if keras.backend.backend() == "tensorflow":
        from ecg_tf.data.batches import tf_batches as batches
    else:
        from ecg_tf.data.batches import array_batches as batches
    return batches
