"""Strict reading of PTB-XL's two tables; content that the official files never have is an error."""

import collections
import math
import re
import textwrap

import numpy as np
import pandas as pd

from ecg_tf.data.formats.text_table import open_table
from ecg_tf.data.labels import (
    CLASSES,
    diagnostic_superclasses,
    label_vector,
    read_codes,
    record_superclasses,
)
from ecg_tf.data.partitions import FOLDS, PARTITIONS
from ecg_tf.data.tables.rows import Row
from ecg_tf.data.tasks import CODE, classes_of_codes, columns_of_task
from ecg_tf.errors import InputError, quoted
from ecg_tf.files import check_inside

DATABASE = "ptbxl_database.csv"
STATEMENTS = "scp_statements.csv"
LOW_RATE, HIGH_RATE = "filename_lr", "filename_hr"  # columns of the records at 100 and 500 Hz
_FOLDERS = {LOW_RATE: "records100", HIGH_RATE: "records500"}
_OF_DATABASE = ("ecg_id", "patient_id", "age", "sex", "scp_codes", "strat_fold")
_OF_STATEMENTS = (CODE, "diagnostic", "diagnostic_class")
_MAX_AGE = 300  # the value of PTB-XL for ages over 89
_MAX_ID = 2**31 - 1
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
# A path below the folder: not a URL, not absolute, without ".."
_RECORD_NAME = re.compile(r"(\w[\w.-]*/)*\w[\w.-]*", re.ASCII)


def read_tables(folder, folds, task=None, keep_unlabelled=False, files=LOW_RATE):
    """Read ptbxl_database.csv and scp_statements.csv.

    Args:
        folder: pathlib.Path of the PTB-XL folder.
        folds: {partition: its folds}.
        task: one of `TASKS`. Default: the four classes, by the superclasses.
        keep_unlabelled: True to keep the records without a class of the task.
        files: column of the paths of records, `LOW_RATE` or `HIGH_RATE`.

    Returns:
        rows: the `Row`s with a class of the task (by default a superclass, one of the classes or
            NORM) and a fold in a partition, in the order of the database.
        counts: {"database": number of rows, "no_superclass": {partition: number of its rows that
            were dropped without a class}, "fold_not_used": number of rows in folds without a
            partition}.
        statement_names: the codes of scp_statements.csv, in its order.
        class_names: the classes, in the order of the labels; those of a task are sorted.
        class_of: {code: class} of the codes of the task, by default of the diagnostic codes.

    Raises:
        InputError: a table is missing, is a link that leads out of the folder, or has a value that
            PTB-XL never has; the message names row and column.
    """
    database = _read_csv(folder, DATABASE, (*_OF_DATABASE, files))
    class_of, statement_names = _read_statements(folder, task)
    class_names = CLASSES if task is None else tuple(sorted(set(class_of.values())))
    owner = {fold: name for name, its in folds.items() for fold in its}
    no_superclass, fold_not_used = collections.Counter(), 0
    rows, seen = [], set()
    for number, cells in enumerate(database, start=1):
        try:
            codes = read_codes(cells["scp_codes"])
            _check_known(codes, statement_names)
            fields = _fields(cells)
            record = cells[files]
            if fields["ecg_id"] in seen:
                raise InputError("an earlier row has this ecg_id")
            seen.add(fields["ecg_id"])
            _check_filename(files, record, fields["ecg_id"])
        except InputError as error:
            where = f"{folder / DATABASE}, row {number} (ecg_id {_shown(cells['ecg_id'])})"
            raise InputError(f"{where}: {error}") from error
        classes = record_superclasses(codes, class_of)
        partition = owner.get(fields["fold"])
        if partition is None:
            fold_not_used += 1
        elif not classes and not keep_unlabelled:
            no_superclass[partition] += 1
        else:
            labels = label_vector(classes, class_names)
            statements = np.array([code in codes for code in statement_names], np.uint8)
            rows.append(
                Row(
                    record=record,
                    labels=labels,
                    statements=statements,
                    partition=partition,
                    **fields,
                )
            )
    counts = {
        "database": len(database),
        "no_superclass": {name: no_superclass[name] for name in PARTITIONS},
        "fold_not_used": fold_not_used,
    }
    return rows, counts, statement_names, class_names, class_of


