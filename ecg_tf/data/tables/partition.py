"""The partition of each record of a table: by its columns, or by a split of the patients."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from absl import logging

from ecg_tf.data.partitions import FOLDS, PARTITIONS
from ecg_tf.data.tables.record_table import RecordTable
from ecg_tf.data.tables.split import DEFAULT_SPLIT, parse_split, split_patients
from ecg_tf.errors import InputError, quoted

PATIENT, FOLD, PARTITION = "patient", "fold", "partition"
LEAST_PATIENTS = 2  # of a partition that has records
_LARGEST_ID = 2**31 - 1


def read_patients(table: RecordTable) -> np.ndarray:
    """Read the patient of each record.

    Args:
        table: the table. Without a column `patient`, each record is of a patient of its own, which
            is logged as a warning.

    Returns:
        int32 (record,): the cells if all are whole numbers, otherwise numbers from 1 in the order
        in which the patients appear.

    Raises:
        InputError: a cell is empty.
    """
    if PATIENT not in table.columns:
        logging.warning(
            "%s: no column %s: each record counts as a patient of its own", table.path, PATIENT
        )
        return np.arange(1, len(table.rows) + 1, dtype=np.int32)
    names = [row.cells[PATIENT] for row in table.rows]
    for row, name in zip(table.rows, names, strict=True):
        if not name:
            raise InputError(f"{table.where(row)}: {PATIENT} is empty, expected a name or number")
    if all(name.isascii() and name.isdigit() and int(name) <= _LARGEST_ID for name in names):
        return np.array(names, np.int64).astype(np.int32)
    numbers = {}
    return np.array([numbers.setdefault(name, len(numbers) + 1) for name in names], np.int32)


def read_partitions(
    table: RecordTable,
    patients: np.ndarray,
    labels: np.ndarray,
    folds: dict[str, Sequence[int]],
    split: str | None,
    seed: int,
) -> tuple[list[str | None], np.ndarray]:
    """Return the partition and the fold of each record.

    Args:
        table: the table. Its column `fold` or `partition` states the partition of each record;
            without such a column the patients are split.
        patients: (record,) from `read_patients`.
        labels: uint8 (record, class).
        folds: {partition: its folds}, for a column `fold`.
        split: shares of the partitions, a text for `parse_split`, for a table without such a
            column. Default: 0.8,0.1,0.1.
        seed: seed of the split.

    Returns:
        partitions: a name for each record, or None for a record in a fold without a partition.
        folds: int (record,); 0 for records without a fold.

    Raises:
        InputError: a cell is not a fold or partition, the table has both columns or one of them and
            a split, a patient is in two partitions, or a partition has a single patient.
    """
    stated = [name for name in (FOLD, PARTITION) if name in table.columns]
    if len(stated) == 2:
        raise InputError(f"{table.path}: columns {FOLD} and {PARTITION}, expected one of them")
    if stated and split is not None:
        raise InputError(
            f"{table.path}: split {split!r}, but its column {stated[0]} states the partitions; "
            f"expected no -split or no column {stated[0]}"
        )
    of_record = np.zeros(len(table.rows), np.int32)
    if stated == [FOLD]:
        owner = {fold: name for name, its in folds.items() for fold in its}
        of_record[:] = _cells(table, FOLD, {str(k): k for k in FOLDS}, "a fold from 1 to 10")
        partitions = [owner.get(fold) for fold in of_record.tolist()]
    elif stated:
        names = {name: name for name in PARTITIONS}
        partitions = _cells(table, PARTITION, names, ", ".join(PARTITIONS))
    else:
        shares = parse_split(split or DEFAULT_SPLIT)
        found, wanted = len(np.unique(patients)), LEAST_PATIENTS * sum(s > 0 for s in shares)
        if found < wanted:
            raise InputError(
                f"{table.path}: {found} patients, expected at least {wanted} for a split, "
                f"{LEAST_PATIENTS} in each partition"
            )
        parts = split_patients(patients, labels, shares, seed)
        partitions = [PARTITIONS[part] for part in parts]
    _check_patients(table, patients, partitions)
    return partitions, of_record


def _cells(table: RecordTable, column: str, values: dict, expected: str) -> list:
    """Return the value of each cell of a column."""
    for row in table.rows:
        if row.cells[column].removesuffix(".0") not in values:
            found = quoted(row.cells[column]) if row.cells[column] else "empty"
            raise InputError(f"{table.where(row)}: {column} is {found}, expected {expected}")
    return [values[row.cells[column].removesuffix(".0")] for row in table.rows]


def _check_patients(
    table: RecordTable, patients: np.ndarray, partitions: Sequence[str | None]
) -> None:
    """Check that no patient is in two partitions, and no partition has a single patient."""
    first = {}  # {patient: the first row of the patient with a partition, and this partition}
    for row, patient, partition in zip(table.rows, patients.tolist(), partitions, strict=True):
        if partition is None:
            continue
        before, owner = first.setdefault(patient, (row, partition))
        if owner != partition:
            name = quoted(row.cells[PATIENT], 60)
            raise InputError(
                f"{table.where(row)}: patient {name} is in {partition}, but row {before.number} "
                f"of this patient is in {owner}; expected each patient in one partition"
            )
    owners = [owner for _, owner in first.values()]
    for name in PARTITIONS:
        if 0 < owners.count(name) < LEAST_PATIENTS:
            raise InputError(
                f"{table.path}: {owners.count(name)} patient in {name}, expected at least "
                f"{LEAST_PATIENTS}, or none; try other shares (-split) or folds"
            )
