"""CSV files: the numbers of their columns, and a clear refusal of what may mean something else."""

import numpy as np
import pandas as pd
import pytest

from ecg_tf.data.csv_record import read_csv
from ecg_tf.errors import RecordError

ECG = np.random.default_rng(0).normal(size=(50, 3)).round(4)


def write(folder, text):
    path = folder / "ecg.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def table(ecg=ECG, header="I,aVR,V2", delimiter=","):
    rows = [delimiter.join(map(str, row)) for row in ecg]
    return "\n".join([header, *rows, ""])


def refused(path, rate=500, unit="mV"):
    with pytest.raises(RecordError) as error:
        read_csv(path, rate, unit)
    return str(error.value).removeprefix(f"{path}: ")


def test_columns_are_leads_by_the_names_of_the_header(tmp_path):
    record = read_csv(write(tmp_path, table()), 500, "mV")
    assert (record.leads, record.sampling_rate) == (("I", "AVR", "V2"), 500.0)
    np.testing.assert_array_equal(record.ecg, ECG)
    assert not record.simulated


@pytest.mark.parametrize(("unit", "factor"), [("mV", 1), ("uV", 1e-3), ("V", 1e3)])
def test_any_unit_becomes_millivolt(tmp_path, unit, factor):
    record = read_csv(write(tmp_path, table()), 500, unit)
    np.testing.assert_allclose(record.ecg, ECG * factor, rtol=1e-12)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_columns_may_be_parted_by_semicolons_or_tabs(tmp_path, delimiter):
    text = table(header=delimiter.join(["I", "II", "V2"]), delimiter=delimiter)
    np.testing.assert_array_equal(read_csv(write(tmp_path, text), 500, "mV").ecg, ECG)


def test_what_a_spreadsheet_writes_is_read(tmp_path):
    text = table(header='"Lead I", "aVR" ,V2').replace("\n", "\r\n")
    record = read_csv(write(tmp_path, "\ufeff" + text), 500, "mV")
    assert record.leads == ("LEAD I", "AVR", "V2")
    np.testing.assert_array_equal(record.ecg, ECG)


def test_what_pandas_writes_is_read_and_a_column_of_times_does_no_harm(tmp_path):
    frame = pd.DataFrame(ECG, columns=["I", "II", "V2"])
    frame["time"] = pd.date_range("2026-01-01", periods=50, freq="2ms").astype(str)
    frame.to_csv(tmp_path / "ecg.csv")  # its index becomes a column without a name
    record = read_csv(tmp_path / "ecg.csv", 500, "mV")
    assert record.leads == ("?", "I", "II", "V2", "TIME")
    np.testing.assert_array_equal(record.ecg[:, 1:4], ECG)


def test_an_empty_cell_is_a_missing_sample(tmp_path):
    record = read_csv(write(tmp_path, "I,II\n1,2\n,3\n4,nan\n"), 100, "mV")
    np.testing.assert_array_equal(record.ecg, [[1, 2], [np.nan, 3], [4, np.nan]])


def test_rate_and_unit_are_never_guessed(tmp_path):
    path = write(tmp_path, table())
    assert "sampling rate (-sampling_rate" in refused(path, rate=None)
    assert "unit (-unit" in refused(path, unit=None)
    both = refused(path, rate=None, unit=None)
    assert "-sampling_rate" in both
    assert "-unit" in both


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "its first row is ''"),
        ("0.1,0.2,0.3\n1,2,3\n", "its first row is '0.1,0.2,0.3', expected the names of leads"),
        ("I,II\n", "no samples below its header"),
        ("I,II\n1,2,3\n", "3 columns of samples below a header of 2 names"),
        ("I,II\n1\n2\n", "1 columns of samples below a header of 2 names"),
        ("I,II\n1,2\n1,2,3\n", "no table: "),
        ("I;II\n0,5;1\n0,6;1\n", "sample 1 of I is '0,5', expected a number"),
        ("I,II\n1,2\n1,x\n", "sample 2 of II is 'x', expected a number"),
        (b"\xff\xfeI\x00,\x00", "no text in UTF-8: "),
    ],
)
def test_what_is_no_table_of_leads_is_refused(tmp_path, text, message):
    assert message in refused(write(tmp_path, text))


def test_a_missing_file_is_named(tmp_path):
    assert refused(tmp_path / "no.csv").startswith("cannot be read: No such file")
    assert refused(tmp_path).startswith("cannot be read: Is a directory")
