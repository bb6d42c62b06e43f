"""Reading tables of records: their form, and every input that is refused."""

import pytest

from ecg_tf.data.tables.record_table import read_record_table
from ecg_tf.errors import InputError


def table_of(folder, text, encoding="utf-8"):
    (folder / "table.csv").write_bytes(text.encode(encoding))
    return folder / "table.csv"


def refused(folder, text, encoding="utf-8"):
    """Return the message of the InputError without the path of the table, its beginning."""
    path = table_of(folder, text, encoding)
    with pytest.raises(InputError) as error:
        read_record_table(path)
    assert str(error.value).startswith(str(path))
    return str(error.value).removeprefix(str(path))


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("record,age,note\necgs/a.csv,70,é\nb.npz,,x\n", "utf-8"),
        ("record,age,note\r\necgs/a.csv,70,é\r\n\r\nb.npz,,x", "utf-8-sig"),
        ("record;age;note\necgs/a.csv;70;é\nb.npz;;x\n", "utf-8"),
        ("record\tage\tnote\necgs/a.csv\t70\té\nb.npz\t\tx\n", "utf-8"),
        (",record,age,note\n0,ecgs/a.csv,70,é\n1,b.npz,,x\n", "utf-8"),  # pandas' to_csv
        ("Unnamed: 0,record,age,note\n0,ecgs/a.csv,70,é\n1,b.npz,,x\n", "utf-8"),
        ('record, age ,note\n"ecgs/a.csv",70,é\nb.npz, ,x\n', "utf-8"),
    ],
    ids=["commas", "BOM and Windows lines", "semicolons", "tabs", "index", "Unnamed", "spaces"],
)
def test_table_is_read(tmp_path, text, encoding):
    table = read_record_table(table_of(tmp_path, text, encoding))
    assert table.columns == ("age", "note")
    assert [(row.number, row.record, row.path, row.cells) for row in table.rows] == [
        (1, "ecgs/a.csv", tmp_path / "ecgs/a.csv", {"age": "70", "note": "é"}),
        (2, "b.npz", tmp_path / "b.npz", {"age": "", "note": "x"}),
    ]


def test_table_of_records_alone_is_read(tmp_path):
    table = read_record_table(table_of(tmp_path, "record\na\nb\n"))
    assert (table.columns, [row.record for row in table.rows]) == ((), ["a", "b"])


@pytest.mark.parametrize(
    ("encoding", "message"),
    [
        ("latin-1", ', line 2: not a readable CSV: not UTF-8; save it as UTF-8 ("CSV UTF-8" in'),
        ("utf-16", ': UTF-16, expected UTF-8: save it as UTF-8 ("CSV UTF-8" in Excel)'),
    ],
)
def test_other_encodings_are_refused(tmp_path, encoding, message):
    assert refused(tmp_path, "record,note\na,é\n", encoding).startswith(message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", ": no column record; found []"),
        ("path,age\na,1\n", ": no column record; found ['path', 'age']; expected a table with"),
        ("record,age\n", ": no rows below the names of its columns"),
        ("record,age,age\na,1,2\n", ": column 'age' twice"),
        ("record,age\na\n", ", row 1: 1 cells, expected 2"),
        ("record,age\na,1\n,2\n", ", row 2: record is empty; expected a path below the folder"),
        ("record\na\nhttps://b.org/c\n", ", row 2: record is a URL, 'https://b.org/c'; expected"),
        ("record\n/etc/passwd\n", ", row 1: record is an absolute path, '/etc/passwd'; expected"),
        ("record\na/../../b\n", ", row 1: record is 'a/../../b', which leads out of the folder"),
        ("record\na\\b\n", r", row 1: record is 'a\\b', with backslashes; expected"),
        ("record\n\x1b[1m\n", r", row 1: record is '\x1b[1m', with a character that cannot be"),
        ("record\na\nb\na\n", ", row 3: record 'a' is the record of row 1"),
        ("record\nx/a.dat\nx//a.hea\n", ", row 2: record 'x//a.hea' is the record of row 1"),
    ],
)
def test_tables_that_cannot_be_used_are_refused(tmp_path, text, message):
    assert refused(tmp_path, text).startswith(message)


def test_workbook_is_refused(tmp_path):
    (tmp_path / "table.xlsx").write_bytes(b"PK\3\4 a workbook")
    with pytest.raises(InputError, match=r"table.xlsx: a zip file, expected the decompressed"):
        read_record_table(tmp_path / "table.xlsx")
