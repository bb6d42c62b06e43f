"""What a network is fed: stored records or images, and batches of them for Keras' backend."""

import contextlib
import math

import keras
import numpy as np

from ecg_tf.errors import InputError
from ecg_tf.method import GREY_LEVELS


class ECGs:
    """Raw ecgs: for networks with a front that makes what they look at.

    Args:
        records: the `ecg_tf.data.prepared.Records` of a partition.

    Attributes:
        labels: uint8 (record, class).
        leads: names of the leads of the ecgs.
        shape: (time, lead) of each.
    """

    clear_errors = contextlib.nullcontext  # nothing here can fail for a record's sake

    def __init__(self, records):
        self.labels = records.labels
        self.leads = records.leads
        self.shape = records.ecg.shape[1:]
        self._ecg = records.ecg

    def __len__(self):
        return len(self.labels)

    @property
    def place(self):
        """Where the ecgs are, and how big, in words."""
        kind = "in a file mapped to memory" if isinstance(self._ecg, np.memmap) else "in memory"
        return f"{kind} ({self._ecg.nbytes / 1e6:.0f} MB)"

    def take(self, k):
        """Float32 (batch, time, lead) millivolt, of the positions `k` in the partition."""
        return self._ecg[k]


class Images:
    """8-bit images made or read one by one in Python.

    Args:
        labels: uint8 (record, class).
        read: function from a position in the partition to its uint8 (height, width, channel) image.
        shape: (height, width, channel) of all images.

    Attributes:
        labels: uint8 (record, class).
        shape: (height, width, channel) of each.
    """

    def __init__(self, labels, read, shape):
        self.labels = labels
        self.shape = shape
        self._read = read
        self._error = None

    def __len__(self):
        return len(self.labels)

    def read(self, k):
        """Image `k`, uint8 (height, width, channel)."""
        try:
            return self._read(int(k))
        except InputError as error:
            self._error = error
            raise

    def take(self, k):
        """Float32 (batch, height, width, channel) in [0, 1], of the positions `k`."""
        return np.stack([self.read(one) for one in k]).astype(np.float32) / GREY_LEVELS

    @contextlib.contextmanager
    def clear_errors(self):
        """Where a batch fails because an image could not be made, raise the reason itself."""
        try:
            yield
        except Exception:  # whatever the backend makes of it
            if self._error is None:
                raise
            raise self._error from None


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


def epoch_order(records, seed, epoch):
    """The order of the records in an epoch: a permutation that depends on nothing but this.

    Args:
        records: how many.
        seed: non-negative integer.
        epoch: number of the epoch, from 0.

    Returns:
        int64 (record,).
    """
    return np.random.default_rng([seed, epoch]).permutation(records)


def evaluation_batches(source, batch_size):
    """Batches of all records once, in their order; see `training_batches`."""
    return _of_backend().evaluation_batches(source, batch_size)


def _of_backend():
    """The module that makes batches; it alone may import TensorFlow."""
    if keras.backend.backend() == "tensorflow":
        from ecg_tf.data import tf_batches as batches
    else:
        from ecg_tf.data import array_batches as batches
    return batches


def steps_per_epoch(source, batch_size):
    """How many batches hold all records."""
    return math.ceil(len(source) / batch_size)
