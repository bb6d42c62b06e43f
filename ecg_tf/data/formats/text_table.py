"""Strict reading of a table of text in a CSV file; cells may span several lines."""

import csv
import io

from ecg_tf.data.ecg_files.file_kinds import kind_by_content
from ecg_tf.errors import InputError
from ecg_tf.files import read_bytes

_MOST_BYTES = 2**30  # of a file; PTB-XL's larger table has 6 MB, one of 1e6 records 0.4 GB
_MOST_COLUMNS = 1000
_SAVE = 'save it as UTF-8 ("CSV UTF-8" in Excel)'
_KINDS = {  # {kind of a file: description}
    "text in UTF-16": f"UTF-16, expected UTF-8: {_SAVE}",
    "gzip": "a gzip file, expected the decompressed file",
    "ZIP": "a zip file, expected the decompressed file",
}


def open_table(path, delimiters=","):
    """Open a table of text.

    Args:
        path: the file, in UTF-8.
        delimiters: characters of which one separates the cells, the most frequent one in the first
            line.

    Returns:
        head: names of the columns.
        rows: iterator over the rows, each a list of str; blank lines are skipped.

    Raises:
        InputError: the file cannot be read, is too large, or is not such a table. `rows` raises it
            as well.
    """
    text = _decoded(path, read_bytes(path, _MOST_BYTES))
    first = next(filter(str.strip, text.splitlines()), "")
    delimiter = max(delimiters, key=first.count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        head = next(filter(None, lines), [])
    except csv.Error as error:
        raise _unreadable(path, lines, error) from error
    if len(head) > _MOST_COLUMNS:
        raise InputError(f"{path}: {len(head)} columns, expected at most {_MOST_COLUMNS}")
    return head, _rows(path, lines, len(head))


def _rows(path, lines, columns):
    number = 0
    try:
        for cells in filter(None, lines):
            number += 1
            if len(cells) != columns:
                raise InputError(
                    f"{path}, row {number}: {len(cells)} cells, expected {columns}, as in the "
                    "first line"
                )
            yield cells
    except csv.Error as error:
        raise _unreadable(path, lines, error) from error


def _unreadable(path, lines, error):
    return InputError(f"{path}, line {lines.line_num}: not a readable CSV: {error}")


def _decoded(path, content):
    kind = kind_by_content(content)
    if kind:
        raise InputError(f"{path}: {_KINDS.get(kind, f'{kind}, expected a CSV file')}")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(f"{path}, line {line}: not a readable CSV: not UTF-8; {_SAVE}") from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise InputError(f"{path}, line {line}: not a readable CSV: a NUL character")
    return text
