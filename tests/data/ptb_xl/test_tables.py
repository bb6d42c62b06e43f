"""Tables of a PTB-XL folder that cannot be used, and unusual ones that can."""

import gzip
import re

import pandas as pd
import pytest
from ptb_xl_copy import FEW, edit, refused

from ecg_tf.data.prepare import prepare


@pytest.mark.parametrize(
    "column", ["ecg_id", "patient_id", "age", "sex", "scp_codes", "strat_fold", "filename_lr"]
)
def test_missing_column_is_named(folder, tmp_path, column):
    path = folder / "ptbxl_database.csv"
    pd.read_csv(path).drop(columns=column).to_csv(path, index=False)
    message = refused(folder, tmp_path)
    assert message.startswith(f"{path}: no column {column}; found [")


@pytest.mark.parametrize("column", ["diagnostic", "diagnostic_class"])
def test_missing_column_of_the_statements_is_named(folder, tmp_path, column):
    path = folder / "scp_statements.csv"
    pd.read_csv(path, index_col=0).drop(columns=column).to_csv(path)
    assert refused(folder, tmp_path).startswith(f"{path}: no column {column}; found [")


@pytest.mark.parametrize("name", ["ptbxl_database.csv", "scp_statements.csv"])
@pytest.mark.parametrize(
    "content", [b"", b"\n\n", bytes(range(256)) * 50, b"\x89PNG\r\n\x1a\n" * 9, b"\0" * 999, b"a,b"]
)
def test_file_that_is_not_a_table_of_ptb_xl_is_named(folder, tmp_path, name, content):
    (folder / name).write_bytes(content)
    message = refused(folder, tmp_path)
    assert message.startswith(str(folder / name))
    assert len(message) < 1000
    assert message.isprintable()


def test_database_without_rows_is_refused(folder, tmp_path):
    path = folder / "ptbxl_database.csv"
    pd.read_csv(path).head(0).to_csv(path, index=False)
    assert refused(folder, tmp_path) == (
        f"{path}: none of its 0 rows has a superclass and a chosen fold"
    )


def test_database_without_any_superclass_is_refused(folder, tmp_path):
    edit(folder, "scp_codes", dict.fromkeys(range(1, FEW + 1), "{'SR': 0.0}"))
    assert refused(folder, tmp_path).endswith(
        "none of its 22 rows has a superclass and a chosen fold"
    )


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("scp_codes", "NORM", "scp_codes is 'NORM', expected a dict such as {'NORM': 100.0}"),
        ("scp_codes", "", "scp_codes is empty, expected a dict such as {'NORM': 100.0}"),
        ("scp_codes", "{'IMJ': 100.0}", "scp_codes has 'IMJ', which is not in scp_statements.csv"),
        (
            "scp_codes",
            "{'SR': 0.0, 'imi': 100.0}",
            "scp_codes has 'imi', which is not in scp_statements.csv (IMI is)",
        ),
        (
            "scp_codes",
            "{' IMI': 100.0}",
            "scp_codes has ' IMI', which is not in scp_statements.csv (IMI is)",
        ),
        ("scp_codes", "{'IMI': x}", "scp_codes is \"{'IMI': x}\", expected a dict such as"),
        ("scp_codes", "{'IMI': 'x'}", "scp_codes is \"{'IMI': 'x'}\", expected a dict such as"),
        ("scp_codes", "{'IMI': -5.0}", "scp_codes has 'IMI' with likelihood '-5.0', expected 0"),
        ("scp_codes", "{'IMI': 1e9}", "scp_codes has 'IMI' with likelihood '1e9', expected 0 to"),
        ("scp_codes", "{'IMI': 0, 'IMI': 9}", "scp_codes has 'IMI' twice, expected each code once"),
        ("strat_fold", "", "strat_fold is empty, expected a number from 1 to 10"),
        ("strat_fold", "0", "strat_fold is '0', expected a number from 1 to 10"),
        ("strat_fold", "11", "strat_fold is '11', expected a number from 1 to 10"),
        ("strat_fold", "3.5", "strat_fold is '3.5', expected a whole number from 1 to 10"),
        ("strat_fold", "five", "strat_fold is 'five', expected a number from 1 to 10"),
        ("patient_id", "", "patient_id is empty, expected a number from 0 to 2147483647"),
        ("patient_id", "1e300", "patient_id is '1e300', expected a number from 0 to 2147483647"),
        ("patient_id", "9" * 30, "patient_id is '99999999999999999999…', expected a number from"),
        ("age", "-1", "age is '-1', expected a number from 0 to 300"),
        ("age", "inf", "age is 'inf', expected a number from 0 to 300"),
        ("age", "old", "age is 'old', expected a number from 0 to 300"),
        ("sex", "2", "sex is '2', expected a number from 0 to 1"),
        ("sex", "f", "sex is 'f', expected a number from 0 to 1"),
        ("filename_lr", "", "filename_lr is empty, expected a path below the folder"),
        (
            "filename_lr",
            "records100/00000/00004_lr",
            "filename_lr is 'records100/00000/00004_lr', expected the record of ecg_id 5, 00005_lr",
        ),
        (
            "filename_lr",
            "records500/00000/00005_hr",
            "filename_lr is 'records500/00000/00005_hr', expected the record of ecg_id 5, 00005_lr",
        ),
    ],
)
@pytest.mark.parametrize("on_bad_record", ["fail", "skip"])
def test_row_that_cannot_be_used_is_named(folder, tmp_path, column, value, message, on_bad_record):
    edit(folder, column, {5: value})
    path = folder / "ptbxl_database.csv"
    assert refused(folder, tmp_path, on_bad_record=on_bad_record).startswith(
        f"{path}, row 5 (ecg_id '5'): {message}"
    )


