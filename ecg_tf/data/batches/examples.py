"""Records or images of a partition, one example each, and the order they are trained on."""

import contextlib
import math

import numpy as np

from ecg_tf.errors import InputError
from ecg_tf.preprocessing import GREY_LEVELS


class ECGs:
    """Raw ecgs: for networks with a preprocessor that makes what they look at.

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


def steps_per_epoch(source, batch_size):
    """How many batches hold all records."""
    return math.ceil(len(source) / batch_size)
