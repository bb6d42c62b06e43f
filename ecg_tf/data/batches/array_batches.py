"""Batches of numpy arrays, for backends other than TensorFlow."""

import keras
import numpy as np

from ecg_tf.data.batches.examples import epoch_order, steps_per_epoch
from ecg_tf.data.batches.mixup import mixup


def training_batches(source, batch_size, seed, first_epoch, alpha=None):
    """Implement `ecg_tf.data.batches.batches.training_batches`."""
    return _Epochs(source, batch_size, seed, first_epoch, alpha)


def evaluation_batches(source, batch_size):
    """Implement `ecg_tf.data.batches.batches.evaluation_batches`."""
    return _InOrder(source, batch_size)


class _InOrder(keras.utils.PyDataset):
    """All records once, in order."""

    def __init__(self, source, batch_size):
        super().__init__()
        self._source, self._labels = source, source.labels.astype(np.float32)
        self._batch_size, self._steps = batch_size, steps_per_epoch(source, batch_size)

    @property
    def num_batches(self):
        return self._steps

    def __getitem__(self, number):
        return self._batch(np.arange(len(self._source)), number)

    def _batch(self, order, number):
        k = order[number * self._batch_size :][: self._batch_size]
        return self._source.take(k), self._labels[k]


class _Epochs(_InOrder):
    """An endless sequence of epochs; `number` counts the batches of all epochs."""

    def __init__(self, source, batch_size, seed, first_epoch, alpha):
        super().__init__(source, batch_size)
        self._seed, self._first_epoch, self._alpha = seed, first_epoch, alpha
        self._epoch = self._order = None

    @property
    def num_batches(self):
        return None  # endless

    def __getitem__(self, number):
        epoch, number = divmod(number, self._steps)
        if epoch != self._epoch:
            order = epoch_order(len(self._source), self._seed, self._first_epoch + epoch)
            self._epoch, self._order = epoch, order
        batch = self._batch(self._order, number)
        if self._alpha is None:
            return batch
        return mixup(*batch, self._alpha, (self._seed, self._first_epoch + epoch, number))
