"""Strict reading of a table of text in a CSV file; cells may span several lines."""

import csv
import io
import itertools
import re

from ecg_tf.data.ecg_files.file_kinds import kind_by_content
from ecg_tf.errors import InputError
from ecg_tf.files import open_file

_MOST_COLUMNS = 1000
_LONGEST_LINE = 2**24  # characters
_SURROGATE = re.compile("[\ud800-\udfff]")  # of bytes that are not UTF-8
_START = 512  # bytes that tell the kind of a file
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
        InputError: the file cannot be read or is not such a table. `rows` raises it as well.
    """
    text = _lines(path)
    start = []
    for line in text:
        start.append(line)
        if line.strip():
            break
    delimiter = max(delimiters, key="".join(start).count)
    lines = csv.reader(itertools.chain(start, text), delimiter=delimiter, strict=True)
    try:
        head = next(filter(None, lines), [])
    except csv.Error as error:
        raise _unreadable(path, lines.line_num, error) from error
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
        raise _unreadable(path, lines.line_num, error) from error


def _unreadable(path, line, found):
    return InputError(f"{path}, line {line}: not a readable CSV: {found}")


def _lines(path):
    """Yield the lines of a text, each with its end."""
    with open_file(path) as file:
        kind = kind_by_content(file.peek(_START))
        if kind:
            raise InputError(f"{path}: {_KINDS.get(kind, f'{kind}, expected a CSV file')}")
        text = io.TextIOWrapper(file, "utf-8-sig", "surrogateescape", newline="")
        number = 0
        while line := text.readline(_LONGEST_LINE + 1):
            number += 1
            if "\0" in line:
                raise _unreadable(path, number, "a NUL character")
            if len(line) > _LONGEST_LINE:
                raise _unreadable(path, number, f"more than {_LONGEST_LINE} characters")
            if not line.isascii() and _SURROGATE.search(line):
                raise _unreadable(path, number, f"not UTF-8; {_SAVE}")
            yield line
