"""TFRecord files of prepared records, read without what TFDS would look up elsewhere.

The files are those that TFDS writes of `ecg_tf.data.ptb_xl.Builder`. TFDS's own reader imports the
classes that a file beside them names and opens the paths that another one gives; here both are
known.
"""

import os
import struct

import numpy as np

from ecg_tf.data.labels import CLASSES
from ecg_tf.errors import InputError
from ecg_tf.leads import LEADS, SAMPLES

_ECG_BYTES = SAMPLES * len(LEADS) * 4
_FRAME = 16  # bytes of a record's length and checksums
_MOST_OTHERS = 2**14  # bytes of a record beside its ecg
_NUMBERS = {"ecg_id": np.int32, "patient_id": np.int32, "sex": np.int64, "fold": np.int32}


def check_frames(path, count):
    """Refuse a file that is not `count` records of the size that prepared ones have.

    Reads the lengths of the records, no more, so that no length in a damaged file makes a reader
    ask for that much memory.

    Raises:
        InputError: another number of records, a record of another size, a file that is cut.
    """
    if not path.is_file():  # to open a pipe would wait for ever
        raise InputError(f"{path}: missing or no regular file, expected {count} records")
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            place = found = 0
            while place < size and found <= count:
                (length,) = struct.unpack("<Q", file.read(8).ljust(8, b"\xff"))
                if not _ECG_BYTES < length <= _ECG_BYTES + _MOST_OTHERS:
                    raise InputError(
                        f"{path}: damaged: record {found + 1} has {length} bytes, expected "
                        f"{_ECG_BYTES} and some more"
                    )
                place = file.seek(length + _FRAME - 8, os.SEEK_CUR)
                found += 1
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    if place != size or found != count:
        raise InputError(
            f"{path}: damaged: {size} bytes with {found} records, expected {count} whole ones"
        )


def read_batches(paths, statements, size, names=None):
    """Read records in their order, checksums compared.

    Args:
        paths: the files, of `check_frames`.
        statements: number of SCP statements of each record; None for records without them.
        size: of a batch.
        names: of the columns that are read; all by default.

    Yields:
        {column: array}: ecg float32 (batch, 1000, 12) millivolt, labels and statements uint8
        (batch, number), age float32 (batch,), ecg_id, patient_id and fold int32, sex int64.

    Raises:
        InputError: a file that is damaged, or not of prepared records.
    """
    tf = _tensorflow()
    columns = {
        "ecg": tf.io.FixedLenFeature((), tf.string),
        "labels": tf.io.FixedLenFeature((len(CLASSES),), tf.int64),
        "age": tf.io.FixedLenFeature((), tf.float32),
        **{name: tf.io.FixedLenFeature((), tf.int64) for name in _NUMBERS},
    }
    if statements is not None:
        columns["statements"] = tf.io.FixedLenFeature((statements,), tf.int64)
    columns = {name: columns[name] for name in names or columns}
    files = tf.data.TFRecordDataset([str(path) for path in paths], buffer_size=2**23)
    batches = files.batch(size).map(lambda batch: tf.io.parse_example(batch, columns))
    try:
        for batch in batches.as_numpy_iterator():
            yield {name: _array(name, values) for name, values in batch.items()}
    except (tf.errors.OpError, ValueError) as error:
        reason = str(getattr(error, "message", error)).splitlines()[0][:200]
        raise InputError(f"{paths[0].parent}: {paths[0].name}: damaged: {reason}") from error


def _array(name, values):
    """A column in the dtype that `Records` has; a ValueError where it does not fit."""
    if name == "ecg":
        if any(len(ecg) != _ECG_BYTES for ecg in values):
            raise ValueError(f"an ecg of another size than {SAMPLES} x {len(LEADS)}")
        ecg = np.frombuffer(b"".join(values), "<f4").astype(np.float32, copy=False)
        return ecg.reshape(-1, SAMPLES, len(LEADS))
    if name == "age":
        return values
    dtype = np.dtype(_NUMBERS.get(name, np.uint8))
    limits = np.iinfo(dtype)
    if values.min() < limits.min or values.max() > limits.max:
        raise ValueError(f"{name} of {values.min()} to {values.max()}")
    return values.astype(dtype)


def _tensorflow():
    """TensorFlow, imported where it is used: packed records are trained on without it."""
    try:
        import tensorflow
    except ImportError as error:
        raise InputError(
            "prepared records are read by TensorFlow, which cannot be imported "
            f"({error}); where it can, ecg_tf pack makes one file of them that is read without it"
        ) from error
    return tensorflow
