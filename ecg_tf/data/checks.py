"""Checks of the content of prepared and packed records."""

import hashlib
import re

import numpy as np

from ecg_tf.data.labels import CLASSES
from ecg_tf.data.partitions import FOLDS, PARTITIONS
from ecg_tf.errors import InputError, quoted
from ecg_tf.leads import LEADS, SAMPLES, SAMPLING_RATE, check_signal

_MOST_RECORDS = 10**9
MOST_CLASSES = 1000
NO_RECORDS = hashlib.sha256().hexdigest()  # SHA-256 of the ecgs of an empty partition
_LARGEST_INT32 = 2**31 - 1


def check_manifest(manifest, name):
    """Check that a manifest is one that a preparation writes (`ecg_tf.data.ptb_xl.Builder`).

    A manifest that names its data set (`data_set`) may have any classes, leads, sampling rate and
    length; one that does not is of `ptb_xl`: four classes and 12 leads.

    Args:
        manifest: a dictionary, from JSON.
        name: name of the manifest in errors.

    Raises:
        InputError: a key is missing or has an invalid value.
    """
    of_data_set = _OF_ANY if "data_set" in manifest else _OF_PTB_XL
    for key, (is_right, expected) in {**of_data_set, **_EXPECTED}.items():
        if key in _OPTIONAL and key not in manifest:
            continue
        if key not in manifest:
            raise InputError(f"{name}: no {key}, expected {expected}")
        if not is_right(manifest[key]):
            raise InputError(f"{name}: {key} is {quoted(str(manifest[key]))}, expected {expected}")
    if set(manifest.get("class_codes", manifest["class_names"])) != set(manifest["class_names"]):
        raise InputError(
            f"{name}: class_codes are of {quoted(', '.join(manifest['class_codes']))}, expected "
            f"those of each class: {', '.join(manifest['class_names'])}"
        )
    try:
        check_signal(*signal_of(manifest))
    except InputError as error:
        raise InputError(f"{name}: {error}") from error


def signal_of(manifest):
    """Return the sampling rate (Hz) and the number of samples of the ecgs, both whole numbers."""
    return manifest.get("sampling_rate", SAMPLING_RATE), manifest.get("samples", SAMPLES)


def check_sizes(manifest, sizes, name):
    """Check that a manifest matches the number of records.

    Args:
        manifest: a manifest that passed `check_manifest`.
        sizes: {partition: number of records}.
        name: name of the data in errors.

    Raises:
        InputError: a partition is empty and was not empty before, or the reverse; there are more
            records than rows in the database; only some of the records are simulated.
    """
    for partition, size in sizes.items():
        if (manifest["ecg_sha256"][partition] == NO_RECORDS) != (size == 0):
            raise InputError(
                f"{name}: {size} records in its {partition} partition, which contradicts the "
                "manifest of the preparation"
            )
    total, rows = sum(sizes.values()), manifest["rows"]["database"]
    if total > rows:
        raise InputError(f"{name}: {total} records, expected at most the database's {rows} rows")
    simulated = manifest["simulated_records"]
    if simulated not in (0, total):
        raise InputError(f"{name}: {simulated} simulated records, expected none, or all {total}")


def check_records(records, partition, manifest, name):
    """Check the shapes, dtypes and values of the arrays of a partition.

    Args:
        records: `ecg_tf.data.prepared.Records`.
        partition: name of the partition.
        manifest: a manifest that passed `check_manifest`.
        name: name of the data in errors.

    Raises:
        InputError: an array has a wrong shape, dtype or value.
    """
    number, others = len(records.ecg_id), {"statements": records.statements}
    names = manifest.get("statement_names")
    if records.statements is None:
        del others["statements"]
    elif names is None:
        raise InputError(f"{name}: statements without statement_names in the manifest")
    folds, all_values = manifest["folds"][partition], _VALUES
    if not any(manifest["folds"].values()):  # a data set without folds
        folds, all_values = [0], {**_VALUES, "fold": _NO_FOLD}
    classes = len(manifest["class_names"])
    shapes = {"labels": (number, classes), "statements": (number, len(names or ()))}
    for column in ("labels", "ecg_id", "patient_id", "age", "sex", "fold"):
        others[column] = getattr(records, column)
    for column, values in others.items():
        dtype, is_right, expected = all_values[column]
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
    if not np.isin(records.fold, folds).all():
        raise InputError(
            f"{name}: fold {np.setdiff1d(records.fold, folds)[0]} in its {partition} partition, "
            f"expected {folds}"
        )


def _is_count(value):
    return type(value) is int and 0 <= value <= _MOST_RECORDS


def _are_names(value):
    named = isinstance(value, list) and all(isinstance(name, str) and name for name in value)
    return named and len(set(value)) == len(value)


def _are_classes(value):
    return _are_names(value) and 0 < len(value) <= MOST_CLASSES and all(map(str.isprintable, value))


def _are_class_codes(value):
    if not (isinstance(value, dict) and all(map(_are_names, value.values()))):
        return False
    codes = [code for group in value.values() for code in group]
    return all(value.values()) and len(set(codes)) == len(codes)


def _are_leads(value):
    return bool(value) and _are_names(value) and value == [lead for lead in LEADS if lead in value]


def _of_partitions(is_right):
    """Return a check of a dictionary that has a value for each partition."""

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
        and _is_count(value.get("unreadable", 0))
        and _of_partitions(_is_count)(value.get("no_superclass"))
    )


def _are_bad_records(value):
    return isinstance(value, list) and all(
        isinstance(one, dict)
        and type(one.get("ecg_id")) is int
        and one.get("partition") in (*PARTITIONS, None)
        and isinstance(one.get("error"), str)
        for one in value
    )


def _is_sha256(value):
    return isinstance(value, str) and bool(re.fullmatch("[0-9a-f]{64}", value))


def _is_0_or_1(values):
    return values <= 1


_OF_PTB_XL = {
    "class_names": (lambda value: value == list(CLASSES), ", ".join(CLASSES)),
    "lead_names": (lambda value: value == list(LEADS), ", ".join(LEADS)),
}
_OF_ANY = {
    "data_set": (lambda value: _are_names([value]) and value.isprintable(), "a name"),
    "class_names": (_are_classes, f"1 to {MOST_CLASSES} names of classes, each once"),
    "lead_names": (_are_leads, f"one or more of {', '.join(LEADS)}, in this order"),
}
_EXPECTED = {  # {key of a manifest: (check of its value, description of the valid values)}
    "statement_names": (_are_names, "a list of names, each once"),
    "class_codes": (_are_class_codes, "one or more codes for each class, each code once"),
    "folds": (_of_partitions(_are_folds), "a list of folds from 1 to 10 for each partition"),
    "rows": (_are_rows, "the numbers of rows"),
    "bad_records": (_are_bad_records, "a list of ecg_id, partition and error"),
    "bad_counts": (_of_partitions(_is_count), "a number of records for each partition"),
    "simulated_records": (_is_count, "a number of records"),
    "ecg_sha256": (_of_partitions(_is_sha256), "a SHA-256 for each partition"),
}
# The names are missing in records prepared by version 1.0.0, the codes if the classes are no groups
# of codes, and the counts if all bad records are listed.
_OPTIONAL = {"statement_names", "class_codes", "bad_counts"}
_VALUES = {  # {array of `Records`: (dtype, check of its values, description of the valid values)}
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
_NO_FOLD = np.int32, lambda values: values == 0, "0"
