"""Tables of text, read line by line."""

import pytest

from ecg_tf.data.formats.text_table import open_table
from ecg_tf.errors import InputError

LONG = b"a,b\n" + b"1,2\n" * 50_000  # more than is read at a time


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        (b"a,b\r1,2\r3,4\r", [["1", "2"], ["3", "4"]]),
        (b"\r\n\na,b\r\n1,2\r\n\r\n3,4", [["1", "2"], ["3", "4"]]),
        (b'a,b\n"1\n\n1",2\n3,"4,""\r"\n', [["1\n\n1", "2"], ["3", '4,"\r']]),
        (b"\xef\xbb\xbfa,b\n\xc3\xa9,2\n", [["\u00e9", "2"]]),
        (LONG, [["1", "2"]] * 50_000),
        (b"a,b", []),
    ],
)
def test_rows_are_read(content, rows, tmp_path):
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    head, found = open_table(path)
    assert head == ["a", "b"]
    assert list(found) == rows


def test_empty_file_has_no_columns(tmp_path):
    path = tmp_path / "table.csv"
    path.write_bytes(b"")
    head, rows = open_table(path)
    assert (head, list(rows)) == ([], [])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (LONG + b"\xe9,1\n", ", line 50002: not a readable CSV: not UTF-8; save it as UTF-8"),
        (LONG + b"1,\xc3", ", line 50002: not a readable CSV: not UTF-8"),
        (LONG.replace(b"\n", b"\r") + b"\xe9,1\r", ", line 50002: not a readable CSV: not UTF-8"),
        (LONG + b"1,\0\n", ", line 50002: not a readable CSV: a NUL character"),
        (LONG + b"1" * 1001, ", line 50002: not a readable CSV: more than 1000 characters"),
        (LONG + b"1,2,3\n", ", row 50001: 3 cells, expected 2, as in the first line"),
        (LONG + b'1,"2', ", line 50002: not a readable CSV: unexpected end of data"),
    ],
)
def test_line_that_cannot_be_read_is_named(content, message, tmp_path, monkeypatch):
    monkeypatch.setattr("ecg_tf.data.formats.text_table._LONGEST_LINE", 1000)
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    _, rows = open_table(path)
    with pytest.raises(InputError) as error:
        list(rows)
    assert str(error.value).startswith(f"{path}{message}")


def test_line_of_the_largest_length_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr("ecg_tf.data.formats.text_table._LONGEST_LINE", 10)
    path = tmp_path / "table.csv"
    path.write_bytes(b"a,b\n1,2345678\n")  # ten characters with the end of the line
    assert list(open_table(path)[1]) == [["1", "2345678"]]