def test_row_without_ecg_id_is_named(folder, tmp_path):
    edit(folder, "ecg_id", {5: ""})
    assert "row 5 (ecg_id empty): ecg_id is empty" in refused(folder, tmp_path)


def test_repeated_ecg_id_is_named(folder, tmp_path):
    edit(folder, "ecg_id", {7: "5"})
    assert refused(folder, tmp_path).endswith("row 7 (ecg_id '5'): an earlier row has this ecg_id")


@pytest.mark.parametrize(
    "name",
    [
        "../secret/r",
        "/etc/passwd",
        "records100/../../secret/r",
        "http://physionet.org/r",
        "s3://bucket/r",
        "simplecache::http://physionet.org/r",
        ".",
        "records100//r",
        "~/r",
    ],
)
def test_record_name_that_leads_outside_the_folder_is_refused(folder, tmp_path, name):
    edit(folder, "filename_lr", {5: name})
    message = refused(folder, tmp_path)
    assert message.startswith(
        f"{folder}/ptbxl_database.csv, row 5 (ecg_id '5'): filename_lr is {name!r}, expected a "
        "path below the folder, such as records100/00000/00005_lr"
    )


def change_table(folder, table, change):
    path = folder / table
    path.write_bytes(change(path.read_bytes()))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: data.decode().encode("utf-16"), ": UTF-16, expected UTF-8"),
        (lambda data: data.replace(b",", b";"), ": separated by semicolons, expected commas"),
        (gzip.compress, ": a gzip file, expected the decompressed file"),
        (lambda data: data.replace(b"\n", b"\n\0", 4), ", line 2: not a readable CSV: a NUL"),
        (lambda data: data + b"\xff\n", ", line 24: not a readable CSV: not UTF-8"),
        (lambda data: data + b",,\n", ", row 23: 3 cells, expected 28, as in the first line"),
        (lambda data: data + b"1" * 200_000 + b"\n", ", line 24: not a readable CSV: field larger"),
        (lambda data: data.replace(b",", b",x," * 999, 1), ": 2025 columns, expected at most 1000"),
        (lambda data: data.replace(b",height", b",ecg_id", 1), ": column ecg_id twice"),
        (lambda data: data[: data.rindex(b"records100")], ", row 22: 27 cells, expected 28"),
        (lambda data: data[: data.rindex(b"records100") + 16], ", row 22: 27 cells, expected 28"),
    ],
)
def test_problem_of_a_table_is_described(folder, tmp_path, change, message):
    change_table(folder, "ptbxl_database.csv", change)
    assert refused(folder, tmp_path).startswith(f"{folder}/ptbxl_database.csv{message}")


@pytest.mark.parametrize(
    "change",
    [
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: data.replace(b"\n", b"\r\n"),
        lambda data: data.replace(b"\n", b"\n\n"),
        lambda data: re.sub(rb"(?m)^(\d+),", rb"\1.0,", data),
    ],
    ids=["BOM", "CRLF", "blank lines", "float ids"],
)
def test_other_ways_to_write_a_table_are_read(folder, tmp_path, change):
    change_table(folder, "ptbxl_database.csv", change)
    change_table(folder, "scp_statements.csv", lambda data: b"\xef\xbb\xbf" + data)
    records = prepare(folder, tmp_path / "data").read("dev")
    assert records.ecg_id.tolist() == [10, 21]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            b"infarction,1.0,,,MI,IMI",
            b"infarction,0.5,,,MI,IMI",
            "IMI has diagnostic 0.5, expected",
        ),
        (
            b"infarction,1.0,,,MI,IMI",
            b"infarction,,,,MI,IMI",
            "IMI has diagnostic_class 'MI' and is",
        ),
        (b"infarction,1.0,,,MI,IMI", b"infarction,x,,,MI,IMI", "diagnostic is 'x', expected 1 or"),
        (
            b"infarction,1.0,,,MI,IMI",
            b"infarction,1.0,,,mi,IMI",
            "IMI has diagnostic_class 'mi', exp",
        ),
        (
            b"infarction,1.0,,,MI,IMI",
            b"infarction,1.0,,,,IMI",
            "IMI has diagnostic_class none, exp",
        ),
        (b"\nIMI,", b"\nAMI,", "AMI twice, expected each code once"),
        (b"\nIMI,", b"\n,", "the code is empty, expected one such as IMI"),
        (b"\nIMI,", b"\n7,", "the code is '7', expected one such as IMI"),
    ],
)
def test_invalid_statements_are_named(folder, tmp_path, old, new, message):
    change_table(folder, "scp_statements.csv", lambda data: data.replace(old, new))
    found = refused(folder, tmp_path)
    assert found.startswith(f"{folder}/scp_statements.csv, ")
    assert message in found


def test_missing_statements_are_named_with_the_record(folder, tmp_path):
    change_table(folder, "scp_statements.csv", lambda data: b"".join(data.splitlines(True)[:3]))
    assert "which is not in scp_statements.csv" in refused(folder, tmp_path)


@pytest.mark.parametrize(
    "text", ["{'A':" * 99 + "1" + "}" * 99, "(" * 100_000, "{'A': " + "-" * 9999]
)
def test_nested_or_very_long_codes_are_refused_quickly(folder, tmp_path, text):
    edit(folder, "scp_codes", {5: text})
    assert "row 5 (ecg_id '5'): scp_codes is " in refused(folder, tmp_path)
