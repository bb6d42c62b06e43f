"""Safe reading of the TFRecord files of prepared records.

TFDS writes these files for `ecg_tf.data.ptb_xl.Builder`. The reader of TFDS imports the classes and
opens the paths that other files in the folder name. This reader uses neither.
"""

import contextlib
import math
import os
import struct

import numpy as np

from ecg_tf.errors import InputError

_FRAME = 16  # bytes of the length and the checksums of a record
_MOST_OTHERS = 2**14  # bytes of a record without its ecg
_FLOAT = 4  # bytes
_NUMBERS = {"ecg_id": np.int32, "patient_id": np.int32, "sex": np.int64, "fold": np.int32}


def check_frames(path, count, shape):
    """Check that a file holds `count` records of the size of prepared ones.

    Only the lengths of the records are read, so that a wrong length in a damaged file does not make
    a reader allocate that much memory.

    Args:
        path: the file.
        count: expected number of records.
        shape: (time, lead) of each ecg.

    Raises:
        InputError: another number of records, a record of another size, or a truncated file.
    """
    ecg_bytes = _FLOAT * math.prod(shape)
    if not path.is_file():  # opening a pipe would block
        raise InputError(f"{path}: missing or no regular file, expected {count} records")
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            place = found = 0
            while place < size and found <= count:
                (length,) = struct.unpack("<Q", file.read(8).ljust(8, b"\xff"))
                if not ecg_bytes < length <= ecg_bytes + _MOST_OTHERS:
                    raise InputError(
                        f"{path}: damaged: record {found + 1} has {length} bytes, expected "
                        f"{ecg_bytes} and some more"
                    )
                place = file.seek(length + _FRAME - 8, os.SEEK_CUR)
                found += 1
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    if place != size or found != count:
        raise InputError(
            f"{path}: damaged: {size} bytes with {found} records, expected {count} whole ones"
        )


def read_batches(paths, shape, classes, statements, size, names=None):
    """Read records in their order and compare their checksums.

    Args:
        paths: the files, each checked by `check_frames`.
        shape: (time, lead) of each ecg.
        classes: number of classes.
        statements: number of SCP statements of each record; None for records without them.
        size: number of records in a batch.
        names: names of the columns to read. Default: all.

    Yields:
        {column: array}: ecg float32 (batch, time, lead) millivolt; labels and statements uint8
        (batch, number); age float32 (batch,); ecg_id, patient_id and fold int32 (batch,); sex int64
        (batch,).

    Raises:
        InputError: a file is damaged, or does not hold prepared records.
    """
    tf = _tensorflow()
    columns = _columns(tf, classes, statements)
    columns = {name: columns[name] for name in names or columns}
    files = tf.data.TFRecordDataset([str(path) for path in paths], buffer_size=2**23)
    with _clear_errors(tf, f"{paths[0].parent}: {paths[0].name}"):
        for batch in files.batch(size):
            yield _parsed(tf, batch, columns, shape)


def parse_examples(examples, shape, classes, statements, where):
    """Parse serialized examples.

    Args:
        examples: list of bytes.
        shape: see `read_batches`.
        classes: see `read_batches`.
        statements: see `read_batches`.
        where: name of the examples in errors.

    Returns:
        {column: array}, as `read_batches` yields them.

    Raises:
        InputError: an example is damaged.
    """
    tf = _tensorflow()
    with _clear_errors(tf, where):
        return _parsed(tf, examples, _columns(tf, classes, statements), shape)


def _columns(tf, classes, statements):
    """Return {column: feature} of all columns, as `tf.io.parse_example` takes them."""
    columns = {
        "ecg": tf.io.FixedLenFeature((), tf.string),
        "labels": tf.io.FixedLenFeature((classes,), tf.int64),
        "age": tf.io.FixedLenFeature((), tf.float32),
        **{name: tf.io.FixedLenFeature((), tf.int64) for name in _NUMBERS},
    }
    if statements is not None:
        columns["statements"] = tf.io.FixedLenFeature((statements,), tf.int64)
    return columns


def _parsed(tf, examples, columns, shape):
    found = tf.io.parse_example(examples, columns)
    return {name: _array(name, values.numpy(), shape) for name, values in found.items()}


@contextlib.contextmanager
def _clear_errors(tf, where):
    """Raise an InputError that begins with `where` for an error of TensorFlow or a value."""
    try:
        yield
    except (tf.errors.OpError, ValueError) as error:
        reason = str(getattr(error, "message", error)).splitlines()[0][:200]
        raise InputError(f"{where}: damaged: {reason}") from error


def _array(name, values, shape):
    """Convert a column to its dtype in `Records`; a ValueError if its values do not fit."""
    if name == "ecg":
        if any(len(ecg) != _FLOAT * math.prod(shape) for ecg in values):
            raise ValueError(f"an ecg of another size than {shape[0]} x {shape[1]}")
        ecg = np.frombuffer(b"".join(values), "<f4").astype(np.float32, copy=False)
        return ecg.reshape(-1, *shape)
    if name == "age":
        return values
    dtype = np.dtype(_NUMBERS.get(name, np.uint8))
    limits = np.iinfo(dtype)
    if values.min() < limits.min or values.max() > limits.max:
        raise ValueError(f"{name} of {values.min()} to {values.max()}")
    return values.astype(dtype)


def _tensorflow():
    """Import TensorFlow only when it is needed; packed records do not need it."""
    try:
        import tensorflow
    except ImportError as error:
        raise InputError(
            f"prepared records are read by TensorFlow, which cannot be imported ({error}); on a "
            "machine with TensorFlow, ecg_tf pack writes them to a file that is read without it"
        ) from error
    return tensorflow
