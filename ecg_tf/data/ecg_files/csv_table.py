"""Strict reading of a CSV file as a table: of limited size, one row per line, nothing skipped."""

import csv
import dataclasses
import gzip
import io
import re
import zlib

import numpy as np

from ecg_tf.data.ecg_files.file_kinds import kind_by_content
from ecg_tf.errors import InputError, RecordError, quoted
from ecg_tf.files import read_bytes

_DELIMITERS = ",;\t"
_MOST_BYTES = 2**29  # of a file, compressed and decompressed
_LONGEST_LINE = 2**22  # bytes
_LONGEST_HEADER = 2**16  # bytes
_MOST_COLUMNS = 1000
_LONGEST_NAME = 100  # characters; the rest is ignored
_MOST_EMPTY = 10**6  # cells missing at the ends of rows
_GLANCE = 1000  # rows that are read as text first
_QUOTED = 12  # characters of a cell that a message shows

# A comma that cannot separate thousands: 0,512 or 1,5 or 1,2345.
_DECIMAL_COMMA = re.compile(r"[-+]?(0,\d+|\d*,(\d{1,2}|\d{4,}))([eE][-+]?\d+)?", re.ASCII)

_TOO_WIDE = re.compile(r"Expected (\d+) fields in line \d+, saw (\d+)")  # pandas' words


@dataclasses.dataclass(frozen=True)
class Table:
    """A CSV file with its columns known and its numbers not yet read.

    Attributes:
        path: path of the file.
        names: names of the columns.
        head: DataFrame (row, column) of str, the first rows below the names.
        delimiter: the separator of cells.
        body: bytes, the rows below the names, each with its line end. Blank lines at the end of the
            file are not among them, unless there is only one column, where they are empty cells.
        ended: True if the file ends with a line end.
    """

    path: object
    names: list
    head: object
    delimiter: str
    body: bytes
    ended: bool

    def below(self, rows):
        """Return the table without its first `rows` rows."""
        body = self.body.split(b"\n", rows)[rows]
        return dataclasses.replace(self, head=self.head.iloc[rows:], body=body)

    def read(self, numbers, texts):
        """Read columns.

        Args:
            numbers: indices of columns that hold numbers only.
            texts: indices of columns that may hold anything.

        Returns:
            float64 (time, len(numbers)), NaN where a cell is empty, and a list with a Series of
            str for each of `texts`.

        Raises:
            RecordError: there are no rows, a row is too long, a cell of `numbers` is not a number,
                or a quoted cell spans several lines.
        """
        rows = self.body.count(b"\n")
        if not rows:
            raise RecordError(f"{self.path}: no samples below its header")
        if rows * len(self.names) > len(self.body) + _MOST_EMPTY:
            raise RecordError(f"{self.path}: most rows are shorter than its header")
        decimal = self._decimal(numbers)
        try:
            table = self._parsed(numbers, decimal)
        except ValueError as error:
            raise self._not_a_number(numbers, decimal) from error
        if len(table) != rows:
            raise RecordError(f"{self.path}: a quoted cell that goes on over several lines")
        return table[numbers].to_numpy(np.float64), [table[k].fillna("") for k in texts]

    def check_end(self):
        """Check whether the file was cut off within its last row.

        Returns:
            True if the last cell may be incomplete: the file has no line end at its end, and the
            number has fewer digits than all numbers above it.

        Raises:
            RecordError: the last row has no line end, and cells are missing in it.
        """
        if self.ended or not self.body:
            return False
        last = self.body.rstrip(b"\n").rsplit(b"\n", 1)[-1]
        cells = _cells(last, self.delimiter)
        if cells < len(self.names):
            raise RecordError(
                f"{self.path}: cut off in its last row, after {cells} of {len(self.names)} cells"
            )
        above = [_places(cell) for cell in self.head.iloc[:-1, -1] if cell]
        number = re.split(f"[{self.delimiter}]", last.decode())[-1].strip()
        return len(above) > 1 and _places(number) < min(above)

    def _decimal(self, numbers):
        """Return the decimal sign: a comma if cells hold commas that cannot mean anything else."""
        if self.delimiter == ",":
            return "."
        cells = self.head[numbers].to_numpy().ravel()
        return "," if any(map(_DECIMAL_COMMA.fullmatch, map(str.strip, cells))) else "."

    def _parsed(self, numbers, decimal):
        return _parse(
            self.path,
            self.body,
            sep=self.delimiter,
            decimal=decimal,
            names=range(len(self.names)),
            index_col=False,
            dtype={k: np.float64 if k in numbers else str for k in range(len(self.names))},
        )

    def _not_a_number(self, numbers, decimal):
        """Return the error for the first cell of `numbers` that is not a number."""
        import pandas as pd

        table = self._parsed([], ".")
        signs = str.maketrans({".": "?", ",": "."}) if decimal == "," else {}
        for k in numbers:
            cells = table[k].fillna("").str.strip().str.translate(signs)
            wrong = np.flatnonzero(pd.to_numeric(cells, errors="coerce").isna() & (cells != ""))
            if wrong.size:
                return RecordError(
                    f"{self.path}: sample {wrong[0] + 1} of {self.names[k]} is "
                    f"{quoted(table[k][wrong[0]], _QUOTED)}, expected a number"
                )
        return RecordError(f"{self.path}: a sample that is not a number")


