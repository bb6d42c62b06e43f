"""Safe reading of the ArrayRecord files of prepared records, in any order.

The files hold the same examples as the TFRecord files (`ecg_tf.data.formats.tfrecords`). They are
read without TensorFlow.
"""

import concurrent.futures
import itertools
import math

import numpy as np

from ecg_tf.errors import InputError

_THREADS = 8  # that wait for the disk at the same time
_FOR_RANDOM_ACCESS = "readahead_buffer_size:0,max_parallelism:0"
_BUFFER = 2**15  # bytes
_FLOAT = 4  # bytes


class ArrayRecords:
    """The records of several files, one file after the other.

    Args:
        shards: {path of a file: number of its records}.

    Raises:
        InputError: a file is missing or damaged, or has another number of records.
    """

    def __init__(self, shards):
        module = array_record_module(next(iter(shards)).parent)
        self._paths = list(shards)
        self._readers = [_opened(module, path, count) for path, count in shards.items()]
        self._ends = np.array(list(itertools.accumulate(shards.values())))
        self._threads = concurrent.futures.ThreadPoolExecutor(_THREADS)

    def __len__(self):
        return int(self._ends[-1])

    def read(self, positions):
        """Read records.

        Args:
            positions: int64 (record,), any numbers from 0 up to the number of records, in any
                order.

        Returns:
            A list of bytes, in the order of `positions`.

        Raises:
            InputError: a record is damaged.
        """
        shard = np.searchsorted(self._ends, positions, side="right")
        start = np.concatenate([[0], self._ends])[shard]
        rows = [np.flatnonzero(shard == k) for k in np.unique(shard)]
        jobs = [(shard[some[0]], (positions - start)[some].tolist()) for some in rows]
        records = [None] * len(positions)
        for some, found in zip(rows, self._threads.map(self._read, jobs), strict=True):
            for row, record in zip(some, found, strict=True):
                records[row] = record
        return records

    def _read(self, job):
        shard, positions = job
        try:
            return self._readers[shard].read(positions)
        except (RuntimeError, ValueError, IndexError) as error:
            raise InputError(f"{self._paths[shard]}: damaged: {_reason(error)}") from error


def ecgs_of(records, shape):
    """Return the ecgs in serialized examples.

    Args:
        records: list of bytes, the examples.
        shape: (time, lead) of each ecg.

    Returns:
        float32 (record, time, lead).

    Raises:
        ValueError: a record has no ecg of this size.
    """
    size = _FLOAT * math.prod(shape)
    before = _before_ecg(size)
    starts = [record.find(before) for record in records]
    if any(start < 0 for start in starts):
        raise ValueError(f"a record without an ecg of {shape[0]} x {shape[1]}")
    ecgs = [
        memoryview(record)[start + len(before) :][:size]
        for record, start in zip(records, starts, strict=True)
    ]
    if any(len(ecg) < size for ecg in ecgs):
        raise ValueError(f"a record that ends within its ecg of {shape[0]} x {shape[1]}")
    return np.frombuffer(b"".join(ecgs), "<f4").astype(np.float32, copy=False).reshape(-1, *shape)


def _before_ecg(size):
    """Return the bytes of an example that precede `size` bytes of the feature "ecg".

    An example holds {name: Feature} as pairs, and a Feature a BytesList with one value. All of
    these are fields with their lengths, as protobuf encodes them:
    https://protobuf.dev/programming-guides/encoding.
    """
    start = b""
    for tag in (b"\x0a", b"\x0a", b"\x12"):  # of the value, its list, its Feature, from within
        start = tag + _varint(size + len(start)) + start
    pair = b"\x0a\x03ecg" + start
    return b"\x0a" + _varint(size + len(pair)) + pair


def _varint(number):
    """Encode a number in groups of seven bits, the lowest first."""
    groups = []
    while number > 127:
        groups.append(number % 128 + 128)
        number //= 128
    return bytes([*groups, number])


def _opened(module, path, count):
    """Open a file after checking that it holds `count` records."""
    if not path.is_file():  # opening a pipe would block
        raise InputError(f"{path}: missing or no regular file, expected {count} records")
    try:
        reader = module.ArrayRecordReader(
            str(path), options=_FOR_RANDOM_ACCESS, file_reader_buffer_size=_BUFFER
        )
        found = reader.num_records()
    except (RuntimeError, ValueError) as error:
        raise InputError(f"{path}: damaged: {_reason(error)}") from error
    if found != count:
        raise InputError(f"{path}: damaged: {found} records can be found, expected {count}")
    return reader


def _reason(error):
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


def array_record_module(where):
    """Import array_record only when it is needed; it exists for Linux and macOS only.

    Args:
        where: what it is needed for, the beginning of the InputError if it is not installed.
    """
    try:
        from array_record.python import array_record_module
    except ImportError as error:
        raise InputError(
            f"{where}: needs the package array_record, which cannot be imported ({error}): pip "
            "install array_record, or prepare the records with -file_format tfrecord"
        ) from error
    return array_record_module
