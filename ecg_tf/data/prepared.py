"""Prepared records: what bin/prepare_data.py stored, read back into arrays."""

import contextlib
import dataclasses
import math
import os
import tempfile
from pathlib import Path

import numpy as np
from absl import logging

from ecg_tf.data.partitions import check_partition
from ecg_tf.errors import InputError
from ecg_tf.leads import DEFAULT_LEADS, lead_indices

_BATCH = 512  # records decoded at a time


@dataclasses.dataclass(frozen=True)
class Records:
    """The records of a partition, in the order of the database; row k of each array is one record.

    Attributes:
        ecg: float32 (record, 1000, lead) millivolt, unfiltered.
        leads: the names of `ecg`'s last axis.
        labels: uint8 (record, class).
        ecg_id: int32 (record,).
        patient_id: int32 (record,).
        age: float32 (record,) years; NaN where unknown, 300 for over 89 (PTB-XL's convention).
        sex: int64 (record,): 0 male, 1 female, -1 unknown.
        fold: int32 (record,).
        statements: uint8 (record, statement): 1 for each SCP statement of the record, whatever its
            likelihood; the manifest has their names. None of records prepared without them, by
            version 1.0.0 of the dataset.
    """

    ecg: np.ndarray
    leads: tuple
    labels: np.ndarray
    ecg_id: np.ndarray
    patient_id: np.ndarray
    age: np.ndarray
    sex: np.ndarray
    fold: np.ndarray
    statements: np.ndarray | None = None

    def __len__(self):
        return len(self.labels)


class PreparedRecords:
    """A folder of prepared records.

    Args:
        data: the folder that was bin/prepare_data.py's `-data`.

    Attributes:
        manifest: what the preparation recorded (`ecg_tf.data.ptb_xl.Builder`).
        class_names: the classes, in the order of the labels.
        simulated: True where any record is simulated.

    Raises:
        InputError: the folder holds no prepared records.
    """

    def __init__(self, data):
        self._data = Path(data)
        if not self.is_prepared(data):
            raise InputError(f"{data}: holds no prepared records (see bin/prepare_data.py)")
        tfds = _tfds()
        with quiet_tfds():
            self._builder = tfds.builder_from_directory(max(_versions(data)))
        self.manifest = dict(self._builder.info.metadata)
        self.class_names = tuple(self.manifest["class_names"])
        self.simulated = self.manifest["simulated_records"] > 0

    @staticmethod
    def is_prepared(data):
        """True if a preparation into `data` was finished."""
        return bool(_versions(data))

    def size(self, partition):
        """How many records a partition has; 0 if it is empty."""
        splits = self._builder.info.splits
        return splits[partition].num_examples if partition in splits else 0

    def labels(self, partition):
        """uint8 (record, class) of a partition; no rows if it is empty. Decodes no ecgs."""
        if not self.size(partition):
            return np.zeros((0, len(self.class_names)), np.uint8)
        decoders = _tfds().decode.PartialDecoding({"labels": True})
        return np.concatenate([batch["labels"] for batch in self._batches(partition, decoders)])

    def read(self, partition, leads=DEFAULT_LEADS):
        """All `Records` of a partition with the chosen leads: 12 kB a record for three.

        What would take more than half of the machine's memory goes into a temporary file that is
        mapped to memory instead.

        Raises:
            InputError: an unknown partition, one without records, an unknown lead.
        """
        size, columns = self.size(check_partition(partition)), lead_indices(leads)
        if not size:
            raise empty_partition(self._data, partition, self.manifest)
        arrays = {}
        start = 0
        for batch in self._batches(partition):
            batch["ecg"] = batch["ecg"][:, :, columns]
            stop = start + len(batch["ecg"])
            for name, values in batch.items():
                if name not in arrays:
                    arrays[name] = room((size, *values.shape[1:]), values.dtype)
                arrays[name][start:stop] = values
            start = stop
        return Records(leads=tuple(leads), **arrays)

    def _batches(self, partition, decoders=None):
        tfds = _tfds()
        with quiet_tfds():
            dataset = self._builder.as_dataset(
                split=partition,
                decoders=decoders,
                read_config=tfds.ReadConfig(interleave_cycle_length=1),  # in the order of writing
            )
        return dataset.batch(_BATCH).as_numpy_iterator()


def empty_partition(data, partition, manifest):
    """The `InputError` for a partition without records."""
    return InputError(
        f"{data}: its {partition} partition is empty (folds {manifest['folds'][partition]} hold no "
        "record with a superclass)"
    )


def room(shape, dtype):
    """An array, not yet filled, in memory or, if it is large, in a temporary file."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if math.prod(shape) * dtype.itemsize <= memory / 2:
        return np.empty(shape, dtype)
    with tempfile.TemporaryFile() as file:  # whose name is gone already; its space stays till close
        return np.memmap(file, dtype, "w+", shape=shape)


def _tfds():
    """TensorFlow Datasets, imported where it is used: packed records are trained on without it."""
    try:
        import tensorflow_datasets
    except ImportError as error:
        raise InputError(
            "prepared records are read by TensorFlow Datasets, which cannot be imported "
            f"({error}); where it can, bin/pack.py makes one file of them that is read without it"
        ) from error
    return tensorflow_datasets


@contextlib.contextmanager
def quiet_tfds():
    """No remarks of TFDS on its own doings, which absl shows in every script."""
    verbosity = logging.get_verbosity()
    logging.set_verbosity(logging.ERROR)
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)


def _versions(data):
    """The finished versions of the dataset below `data`; TFDS writes dataset_info.json last."""
    return [path.parent for path in Path(data).glob("ptb_xl/[0-9]*/dataset_info.json")]
