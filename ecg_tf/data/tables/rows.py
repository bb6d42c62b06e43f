"""The records of a data set before they are read: what a table says of each of them."""

from __future__ import annotations

import dataclasses
import json
import math
import os
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ecg_tf.data.partitions import PARTITIONS
from ecg_tf.data.tables.labels import LABELS, read_labels
from ecg_tf.data.tables.partition import (
    FOLD,
    PARTITION,
    PATIENT,
    read_partitions,
    read_patients,
)
from ecg_tf.data.tables.record_table import RecordTable, TableRow, read_record_table
from ecg_tf.errors import InputError, quoted

AGE, SEX, SIMULATED = "age", "sex", "simulated"
_MOST_BYTES = 12_000  # of `Row.columns`
_OLDEST = 300  # PTB-XL's value for ages over 89
_NUMBER = re.compile(r"\d{1,3}(\.\d*)?", re.ASCII)
_SEXES = {
    **dict.fromkeys(("0", "0.0", "m", "male"), 0),
    **dict.fromkeys(("1", "1.0", "f", "female"), 1),
    **dict.fromkeys(("", "-1", "-1.0", "unknown"), -1),
}


@dataclasses.dataclass(frozen=True)
class Row:
    """A record of a data set.

    Attributes:
        ecg_id: number of the record; of a table, the number of its row.
        patient_id: number of the patient.
        age: years; NaN if unknown.
        sex: 0 male, 1 female, -1 unknown.
        fold: from 1 to 10; 0 if the data set has no folds.
        record: path of the record, relative to the folder of the data set.
        labels: uint8 (class,).
        partition: "train", "dev" or "test".
        columns: JSON text, {column: text} of the other columns of the table that are not empty.
        simulated: True if the table states that the ECG is simulated.
        statements: uint8 (statement,), see `Rows.statement_names`; None for a table.
    """

    ecg_id: int
    patient_id: int
    age: float
    sex: int
    fold: int
    record: str
    labels: np.ndarray
    partition: str
    columns: str = "{}"
    simulated: bool = False
    statements: np.ndarray | None = None


@dataclasses.dataclass(frozen=True)
class Rows:
    """The records of a data set before they are read.

    Attributes:
        data_set: name of the data set.
        table: path of the table; its folder holds the records.
        class_names: the classes, in the order of the labels.
        rows: the `Row`s, in the order of the table.
        folds: {partition: its folds}; no folds if the data set has none.
        counts: numbers of rows, as in manifests.
        statement_names: names of the SCP statements of each row; None for a table.
        class_codes: {class: its SCP codes} of a task whose classes are groups of codes; otherwise
            None.
        bad: records that are not among `rows`, because they could not be assigned to a partition;
            entries of the manifest's `bad_records`.
        wanted: what a row of the table has to have to be among `rows`, for errors.
    """

    data_set: str
    table: Path
    class_names: tuple[str, ...]
    rows: Sequence[Row]
    folds: dict[str, list[int]]
    counts: dict
    statement_names: Sequence[str] | None = None
    class_codes: dict[str, list[str]] | None = None
    bad: Sequence[dict] = ()
    wanted: str = "a chosen fold"


