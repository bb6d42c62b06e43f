"""What prepared and packed records have to hold, whoever wrote them."""

import hashlib
import re

import numpy as np

from ecg_tf.data.labels import CLASSES
from ecg_tf.data.partitions import FOLDS, PARTITIONS
from ecg_tf.errors import InputError, quoted
from ecg_tf.leads import LEADS

MOST_RECORDS = 10**7
NO_RECORDS = hashlib.sha256().hexdigest()  # of the ecgs of an empty partition
_LARGEST_INT32 = 2**31 - 1


def check_manifest(manifest, name):
    """Refuse a manifest that is not what a preparation records (`ecg_tf.data.ptb_xl.Builder`).

    Args:
        manifest: a dictionary, from JSON.
        name: what errors call it.

    Raises:
        InputError: a key that is missing or has another value than it can have.
    """
    for key, (is_right, expected) in _EXPECTED.items():
        if key == "statement_names" and key not in manifest:
            continue  # records prepared by version 1.0.0
        if key not in manifest:
            raise InputError(f"{name}: no {key}, expected {expected}")
        if not is_right(manifest[key]):
            raise InputError(f"{name}: {key} is {quoted(str(manifest[key]))}, expected {expected}")


def check_sizes(manifest, sizes, name):
    """Refuse a manifest that does not fit the number of records.

    Args:
        manifest: of `check_manifest`.
        sizes: {partition: number of records}.
        name: what errors call the data.

    Raises:
        InputError: a partition that is empty and was not, or the reverse; more records than the
            database has; some records simulated and others not.
    """
    for partition, size in sizes.items():
        if (manifest["ecg_sha256"][partition] == NO_RECORDS) != (size == 0):
            raise InputError(
                f"{name}: {size} records in its {partition} partition, which is not what the "
                "preparation recorded"
            )
    total, rows = sum(sizes.values()), manifest["rows"]["database"]
    if total > rows:
        raise InputError(f"{name}: {total} records, expected at most the database's {rows} rows")
    simulated = manifest["simulated_records"]
    if simulated not in (0, total):
        raise InputError(f"{name}: {simulated} simulated records, expected none, or all {total}")


def check_records(records, partition, manifest, name):
    """Refuse records whose arrays do not fit each other or hold what no record has.

    Args:
        records: `ecg_tf.data.prepared.Records`.
        partition: its name.
        manifest: of `check_manifest`.
        name: what errors call the data.

    Raises:
        InputError: the array, its first wrong value and what was expected.
    """
    number, others = len(records.ecg_id), {"statements": records.statements}
    names = manifest.get("statement_names")
    if records.statements is None:
        del others["statements"]
    elif names is None:
        raise InputError(f"{name}: statements without statement_names in the manifest")
    shapes = {"labels": (number, len(CLASSES)), "statements": (number, len(names or ()))}
    for column in ("labels", "ecg_id", "patient_id", "age", "sex", "fold"):
        others[column] = getattr(records, column)
    for column, values in others.items():
        dtype, is_right, expected = _VALUES[column]
        shape = shapes.get(column, (number,))
        where = f"{name}: {column} of its {partition} partition"
        if values.dtype != dtype or values.shape != shape:
            raise InputError(
                f"{where}: {values.dtype} of shape {values.shape}, expected {np.dtype(dtype)} of "
                f"shape {shape}"
            )
        wrong = values[~is_right(values)]
        if wrong.size:
            raise InputError(f"{where}: {wrong.flat[0]}, expected {expected}")
    if len(np.unique(records.ecg_id)) != number:
        raise InputError(f"{name}: an ecg_id twice in its {partition} partition")
    if not np.isin(records.fold, manifest["folds"][partition]).all():
        raise InputError(
            f"{name}: fold {np.setdiff1d(records.fold, manifest['folds'][partition])[0]} in its "
            f"{partition} partition, expected {manifest['folds'][partition]}"
        )


def _is_count(value):
    return type(value) is int and 0 <= value <= MOST_RECORDS


def _are_names(value):
    named = isinstance(value, list) and all(isinstance(name, str) and name for name in value)
    return named and len(set(value)) == len(value)


def _of_partitions(is_right):
    """A check of a dictionary that has a value for each partition."""

    def check(value):
        partitions = isinstance(value, dict) and set(value) == set(PARTITIONS)
        return partitions and all(map(is_right, value.values()))

    return check


def _are_folds(value):
    return isinstance(value, list) and all(type(fold) is int and fold in FOLDS for fold in value)


def _are_rows(value):
    return (
        isinstance(value, dict)
        and _is_count(value.get("database"))
        and _is_count(value.get("fold_not_used"))
        and _of_partitions(_is_count)(value.get("no_superclass"))
    )


def _are_bad_records(value):
    return isinstance(value, list) and all(
        isinstance(one, dict)
        and type(one.get("ecg_id")) is int
        and one.get("partition") in PARTITIONS
        and isinstance(one.get("error"), str)
        for one in value
    )


def _is_sha256(value):
    return isinstance(value, str) and bool(re.fullmatch("[0-9a-f]{64}", value))


def _is_0_or_1(values):
    return values <= 1


_EXPECTED = {  # {key of a manifest: (check of its value, what is expected)}
    "class_names": (lambda value: value == list(CLASSES), ", ".join(CLASSES)),
    "lead_names": (lambda value: value == list(LEADS), ", ".join(LEADS)),
    "statement_names": (_are_names, "a list of names, each once"),
    "folds": (_of_partitions(_are_folds), "a list of folds from 1 to 10 for each partition"),
    "rows": (_are_rows, "the numbers of rows"),
    "bad_records": (_are_bad_records, "a list of ecg_id, partition and error"),
    "simulated_records": (_is_count, "a number of records"),
    "ecg_sha256": (_of_partitions(_is_sha256), "a SHA-256 for each partition"),
}
_VALUES = {  # {array of `Records`: (dtype, check of its values, what is expected)}
    "labels": (np.uint8, _is_0_or_1, "0 or 1"),
    "statements": (np.uint8, _is_0_or_1, "0 or 1"),
    "ecg_id": (np.int32, lambda values: values >= 0, f"0 to {_LARGEST_INT32}"),
    "patient_id": (np.int32, lambda values: values >= 0, f"0 to {_LARGEST_INT32}"),
    "age": (
        np.float32,
        lambda values: np.isnan(values) | ((values >= 0) & (values <= 300)),
        "0 to 300, or NaN",
    ),
    "sex": (np.int64, lambda values: np.isin(values, (-1, 0, 1)), "0, 1 or -1"),
    "fold": (np.int32, lambda values: np.isin(values, FOLDS), "1 to 10"),
}
