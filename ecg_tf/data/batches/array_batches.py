"""Batches of numpy arrays, for backends other than TensorFlow."""

import keras
import numpy as np

from ecg_tf.data.batches.examples import epoch_order, steps_per_epoch
from ecg_tf.data.batches.mixup import mixup
from ecg_tf.data.batches.share import Share


def training_batches(source, batch_size, seed, first_epoch, alpha=None, share=None):
    """Implement `ecg_tf.data.batches.batches.training_batches`."""
    return _Epochs(source, batch_size, seed, first_epoch, alpha, share or Share())


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
        return self._examples(self._positions(np.arange(len(self._source)), number))

    def _positions(self, order, number):
        return order[number * self._batch_size :][: self._batch_size]

    def _examples(self, k):
        return self._source.take(k), self._labels[k]


class _Epochs(_InOrder):
    """An endless sequence of epochs; `number` counts the batches of all epochs."""

    def __init__(self, source, batch_size, seed, first_epoch, alpha, share):
        super().__init__(source, batch_size)
        self._seed, self._first_epoch = seed, first_epoch
        self._alpha, self._share = alpha, share
        self._epoch = self._order = None

    @property
    def num_batches(self):
        return None  # endless

    def __getitem__(self, number):
        epoch, number = divmod(number, self._steps)
        if epoch != self._epoch:
            order = epoch_order(len(self._source), self._seed, self._first_epoch + epoch)
            self._epoch, self._order = epoch, order
        k = self._positions(self._order, number)
        rows = self._share.rows(len(k))
        if self._alpha is None:
            return self._examples(k[rows])
        seed = self._seed, self._first_epoch + epoch, number
        return tuple(values[rows] for values in mixup(*self._examples(k), self._alpha, seed))
