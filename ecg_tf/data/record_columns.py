"""The columns of a partition in ArrayRecord files, in a file of their own.

Reading the labels, ids, hashes and flat leads of all records from the shards would mean to read
their ecgs, too. A preparation therefore writes them once more, as a .npz file beside the shards:

    <partition>-columns.npz      labels, ecg_id, patient_id, age, sex, fold and statements, as in
                                 `ecg_tf.data.prepared.Records`
        flat                     bool (record, lead): True for each flat lead
        hashes <leads>           uint64 (record,): `ecg_tf.data.seen.ecg_hashes` of these leads
"""

import numpy as np

from ecg_tf.data.formats.array_records import ArrayRecords, ecgs_of
from ecg_tf.data.formats.npz import MOST_HEADER, opened, parse_array, read_member
from ecg_tf.data.formats.tfrecords import parse_examples
from ecg_tf.data.seen import ecg_hashes
from ecg_tf.errors import InputError
from ecg_tf.files import replaced_atomically
from ecg_tf.leads import DEFAULT_LEADS
from ecg_tf.progress import Progress

_AT_ONCE = 512  # records read at a time
_DTYPES = {
    "labels": np.uint8,
    "ecg_id": np.int32,
    "patient_id": np.int32,
    "age": np.float32,
    "sex": np.int64,
    "fold": np.int32,
    "statements": np.uint8,
    "flat": np.bool_,
}
_HASHES = "hashes "  # and the leads


def columns_file(partition):
    """Return the name of the file with the columns of a partition."""
    return f"{partition}-columns.npz"


def write_columns(path, shards, shape, leads, classes, statements):
    """Read the records of a partition and write their columns.

    Args:
        path: the file to write.
        shards: {path of an ArrayRecord file: number of its records}.
        shape: (time, lead) of each ecg.
        leads: names of the leads.
        classes: number of classes.
        statements: number of SCP statements of each record; None for records without them.

    Raises:
        InputError: a record cannot be read, or not without TensorFlow.
    """
    records, parts = ArrayRecords(shards), []
    with Progress(len(records), "records", "indexing") as progress:
        for start in range(0, len(records), _AT_ONCE):
            examples = records.read(np.arange(start, min(start + _AT_ONCE, len(records))))
            part = parse_examples(examples, shape, classes, statements, path.parent)
            ecg = part.pop("ecg")
            if not np.array_equal(ecgs_of(examples, shape), ecg, equal_nan=True):
                raise InputError(f"{path.parent}: written in a form that cannot be read again")
            part["flat"] = np.ptp(ecg, axis=1) == 0
            for some in _hashed(leads):
                part[_HASHES + ",".join(some)] = ecg_hashes(ecg[:, :, list(map(leads.index, some))])
            parts.append(part)
            progress.advance(len(examples))
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    with replaced_atomically(path, ".npz") as temporary:
        np.savez(temporary, **columns)


def read_columns(path, records, leads, classes, statements):
    """Read the columns of a partition; the arguments are those of `write_columns`.

    Args:
        path: the file.
        records: number of records.
        leads: names of the leads.
        classes: number of classes.
        statements: number of SCP statements of each record; None for records without them.

    Returns:
        columns: {array of `Records` except ecg: its values}.
        flat: bool (record, lead).
        hashes: {names of leads: uint64 (record,)}.

    Raises:
        InputError: the file is missing or damaged, or is of other records.
    """
    lengths = {"labels": (classes,), "flat": (len(leads),), "statements": (statements,)}
    arrays = {}
    with opened(path, "the columns of prepared records") as file:
        names = [name for name in _DTYPES if name != "statements" or statements is not None]
        for name in [*names, *(_HASHES + ",".join(some) for some in _hashed(leads))]:
            dtype = np.dtype(_DTYPES.get(name, np.uint64))
            shape = records, *lengths.get(name, ())
            most = np.prod(shape, dtype=np.int64) * dtype.itemsize + MOST_HEADER
            content = read_member(file, f"{name}.npy", most, path)
            arrays[name] = parse_array(content, dtype, shape, f"{path}: {name}")
    hashes = {some: arrays.pop(_HASHES + ",".join(some)) for some in _hashed(leads)}
    flat = arrays.pop("flat")
    return arrays, flat, hashes


def _hashed(leads):
    """Return the choices of leads whose hashes are stored: all, and those of the study."""
    choices = dict.fromkeys((tuple(leads), DEFAULT_LEADS))  # each once
    return [some for some in choices if set(some) <= set(leads)]
