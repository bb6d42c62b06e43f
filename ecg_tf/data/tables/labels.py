"""The classes and labels of a table of records."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

import numpy as np
from absl import logging

from ecg_tf.data.checks import MOST_CLASSES
from ecg_tf.data.tables.record_table import RecordTable
from ecg_tf.errors import InputError, quoted
from ecg_tf.evaluation.summary import MACRO, POOLED

LABELS = "labels"  # a column of names of classes
SEPARATOR = ";"
_VALUES = {"0": 0, "1": 1, "0.0": 0, "1.0": 1, "False": 0, "True": 1}


def read_labels(
    table: RecordTable, classes: Sequence[str] | None = None, others: Iterable[str] = ()
) -> tuple[tuple[str, ...], np.ndarray]:
    """Read the classes of a table and the labels of its records.

    A table has either a column `labels`, with the names of the classes of each record separated by
    semicolons, or a column of 0 and 1 for each class.

    Args:
        table: the table.
        classes: names of the classes, in order. A name in `labels` that is not among them is
            ignored. Default: all names in `labels`, sorted, or all columns that hold 0 and 1 only.
        others: names of columns that are never classes by default.

    Returns:
        class_names: the classes, in the order of the labels.
        labels: uint8 (record, class).

    Raises:
        InputError: there are no classes, a class is unknown or named twice, or a cell is empty or
            holds something else.

    Examples:
        >>> from pathlib import Path
        >>> from ecg_tf.data.tables.labels import read_labels
        >>> from ecg_tf.data.tables.record_table import RecordTable, TableRow
        >>> cells = {"a": {"labels": "AF; MI"}, "b": {"labels": "none"}}
        >>> rows = [TableRow(k, name, Path(name), cells[name]) for k, name in enumerate(cells, 1)]
        >>> table = RecordTable(Path("table.csv"), ("labels",), rows)
        >>> class_names, labels = read_labels(table, ["MI", "AF"])
        >>> class_names, labels.tolist()
        (('MI', 'AF'), [[1, 1], [0, 0]])
    """
    if classes is not None:
        _check_classes(table, classes)
    read = _names_of_records if LABELS in table.columns else _columns
    names, labels = read(table, classes, {LABELS, *others})
    _check_classes(table, names)
    for value in (0, 1):
        constant = [name for k, name in enumerate(names) if (labels[:, k] == value).all()]
        if constant:
            logging.warning(
                "%s: %s %s %d in each of the %d rows: it cannot be learned, and its AUROC is not "
                "defined",
                *(table.path, "class" if len(constant) == 1 else "each class of"),
                *(f"{', '.join(constant)} is", value, len(labels)),
            )
    return tuple(names), labels


def _names_of_records(
    table: RecordTable, classes: Sequence[str] | None, _: set[str]
) -> tuple[list[str], np.ndarray]:
    """Read the column `labels`."""
    found = []
    for row in table.rows:
        names = [name.strip() for name in row.cells[LABELS].split(SEPARATOR)]
        if not all(names):
            cell = quoted(row.cells[LABELS], 60) if row.cells[LABELS] else "empty"
            raise InputError(
                f"{table.where(row)}: {LABELS} is {cell}, expected names of classes separated by "
                f'"{SEPARATOR}"; for a record without any, a name such as NORM, and the classes '
                "in -classes"
            )
        found.append(set(names))
    known = sorted(set().union(*found))
    lower = {}
    for name in known:
        same = lower.setdefault(name.lower(), name)
        if same != name:
            raise InputError(
                f"{table.path}: labels {quoted(same)} and {quoted(name)}, which differ in "
                "upper and lower case only; expected one spelling"
            )
    names = list(classes or known)
    _check_known(table, names, known, "no record has the label")
    return names, np.array([[name in of_one for name in names] for of_one in found], np.uint8)


def _columns(
    table: RecordTable, classes: Sequence[str] | None, others: set[str]
) -> tuple[list[str], np.ndarray]:
    """Read the columns of 0 and 1."""
    if classes is None:
        names = [
            name for name in table.columns if name not in others and _holds_0_and_1(table, name)
        ]
        if not names:
            raise InputError(
                f"{table.path}: neither a column {LABELS} nor a column of 0 and 1 for each class; "
                f"found the columns {', '.join(table.columns) or 'record only'}"
            )
    else:
        names = list(classes)
        _check_known(table, names, table.columns, "no column")
    labels = np.zeros((len(table.rows), len(names)), np.uint8)
    for k, row in enumerate(table.rows):
        for j, name in enumerate(names):
            value = _VALUES.get(row.cells[name])
            if value is None:
                found = quoted(row.cells[name]) if row.cells[name] else "empty"
                raise InputError(f"{table.where(row)}: {name} is {found}, expected 0 or 1")
            labels[k, j] = value
    return names, labels


def _holds_0_and_1(table: RecordTable, name: str) -> bool:
    """Return True for a column of 0 and 1, also if some of its cells are empty."""
    found = {row.cells[name] for row in table.rows}
    return found <= {*_VALUES, ""} and found != {""}


def _check_known(
    table: RecordTable, names: Sequence[str], known: Sequence[str], missing: str
) -> None:
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"did you mean {near[0]}? " if near else ""
            few = ", ".join(known[:20]) + (", …" if len(known) > 20 else "")
            raise InputError(f"{table.path}: {missing} {quoted(name)}; {hint}found {few}")


def _check_classes(table: RecordTable, names: Sequence[str]) -> None:
    if not 0 < len(names) <= MOST_CLASSES:
        raise InputError(f"{table.path}: {len(names)} classes, expected 1 to {MOST_CLASSES}")
    for name in names:
        if not name or not name.isprintable():
            raise InputError(f"{table.path}: class {quoted(name)}, expected a printable name")
        if name in (POOLED, MACRO):
            raise InputError(
                f"{table.path}: class {name}: reports have a row of this name; expected another"
            )
        if list(names).count(name) > 1:
            raise InputError(f"{table.path}: class {quoted(name)} twice in -classes")
