"""From stored records or images to the batches that a network trains on."""

import contextlib
import math
import os

import numpy as np
import tensorflow as tf

from ecg_tf.errors import InputError
from ecg_tf.method import GREY_LEVELS

_AHEAD = 2  # batches made while the network is busy with one


class ECGs:
    """Raw ecgs: for networks with a front that makes what they look at.

    Args:
        records: the `ecg_tf.data.prepared.Records` of a partition.

    Attributes:
        labels: uint8 (record, class).
        leads: names of the leads of the ecgs.
    """

    clear_errors = contextlib.nullcontext  # nothing here can fail for a record's sake

    def __init__(self, records):
        self.labels = records.labels
        self.leads = records.leads
        self._ecg = records.ecg

    def __len__(self):
        return len(self.labels)

    @property
    def place(self):
        """Where the ecgs are, and how big, in words."""
        kind = "in a file mapped to memory" if isinstance(self._ecg, np.memmap) else "in memory"
        return f"{kind} ({self._ecg.nbytes / 1e6:.0f} MB)"

    def batches(self, indices, batch_size):
        """Batches of ecg float32 (batch, time, lead) millivolt and labels float32 (batch, class).

        Args:
            indices: tf.data.Dataset of int64 scalars, positions in the partition.
            batch_size: records in a batch; the last may have fewer.
        """
        labels = tf.constant(self.labels, tf.float32)

        def batch(k):  # not tf.gather, which would need a copy of all ecgs in TensorFlow's memory
            ecg = tf.numpy_function(self._ecg.__getitem__, [k], tf.float32)
            return tf.ensure_shape(ecg, (None, *self._ecg.shape[1:])), tf.gather(labels, k)

        return indices.batch(batch_size).map(batch)


class Images:
    """8-bit images made or read one by one in Python, inside `tf.py_function`.

    Args:
        labels: uint8 (record, class).
        read: function from a position in the partition to its uint8 (height, width, channel) image.
        shape: (height, width, channel) of all images.

    Attributes:
        labels: uint8 (record, class).
    """

    def __init__(self, labels, read, shape):
        self.labels = labels
        self._read = read
        self._shape = shape
        self._error = None

    def __len__(self):
        return len(self.labels)

    def batches(self, indices, batch_size):
        """Batches of images float32 (batch, height, width, channel) and labels, see `ECGs`."""
        labels = tf.constant(self.labels, tf.float32)

        def example(k):
            image = tf.py_function(self._read_or_remember, [k], tf.uint8)
            return tf.ensure_shape(image, self._shape), tf.gather(labels, k)

        examples = indices.map(example, num_parallel_calls=os.cpu_count())
        return examples.batch(batch_size).map(
            lambda image, label: (tf.cast(image, tf.float32) / GREY_LEVELS, label)
        )

    @contextlib.contextmanager
    def clear_errors(self):
        """Where a batch fails because an image could not be made, raise the reason itself."""
        try:
            yield
        except tf.errors.OpError:
            if self._error is None:
                raise
            raise self._error from None

    def _read_or_remember(self, k):
        try:
            return self._read(int(k))
        except InputError as error:
            self._error = error
            raise


def training_batches(source, batch_size, seed, first_epoch=0):
    """Batches of all records, epoch after epoch without end, each epoch in an order of its own.

    The order is a function of `seed` and the number of the epoch alone, so a run that goes on at
    epoch k sees what an uninterrupted one would have seen.

    Args:
        source: `ECGs` or `Images`.
        batch_size: records in a batch; the last one of an epoch may have fewer, none spans two.
        seed: non-negative integer.
        first_epoch: number of the first epoch.

    Returns:
        tf.data.Dataset; an epoch is `steps_per_epoch(source, batch_size)` batches.
    """
    last = len(source) - 1

    def epoch(number):
        def shuffled(k):
            return tf.random.experimental.index_shuffle(k, [seed, number], last)

        return source.batches(tf.data.Dataset.range(len(source)).map(shuffled), batch_size)

    return _fed(tf.data.Dataset.counter(first_epoch).flat_map(epoch))


def evaluation_batches(source, batch_size):
    """Batches of all records once, in their order; see `training_batches`."""
    return _fed(source.batches(tf.data.Dataset.range(len(source)), batch_size))


def _fed(batches):
    """`batches`, some made ahead."""
    options = tf.data.Options()
    # Its thread sleeps 10 ms, 20 ms, 40 ms … (TensorFlow 2.21), and the end of an iteration waits
    # until it wakes: up to as long again as the iteration took.
    options.autotune.enabled = False
    return batches.prefetch(_AHEAD).with_options(options)


def steps_per_epoch(source, batch_size):
    """How many batches hold all records."""
    return math.ceil(len(source) / batch_size)
