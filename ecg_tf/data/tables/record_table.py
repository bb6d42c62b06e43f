"""Reading a table with one row per record."""

from __future__ import annotations

import dataclasses
import os
import re
import textwrap
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from ecg_tf.data.ecg_files.file_kinds import is_csv, wfdb_name
from ecg_tf.data.formats.text_table import open_table
from ecg_tf.errors import InputError, quoted

RECORD = "record"  # the column of paths
_UNNAMED = re.compile(r"(Unnamed: \d+)?")  # an index column, as Excel and pandas write it


@dataclasses.dataclass(frozen=True)
class TableRow:
    """A row of a table of records.

    Attributes:
        number: number of the row, from 1 below the names.
        record: path of the record as the table has it, relative to the folder of the table.
        path: path of the record.
        cells: {column: text} of the other columns, without surrounding spaces.
    """

    number: int
    record: str
    path: Path
    cells: dict[str, str] = dataclasses.field(repr=False)


@dataclasses.dataclass(frozen=True)
class RecordTable:
    """A table of records.

    Attributes:
        path: path of the table.
        columns: names of its columns, without `record`.
        rows: its `TableRow`s, at least one.

    Examples:
        >>> from pathlib import Path
        >>> from ecg_tf.data.tables.record_table import RecordTable, TableRow
        >>> row = TableRow(1, "a.csv", Path("data/a.csv"), {"age": "70"})
        >>> RecordTable(Path("data/table.csv"), ("age",), [row]).where(row)
        'data/table.csv, row 1 (a.csv)'
    """

    path: Path
    columns: tuple[str, ...]
    rows: Sequence[TableRow]

    def where(self, row: TableRow) -> str:
        """Return the place of a row, the beginning of errors."""
        return f"{self.path}, row {row.number} ({row.record})"


def read_record_table(table: str | os.PathLike) -> RecordTable:
    r"""Read a table with one row per record.

    Args:
        table: a CSV file in UTF-8, its cells separated by commas, semicolons or tabs. The column
            `record` holds the paths of the records, relative to the folder of the table, of any
            kind that `ecg_tf.data.any_ecg.read_any` reads. All other columns are kept as text;
            columns without a name, as pandas and Excel write for row numbers, are ignored.

    Returns:
        A `RecordTable`. The records themselves are not opened.

    Raises:
        InputError: the file cannot be read or has no column `record` and no rows, a path is empty,
            leads out of the folder of the table or is a URL, or two rows have the same record.

    Examples:
        >>> import pathlib, tempfile
        >>> from ecg_tf.data.tables.record_table import read_record_table
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = pathlib.Path(folder) / "table.csv"
        ...     _ = file.write_text("record,age\necgs/a.csv,70\necgs/b.npz,\n")
        ...     table = read_record_table(file)
        >>> [(row.record, row.cells) for row in table.rows]
        [('ecgs/a.csv', {'age': '70'}), ('ecgs/b.npz', {'age': ''})]
    """
    table = Path(table)
    head, lines = open_table(table, delimiters=",;\t")
    names = [name.strip() for name in head]
    _check_names(table, names)
    kept = [k for k, name in enumerate(names) if not _UNNAMED.fullmatch(name) and name != RECORD]
    place = names.index(RECORD)
    rows, first = [], {}
    for number, cells in enumerate(lines, start=1):
        record = cells[place].strip()
        where = f"{table}, row {number}"
        _check_path(where, record)
        path = table.parent / record
        same = first.setdefault(_key(path), number)
        if same != number:
            raise InputError(f"{where}: record {quoted(record, 60)} is the record of row {same}")
        rows.append(TableRow(number, record, path, {names[k]: cells[k].strip() for k in kept}))
    if not rows:
        raise InputError(f"{table}: no rows below the names of its columns")
    return RecordTable(table, tuple(names[k] for k in kept), rows)


def _check_names(table: Path, names: list[str]) -> None:
    named = [name for name in names if not _UNNAMED.fullmatch(name)]
    found = textwrap.shorten(ascii([name[:30] for name in named]), 300)
    if RECORD not in named:
        raise InputError(
            f"{table}: no column {RECORD}; found {found}; expected a table with the paths of "
            f"records in a column {RECORD}"
        )
    twice = [name for name in named if named.count(name) > 1]
    if twice:
        raise InputError(f"{table}: column {quoted(twice[0], 30)} twice")


def _check_path(where: str, record: str) -> None:
    """Raise an InputError for a path that is not below the folder of its table."""
    found = None
    if not record:
        found = "empty"
    elif not record.isprintable():
        found = f"{record[:60]!a}, with a character that cannot be printed"
    elif "://" in record:
        found = f"a URL, {quoted(record, 60)}"
    elif "\\" in record:
        found = f"{quoted(record, 60)}, with backslashes"
    elif record.startswith("/"):
        found = f"an absolute path, {quoted(record, 60)}"
    elif ".." in PurePosixPath(record).parts:
        found = f"{quoted(record, 60)}, which leads out of the folder"
    if found:
        raise InputError(
            f"{where}: {RECORD} is {found}; expected a path below the folder of the table, such "
            "as ecgs/0001.csv"
        )


def _key(path: Path) -> str:
    """Return the same text for all names of a record, with and without .hea, for example."""
    return os.path.normpath(path if is_csv(path) else wfdb_name(path))