def read_table(path):
    """Read the text of a CSV file, which may be compressed by gzip.

    Args:
        path: the file, in UTF-8: columns separated by commas, semicolons or tabs, names in the
            first row.

    Returns:
        A `Table`.

    Raises:
        RecordError: the file does not exist, is too large, or is not a text with a table.
    """
    content = _content(path)
    header, _, body = content.partition(b"\n")
    if len(header) > _LONGEST_HEADER:
        raise RecordError(f"{path}: a first row of {len(header)} bytes, expected names of leads")
    text = header.decode()
    if not text.strip():
        raise RecordError(f"{path}: its first row is '', expected the names of leads")
    delimiter = max(_DELIMITERS, key=text.count)
    try:
        names = next(csv.reader([text], delimiter=delimiter, skipinitialspace=True), [])
    except csv.Error as error:
        raise RecordError(f"{path}: its first row is no row of names: {error}") from error
    if len(names) > _MOST_COLUMNS:
        raise RecordError(f"{path}: {len(names)} columns, expected at most {_MOST_COLUMNS}")
    ended = body.endswith(b"\n")
    if len(names) > 1:
        body = body.rstrip(b" \n")
    if body and not body.endswith(b"\n"):
        body += b"\n"
    lines = body.split(b"\n", _GLANCE)[:_GLANCE] if body else []
    first = next(filter(bytes.strip, lines), None)
    if first and _cells(first, delimiter) != len(names):
        raise RecordError(
            f"{path}: {_cells(first, delimiter)} columns of samples below a header of "
            f"{len(names)} names"
        )
    return Table(
        path=path,
        names=[name.strip().strip("'\"").strip()[:_LONGEST_NAME] for name in names],
        head=_texts(path, b"\n".join([header, *lines]), delimiter),
        delimiter=delimiter,
        body=body,
        ended=ended,
    )


def _places(number):
    """Return the number of digits after the decimal point, or of all digits without a point."""
    whole, point, behind = number.replace(",", ".").partition(".")
    return (1, len(behind)) if point else (0, len(whole.lstrip("+-")))


def _cells(line, delimiter):
    """Return the number of cells in a row."""
    try:
        return len(next(csv.reader([line.decode()], delimiter=delimiter, skipinitialspace=True)))
    except csv.Error:  # a cell of more than 128 kB, the limit of csv
        return line.count(delimiter.encode()) + 1


def _texts(path, rows, delimiter):
    """Parse the rows below the names as a DataFrame (row, column) of str."""
    table = _parse(path, rows, sep=delimiter, dtype=str, keep_default_na=False)
    return table.iloc[1:].reset_index(drop=True)


def _parse(path, rows, **how):
    """Parse rows by pandas; a blank line is a row of missing cells."""
    import pandas as pd

    try:
        return pd.read_csv(
            io.BytesIO(rows), header=None, skipinitialspace=True, skip_blank_lines=False, **how
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        wide = _TOO_WIDE.search(str(error))
        words = f"{wide[2]} cells below {wide[1]} names" if wide else str(error).strip()
        raise RecordError(f"{path}: no table: {words}") from error


def _content(path):
    """Read the text of a file as bytes in UTF-8, with a line feed at the end of each line."""
    try:
        content = read_bytes(path, _MOST_BYTES)
    except InputError as error:
        raise RecordError(str(error)) from error
    if content.startswith(b"\x1f\x8b"):
        content = _unpacked(path, content)
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        kind = kind_by_content(content)
        raise RecordError(
            f"{path}: no text in UTF-8: {f'it is {kind}' if kind else error.reason}"
        ) from error
    if b"\0" in content:
        kind = kind_by_content(content) or "a file with NULs"
        raise RecordError(f"{path}: no text in UTF-8: it is {kind}")
    content = content.removeprefix(b"\xef\xbb\xbf")
    if b"\r" in content:
        content = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    start = 0
    while len(content) - start > _LONGEST_LINE:
        start = content.rfind(b"\n", start, start + _LONGEST_LINE + 1) + 1
        if not start:
            raise RecordError(f"{path}: a line of more than {_LONGEST_LINE} bytes")
    return content


def _unpacked(path, content):
    try:
        with gzip.open(io.BytesIO(content)) as file:
            unpacked = file.read(_MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise RecordError(f"{path}: cannot be unpacked: {error}") from error
    if len(unpacked) > _MOST_BYTES:
        raise RecordError(f"{path}: unpacks to more than {_MOST_BYTES} bytes")
    return unpacked
