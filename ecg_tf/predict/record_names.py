"""The records of a table or of a folder, by name."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from ecg_tf.data.ecg_files.file_kinds import READABLE, names_a_record, one_name_each
from ecg_tf.data.tables.record_table import read_record_table
from ecg_tf.errors import InputError


class NamedRecord(NamedTuple):
    """A record to predict.

    Attributes:
        name: its path relative to the folder, or as the table has it.
        path: its path.
    """

    name: str
    path: str


def list_records(source: str | os.PathLike) -> list[NamedRecord]:
    """List the records of a table, in its order, or of a folder, sorted by path.

    Args:
        source: CSV file with a column `record`, see
            `ecg_tf.data.tables.record_table.read_record_table`; or a folder, which is searched with
            its subfolders for files with an ending of a readable kind. Links to other folders are
            not followed. Several files of one record are one record.

    Returns:
        The records, at least one. They are not opened.

    Raises:
        InputError: the table cannot be used, or there is no record in the folder.

    Examples:
        >>> import pathlib, tempfile
        >>> from ecg_tf.predict.record_names import list_records
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     for name in ("b.csv", "a.hea", "a.dat", "README"):
        ...         _ = (pathlib.Path(folder) / name).write_text("")
        ...     records = list_records(folder)
        >>> [record.name for record in records]
        ['a', 'b.csv']
    """
    source = Path(source)
    if not source.is_dir():
        return [NamedRecord(row.record, str(row.path)) for row in read_record_table(source).rows]
    files = [
        Path(folder) / name
        for folder, _, names in os.walk(source, onerror=_refuse)
        for name in names
    ]
    records = sorted(one_name_each(sorted(filter(names_a_record, files))))
    if not records:
        raise InputError(
            f"{source}: a folder without records among its {len(files)} files, expected {READABLE}"
        )
    return [_named(source, path) for path in records]


def _named(folder: Path, path: Path) -> NamedRecord:
    if path.suffix.lower() == ".hea":
        path = path.with_suffix("")
    return NamedRecord(path.relative_to(folder).as_posix(), str(path))


def _refuse(error: OSError) -> None:
    raise InputError(f"{error.filename}: cannot be read: {error.strerror}") from error