def _read_statements(folder, task):
    """Read {code: class} of a task, by default of the superclasses, and the list of all codes."""
    columns = columns_of_task(task) if task is not None else ()
    table = _read_csv(folder, STATEMENTS, dict.fromkeys((*_OF_STATEMENTS, *columns)))
    try:
        for number, cells in enumerate(table, start=1):
            code = cells[CODE]
            if not re.fullmatch(r"[0-9]?[A-Z][A-Z_()/]*", code):
                raise InputError(
                    f"row {number}: the code is {_shown(code)}, expected one such as IMI"
                )
            if cells["diagnostic"] and not _NUMBER.fullmatch(cells["diagnostic"]):
                found = _shown(cells["diagnostic"])
                raise InputError(
                    f"row {number} ({code}): diagnostic is {found}, expected 1 or nothing"
                )
        frame = pd.DataFrame(
            {
                "diagnostic": [float(cells["diagnostic"] or "nan") for cells in table],
                "diagnostic_class": [cells["diagnostic_class"] or None for cells in table],
            },
            index=[cells[CODE] for cells in table],
        )
        superclass_of = diagnostic_superclasses(frame)
        class_of = superclass_of if task is None else classes_of_codes(task, table)
        return class_of, list(frame.index)
    except InputError as error:
        message = str(error).removeprefix(f"{STATEMENTS}: ")
        raise InputError(f"{folder / STATEMENTS}, {message}") from error


def _read_csv(folder, filename, columns):
    """Read columns of a table, each row as {column: text}."""
    path = folder / filename
    check_inside(folder, path)
    if not path.is_file():
        raise InputError(f"{folder}: holds no {filename}, expected a PTB-XL folder")
    head, rows = open_table(path)
    _check_columns(path, head, columns)
    places = {name: head.index(name) for name in columns}
    return [{name: cells[place] for name, place in places.items()} for cells in rows]


def _check_columns(path, head, names):
    missing = [name or "of codes" for name in names if name not in head]
    if missing and len(head) == 1 and ";" in head[0]:
        raise InputError(f"{path}: separated by semicolons, expected commas")
    if missing:
        found = textwrap.shorten(ascii([name[:30] for name in head]), 300)
        raise InputError(f"{path}: no column {', '.join(missing)}; found {found}")
    twice = [name or "of codes" for name in names if head.count(name) > 1]
    if twice:
        raise InputError(f"{path}: column {', '.join(twice)} twice")


def _fields(cells):
    """Parse the fields of a `Row` that are single cells."""
    return {
        "ecg_id": _whole("ecg_id", cells["ecg_id"], 0, _MAX_ID),
        "patient_id": _whole("patient_id", cells["patient_id"], 0, _MAX_ID),
        "age": _number("age", cells["age"], 0, _MAX_AGE) if cells["age"] else math.nan,
        "sex": _whole("sex", cells["sex"], 0, 1) if cells["sex"] else -1,
        "fold": _whole("strat_fold", cells["strat_fold"], FOLDS[0], FOLDS[-1]),
    }


def _number(name, text, low, high):
    """Parse a cell as a float within [low, high]."""
    number = float(text) if _NUMBER.fullmatch(text) else math.nan
    if low <= number <= high:
        return number
    raise InputError(f"{name} is {_shown(text)}, expected a number from {low} to {high}")


def _whole(name, text, low, high):
    """Parse a cell as an int within [low, high]."""
    number = _number(name, text, low, high)
    if number.is_integer():
        return int(number)
    raise InputError(f"{name} is {_shown(text)}, expected a whole number from {low} to {high}")


def _shown(text):
    return quoted(text) if text else "empty"


def _check_known(codes, statement_names):
    """Raise an InputError for a code that scp_statements.csv does not have."""
    unknown = sorted(codes.difference(statement_names))
    if unknown:
        meant = unknown[0].strip().upper()
        hint = f" ({meant} is)" if meant in statement_names else ""
        raise InputError(f"scp_codes has {unknown[0]!r}, which is not in {STATEMENTS}{hint}")


def _check_filename(column, name, ecg_id):
    """Raise an InputError for a path that may leave the folder or belongs to another record."""
    own = f"{ecg_id:05d}{column.removeprefix('filename')}"
    if not _RECORD_NAME.fullmatch(name):
        found = quoted(name, 60) if name else "empty"
        raise InputError(
            f"{column} is {found}, expected a path below the folder, such as "
            f"{_FOLDERS[column]}/{ecg_id // 1000 * 1000:05d}/{own}"
        )
    if name.rpartition("/")[2] != own:
        raise InputError(
            f"{column} is {quoted(name, 60)}, expected the record of ecg_id {ecg_id}, {own}"
        )
