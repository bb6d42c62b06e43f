"""Records or images of a partition as training examples, and their order in an epoch."""

import contextlib
import math

import numpy as np

from ecg_tf.data.stored_ecgs import StoredECGs
from ecg_tf.errors import InputError
from ecg_tf.preprocessing import GREY_LEVELS


class _Examples:
    """Examples that are read from the disk, if it is not damaged."""

    _error = None

    @contextlib.contextmanager
    def _noting_errors(self):
        """Note the InputError of the block, for `clear_errors`."""
        try:
            yield
        except InputError as error:
            self._error = error
            raise

    @contextlib.contextmanager
    def clear_errors(self):
        """Raise the InputError of reading in place of the error that the backend turns it into."""
        try:
            yield
        except Exception:  # its type depends on the backend
            if self._error is None:
                raise
            raise self._error from None


class ECGs(_Examples):
    """Raw ecgs, for networks whose preprocessor computes their input.

    Args:
        records: the `ecg_tf.data.prepared.Records` of a partition.

    Attributes:
        labels: uint8 (record, class).
        leads: names of the leads.
        shape: (time, lead) of each ecg.
    """

    def __init__(self, records):
        self.labels = records.labels
        self.leads = records.leads
        self.shape = records.ecg.shape[1:]
        self._ecg = records.ecg

    def __len__(self):
        return len(self.labels)

    @property
    def place(self):
        """Description of where the ecgs are stored, and of their size."""
        kinds = {np.memmap: "in a file mapped to memory", StoredECGs: "on disk"}
        kind = kinds.get(type(self._ecg), "in memory")
        return f"{kind} ({self._ecg.nbytes / 1e6:.0f} MB)"

    def take(self, k):
        """Return the ecgs at positions `k` of the partition, float32 (batch, time, lead) mV."""
        with self._noting_errors():
            return self._ecg[k]


class Images(_Examples):
    """8-bit images that are computed or read one by one in Python.

    Args:
        labels: uint8 (record, class).
        read: function that takes a position in the partition and returns the image, uint8 (height,
            width, channel).
        shape: (height, width, channel) of all images.

    Attributes:
        labels: uint8 (record, class).
        shape: (height, width, channel) of each image.
    """

    def __init__(self, labels, read, shape):
        self.labels = labels
        self.shape = shape
        self._read = read

    def __len__(self):
        return len(self.labels)

    def read(self, k):
        """Return image `k`, uint8 (height, width, channel)."""
        with self._noting_errors():
            return self._read(int(k))

    def take(self, k):
        """Return images `k`, float32 (batch, height, width, channel) in [0, 1]."""
        return np.stack([self.read(one) for one in k]).astype(np.float32) / GREY_LEVELS


def epoch_order(records, seed, epoch):
    """Return the order of the records in an epoch, a permutation determined by the arguments.

    Args:
        records: number of records.
        seed: non-negative integer.
        epoch: number of the epoch, from 0.

    Returns:
        int64 (record,).
    """
    return np.random.default_rng([seed, epoch]).permutation(records)


def steps_per_epoch(source, batch_size):
    """Return the number of batches that hold all records."""
    return math.ceil(len(source) / batch_size)
