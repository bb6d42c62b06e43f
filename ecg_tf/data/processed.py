"""The processed files of the study's original code, as records."""

import dataclasses
import hashlib
import pickle
from pathlib import Path

import numpy as np

from ecg_tf.data.labels import CLASSES
from ecg_tf.data.partitions import check_partition
from ecg_tf.errors import InputError
from ecg_tf.leads import DEFAULT_LEADS, LEADS, SAMPLES, lead_indices


@dataclasses.dataclass(frozen=True)
class ProcessedRecords:
    """The records of a partition, in the order of the files; row k of each array is one record.

    Attributes:
        ecg: float32 (record, 1000, lead) millivolt, unfiltered.
        leads: the names of `ecg`'s last axis.
        labels: uint8 (record, class), classes as in `ecg_tf.data.labels.CLASSES`.
        ecg_sha256: of all twelve leads, as in the manifest of prepared records.
    """

    ecg: np.ndarray
    leads: tuple
    labels: np.ndarray
    ecg_sha256: str

    def __len__(self):
        return len(self.labels)


def file_names(partition):
    """The names of a partition's two files: ecgs, labels."""
    return f"X_{partition}_processed.pickle", f"y_{partition}_processed.pickle"


def read_processed(folder, partition, leads=DEFAULT_LEADS):
    """Read X_<partition>_processed.pickle and y_<partition>_processed.pickle.

    They hold lists or arrays: an ecg (1000, 12) and a label (4,) for each record. The ecgs are
    taken to be what the files do not say: millivolt at 100 Hz, not filtered, leads in PTB-XL's
    order. Files are opened by an unpickler that makes numpy arrays and nothing else, so they cannot
    run code.

    Args:
        folder: the folder of the two files.
        partition: "train", "dev" or "test".
        leads: the leads to keep.

    Raises:
        InputError: a file that is missing, asks for anything but numpy arrays or is no pickle;
            another shape, number of records or label.
    """
    columns = lead_indices(leads)
    ecg_file, label_file = (Path(folder) / name for name in file_names(check_partition(partition)))
    ecgs, labels = _unpickle(ecg_file), _unpickle(label_file)
    if len(ecgs) != len(labels) or not len(ecgs):
        raise InputError(
            f"{ecg_file}: {len(ecgs)} records, and {len(labels)} labels in {label_file.name}, "
            "expected as many of both, at least one"
        )
    digest = hashlib.sha256()
    ecg = np.empty((len(ecgs), SAMPLES, len(columns)), np.float32)
    for k, values in enumerate(ecgs):
        values = _numbers(values, (SAMPLES, len(LEADS)), f"{ecg_file}, record {k}")
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
    """`values` as an array of numbers of this shape; `where` begins the error if it is none."""
    try:
        array = np.asarray(values)
    except ValueError:  # rows of different lengths
        array = np.empty(0, object)
    if array.dtype.kind not in "fiub":
        raise InputError(f"{where}: not an array of numbers, expected one of shape {shape}")
    if array.shape != shape:
        raise InputError(f"{where}: shape {array.shape}, expected {shape}")
    return array


def _encode(text, encoding):
    """What old protocols make bytes of text with; `_codecs.encode` would take any codec."""
    if encoding != "latin1":
        raise pickle.UnpicklingError(f"text in {encoding!r}")
    return text.encode(encoding)


# All that a pickle of numpy arrays asks for. numpy's own functions are found by what its objects
# say they are rebuilt with, as their module's name depends on numpy's version.
_REBUILT = {
    "_reconstruct": np.empty(0).__reduce__()[0],
    "scalar": np.float64(0).__reduce__()[0],
    "_frombuffer": np.empty(1).__reduce_ex__(5)[0],
}
_ALLOWED = {
    "numpy.ndarray": np.ndarray,
    "numpy.dtype": np.dtype,
    "_codecs.encode": _encode,
    **{
        f"numpy.{core}.{module}.{name}": _REBUILT[name]
        for core in ("core", "_core")
        for module, name in (
            ("multiarray", "_reconstruct"),
            ("multiarray", "scalar"),
            ("numeric", "_frombuffer"),
        )
    },
}


class _NumpyUnpickler(pickle.Unpickler):
    def find_class(self, module, name):
        try:
            return _ALLOWED[f"{module}.{name}"]
        except KeyError:
            raise _RefusedError(f"{module}.{name}") from None


class _RefusedError(Exception):
    pass


def _unpickle(path):
    """The list or array in a file."""
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    try:
        with path.open("rb") as file:
            content = _NumpyUnpickler(file).load()
    except _RefusedError as error:
        raise InputError(
            f"{path}: refused: asks for {error}, expected nothing but numpy arrays"
        ) from error
    except Exception as error:  # a pickle is a program: reading a broken one fails in any way
        raise InputError(f"{path}: not a pickle of numpy arrays: {error}") from error
    if not isinstance(content, (list, tuple)) and not (
        isinstance(content, np.ndarray) and content.ndim
    ):
        raise InputError(f"{path}: holds a {type(content).__name__}, expected a list or an array")
    return content