def rows_of_table(
    table: str | os.PathLike,
    *,
    folds: dict[str, Sequence[int]],
    classes: Sequence[str] | None = None,
    split: str | None = None,
    seed: int = 42,
    data_set: str | None = None,
) -> Rows:
    r"""Read a table of records with labels.

    Args:
        table: the table, see `read_record_table`. Its columns: `record`; `labels` or a column for
            each class, see `read_labels`; optionally `patient`, `fold` or `partition`, `age`,
            `sex` and `simulated` (1 for a simulated ECG). Other columns are kept as text.
        folds: {partition: its folds}, for a column `fold`.
        classes: names of the classes, see `read_labels`.
        split: shares of the partitions, see `read_partitions`.
        seed: seed of the split. Default: 42.
        data_set: name of the data set. Default: that of the table's folder.

    Returns:
        The `Rows`.

    Raises:
        InputError: the table cannot be used; the message names the row.

    Examples:
        >>> import pathlib, tempfile
        >>> from ecg_tf.data.tables.rows import rows_of_table
        >>> folds = {"train": [1, 2], "dev": [3], "test": []}
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = pathlib.Path(folder) / "table.csv"
        ...     lines = [f"ecgs/{k}.csv,{k},{k % 2},{1 + k % 3},f" for k in range(12)]
        ...     _ = file.write_text("\n".join(["record,patient,AF,fold,sex", *lines]))
        ...     rows = rows_of_table(file, folds=folds)
        >>> rows.class_names, [row.partition for row in rows.rows[:3]], rows.rows[1].labels
        (('AF',), ['train', 'train', 'dev'], array([1], dtype=uint8))
    """
    return rows_of(
        read_record_table(table),
        folds=folds,
        classes=classes,
        split=split,
        seed=seed,
        data_set=data_set,
    )


def rows_of(
    opened: RecordTable,
    *,
    folds: dict[str, Sequence[int]],
    classes: Sequence[str] | None,
    split: str | None,
    seed: int,
    data_set: str | None,
) -> Rows:
    """Return the `Rows` of an opened table; the arguments are those of `rows_of_table`."""
    known = (PATIENT, FOLD, PARTITION, AGE, SEX, SIMULATED)
    class_names, labels = read_labels(opened, classes, others=known)
    patients = read_patients(opened)
    partitions, fold = read_partitions(opened, patients, labels, folds, split, seed)
    used = {*known, LABELS, *class_names} - {PATIENT}
    rows = [
        Row(
            ecg_id=row.number,
            patient_id=int(patients[k]),
            age=_age(opened, row),
            sex=_sex(opened, row),
            fold=int(fold[k]),
            record=row.record,
            labels=labels[k],
            partition=partitions[k],
            columns=_others(opened, row, used),
            simulated=_simulated(opened, row),
        )
        for k, row in enumerate(opened.rows)
    ]
    with_folds = FOLD in opened.columns
    return Rows(
        data_set=data_set or opened.path.absolute().parent.name or "records",
        table=opened.path,
        class_names=class_names,
        rows=[row for row in rows if row.partition],
        folds={name: list(folds[name]) if with_folds else [] for name in PARTITIONS},
        counts={
            "database": len(rows),
            "no_superclass": dict.fromkeys(PARTITIONS, 0),
            "fold_not_used": partitions.count(None),
        },
    )


def _others(table: RecordTable, row: TableRow, used: set[str]) -> str:
    """Return the other columns as JSON text."""
    others = {name: text for name, text in row.cells.items() if text and name not in used}
    content = json.dumps(others, ensure_ascii=False)
    if len(content.encode()) > _MOST_BYTES:
        raise InputError(
            f"{table.where(row)}: {len(content.encode())} bytes in columns that are neither labels "
            f"nor known, expected at most {_MOST_BYTES}; leave out the longest"
        )
    return content


def _simulated(table: RecordTable, row: TableRow) -> bool:
    text = row.cells.get(SIMULATED, "0")
    if text not in ("0", "1"):
        raise InputError(f"{table.where(row)}: {SIMULATED} is {quoted(text)}, expected 0 or 1")
    return text == "1"


def _age(table: RecordTable, row: TableRow) -> float:
    text = row.cells.get(AGE, "")
    if text.lower() in ("", "nan"):
        return math.nan
    if not _NUMBER.fullmatch(text) or float(text) > _OLDEST:
        raise InputError(
            f"{table.where(row)}: {AGE} is {quoted(text)}, expected years from 0 to {_OLDEST}, or "
            "nothing"
        )
    return float(text)


def _sex(table: RecordTable, row: TableRow) -> int:
    text = row.cells.get(SEX, "")
    if text.lower() not in _SEXES:
        raise InputError(
            f"{table.where(row)}: {SEX} is {quoted(text)}, expected 0 or male, 1 or female, or "
            "nothing"
        )
    return _SEXES[text.lower()]
