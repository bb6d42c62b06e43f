"""Reading the processed files of the study's code as records."""

import dataclasses
import hashlib
from pathlib import Path

import numpy as np

from ecg_tf.data.formats.numpy_pickle import PickledArray, read_numpy_pickle
from ecg_tf.data.labels import CLASSES
from ecg_tf.data.partitions import check_partition
from ecg_tf.errors import InputError
from ecg_tf.leads import DEFAULT_LEADS, LEADS, SAMPLES, lead_indices


@dataclasses.dataclass(frozen=True)
class ProcessedRecords:
    """The records of a partition, in the order of the files; row k of each array is one record.

    Attributes:
        ecg: float32 (record, 1000, lead) millivolt, unfiltered.
        leads: names of the leads of `ecg`.
        labels: uint8 (record, class), the classes of `ecg_tf.data.labels.CLASSES`.
        ecg_sha256: SHA-256 of all twelve leads, as in the manifest of prepared records.
    """

    ecg: np.ndarray
    leads: tuple
    labels: np.ndarray
    ecg_sha256: str

    def __len__(self):
        return len(self.labels)


def file_names(partition):
    """Return the names of the two files of a partition: ecgs and labels."""
    return f"X_{partition}_processed.pickle", f"y_{partition}_processed.pickle"


def read_processed(folder, partition, leads=DEFAULT_LEADS):
    """Read X_<partition>_processed.pickle and y_<partition>_processed.pickle.

    The files hold lists or arrays: an ecg (1000, 12) and a label (4,) for each record. The ecgs are
    assumed to be unfiltered, in millivolt at 100 Hz, with the leads in PTB-XL's order. The files
    cannot run code: the unpickler creates numpy arrays only.

    Args:
        folder: folder of the two files.
        partition: "train", "dev" or "test".
        leads: names of the leads to keep.

    Returns:
        The `ProcessedRecords`.

    Raises:
        InputError: a file is missing, not a pickle, or needs any class but numpy arrays; a shape,
            the number of records or a label is wrong.
    """
    columns = lead_indices(leads)
    ecg_file, label_file = (Path(folder) / name for name in file_names(check_partition(partition)))
    ecgs, labels = read_numpy_pickle(ecg_file), read_numpy_pickle(label_file)
    if len(ecgs) != len(labels) or not len(ecgs):
        raise InputError(
            f"{ecg_file}: {len(ecgs)} records, and {len(labels)} labels in {label_file.name}, "
            "expected equal numbers of both, at least one"
        )
    if len(ecgs) * SAMPLES * len(LEADS) > ecg_file.stat().st_size:
        raise InputError(
            f"{ecg_file}: {len(ecgs)} records in {ecg_file.stat().st_size} bytes, expected at "
            f"least a byte for each of {SAMPLES} × {len(LEADS)} numbers"
        )
    digest = hashlib.sha256()
    ecg = np.empty((len(ecgs), SAMPLES, len(columns)), np.float32)
    for k, values in enumerate(ecgs):
        values = _numbers(values, (SAMPLES, len(LEADS)), f"{ecg_file}, record {k}")
        with np.errstate(over="ignore"):  # infinity is refused when an image is computed
            values = values.astype(np.float32)
        digest.update(values.tobytes())
        ecg[k] = values[:, columns]
    label = np.empty((len(labels), len(CLASSES)), np.uint8)
    for k, values in enumerate(labels):
        values = _numbers(values, (len(CLASSES),), f"{label_file}, record {k}")
        if not np.isin(values, (0, 1)).all():
            raise InputError(f"{label_file}, record {k}: {values.tolist()}, expected 0 or 1 each")
        label[k] = values
    return ProcessedRecords(ecg, tuple(leads), label, digest.hexdigest())


def _numbers(values, shape, where):
    """Return `values` as an array of numbers of this shape; errors begin with `where`."""
    if isinstance(values, PickledArray):
        values = values.array
    if isinstance(values, np.ndarray) and values.shape != shape:
        raise InputError(f"{where}: shape {values.shape}, expected {shape}")
    # The shape is checked before numpy converts lists: nested lists may not fit in memory.
    array = np.asarray(values) if _has_shape(values, shape) else np.empty(0, object)
    if array.dtype.kind not in "fiub":  # an integer may be too large for any dtype
        raise InputError(f"{where}: not an array of numbers, expected one of shape {shape}")
    return array


def _has_shape(values, shape):
    """Return True for an array of numbers, or nested lists of numbers, of this shape."""
    if isinstance(values, PickledArray):
        values = values.array
    if isinstance(values, np.ndarray):
        return values.shape == shape
    if not shape:
        return isinstance(values, (int, float, np.number, np.bool_))
    return (
        isinstance(values, (list, tuple))
        and len(values) == shape[0]
        and all(_has_shape(value, shape[1:]) for value in values)
    )
