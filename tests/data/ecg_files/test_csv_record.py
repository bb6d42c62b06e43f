"""CSV files: the numbers of their columns, and clear errors for ambiguous files."""

import gzip

import numpy as np
import pandas as pd
import pytest

from ecg_tf.data.ecg_files.csv_record import read_csv
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


def test_header_names_the_leads(tmp_path):
    record = read_csv(write(tmp_path, table()), 500, "mV")
    assert (record.leads, record.sampling_rate) == (("I", "AVR", "V2"), 500.0)
    np.testing.assert_array_equal(record.ecg, ECG)
    assert not record.simulated


@pytest.mark.parametrize(("unit", "factor"), [("mV", 1), ("uV", 1e-3), ("V", 1e3)])
def test_every_unit_is_converted_to_millivolt(tmp_path, unit, factor):
    record = read_csv(write(tmp_path, table()), 500, unit)
    np.testing.assert_allclose(record.ecg, ECG * factor, rtol=1e-12)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_semicolons_and_tabs_separate_columns(tmp_path, delimiter):
    text = table(header=delimiter.join(["I", "II", "V2"]), delimiter=delimiter)
    np.testing.assert_array_equal(read_csv(write(tmp_path, text), 500, "mV").ecg, ECG)


def test_file_written_by_a_spreadsheet_is_read(tmp_path):
    text = table(header='"Lead I", "aVR" ,V2').replace("\n", "\r\n")
    record = read_csv(write(tmp_path, "\ufeff" + text), 500, "mV")
    assert record.leads == ("LEAD I", "AVR", "V2")
    np.testing.assert_array_equal(record.ecg, ECG)


def test_file_written_by_pandas_with_times_is_read(tmp_path):
    frame = pd.DataFrame(ECG, columns=["I", "II", "V2"])
    frame["time"] = pd.date_range("2026-01-01", periods=50, freq="2ms").astype(str)
    frame.to_csv(tmp_path / "ecg.csv")  # the index becomes a column without a name
    record = read_csv(tmp_path / "ecg.csv", 500, "mV")
    assert record.leads == ("?", "I", "II", "V2", "TIME")
    np.testing.assert_array_equal(record.ecg[:, 1:4], ECG)


def test_empty_cell_is_a_missing_sample(tmp_path):
    record = read_csv(write(tmp_path, "I,II\n1,2\n,3\n4,nan\n"), 100, "mV")
    np.testing.assert_array_equal(record.ecg, [[1, 2], [np.nan, 3], [4, np.nan]])


def test_sampling_rate_and_unit_are_never_guessed(tmp_path):
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
        ("I,II\n1,2\n1,2,3\n", "no table: 3 cells below 2 names"),
        ("I;II\n1,234;1\n2,345;1\n", "sample 1 of I is '1,234', expected a number"),
        ("I;II\n0,5;1\n0.6;1\n", "sample 2 of I is '0.6', expected a number"),
        ("I;II\n0,5;1\n1,000,6;1\n", "sample 2 of I is '1,000,6', expected a number"),
        ("I,II\n1,2\n1,x\n", "sample 2 of II is 'x', expected a number"),
        (b"\xff\xfeI\x00,\x00", "no text in UTF-8: "),
    ],
)
def test_file_without_a_table_of_leads_is_refused(tmp_path, text, message):
    assert message in refused(write(tmp_path, text))


# Blank lines and truncated files


def test_blank_line_is_a_missing_sample_of_one_column(tmp_path):
    rows = [f"{value}" for value in ECG[:, 0]]
    rows[7:7] = [""] * 3
    rows[20] = "  "
    rows[30] = '""'
    expected = np.insert(ECG[:, 0], [7] * 3, np.nan)
    expected[[20, 30]] = np.nan
    record = read_csv(write(tmp_path, "I\n" + "\n".join(rows) + "\n"), 100, "mV")
    np.testing.assert_array_equal(record.ecg[:, 0], expected)


def test_blank_line_is_a_missing_sample_of_all_columns(tmp_path):
    record = read_csv(write(tmp_path, "I,II\n\n1,2\n\n\n3,4\n"), 100, "mV")
    nan = np.nan
    np.testing.assert_array_equal(record.ecg, [[nan] * 2, [1, 2], [nan] * 2, [nan] * 2, [3, 4]])


@pytest.mark.parametrize("end", ["\n\n\n\n", "\r\n\r\n \r\n\r\n", '\n""\n""\n""\n', "\n\n\n "])
def test_empty_cells_at_the_end_of_one_column_are_missing_samples(tmp_path, end):
    record = read_csv(write(tmp_path, f"II\n1\n\n2{end}"), 100, "mV")
    nan = np.nan
    np.testing.assert_array_equal(record.ecg[:, 0], [1, nan, 2, nan, nan, nan])


@pytest.mark.parametrize("end", ["", "\n", "\n\n\n", "\r\n\r\n", "\n  \n"])
def test_blank_lines_at_the_end_are_ignored(tmp_path, end):
    record = read_csv(write(tmp_path, f"I,II\n1,2\n3,4{end}"), 100, "mV")
    np.testing.assert_array_equal(record.ecg, [[1, 2], [3, 4]])


@pytest.fixture
def remarks(monkeypatch):
    said = []
    monkeypatch.setattr("absl.logging.warning", lambda text, *args: said.append(text % args))
    return said


@pytest.mark.parametrize(
    "numbers",
    [("0.250", "0.125", "0.333"), ("100", "-250", "300"), ("1.5e-01", "2.5e-02", "3.5e-02")],
)
def test_number_that_may_be_cut_off_is_a_warning(tmp_path, remarks, numbers):
    text = "I,II\n" + "\n".join(f"1,{number}" for number in numbers)
    read_csv(write(tmp_path, f"{text}\n"), 100, "mV")
    read_csv(write(tmp_path, text), 100, "mV")
    read_csv(write(tmp_path, "I,II\n1,1\n1,0.25\n1,0.5"), 100, "mV")
    read_csv(write(tmp_path, "I,remark\n1,good\n1,good\n1,ok"), 100, "mV")
    assert remarks == []
    path = write(tmp_path, text[:-1])
    read_csv(path, 100, "mV")
    assert remarks == [f"{path}: no line end, and its last number may be cut off"]


def test_last_row_that_is_cut_off_is_refused(tmp_path):
    message = refused(write(tmp_path, "I,II,V2\n1,2,3\n1,2"))
    assert message == "cut off in its last row, after 2 of 3 cells"


# Units and times that the file states


def physionet(rate=500, unit="mV", clock=False):
    """Return `ECG` as text in the form of PhysioNet's rdsamp."""
    times = [k / rate for k in range(50)]
    cells = [f"'{t // 60:.0f}:{t % 60:06.3f}'" if clock else f"{t:.3f}" for t in times]
    rows = [",".join([t, *map(str, row)]) for t, row in zip(cells, ECG, strict=True)]
    names = "'Elapsed time','i','avr','v2'"
    units = f"'{'hh:mm:ss.mmm' if clock else 'seconds'}'" + 3 * f",'{unit}'"
    return "\n".join([names, units, *rows, ""])


@pytest.mark.parametrize("clock", [False, True])
@pytest.mark.parametrize(("unit", "factor"), [("mV", 1), ("uV", 1e-3), ("V", 1e3)])
def test_csv_of_physionet_states_rate_and_unit(tmp_path, clock, unit, factor):
    record = read_csv(write(tmp_path, physionet(unit=unit, clock=clock)), None, None)
    assert record.leads == ("ELAPSED TIME", "I", "AVR", "V2")
    np.testing.assert_allclose(record.ecg[:, 1:], ECG * factor, rtol=1e-12)
    assert record.sampling_rate == 500


def test_row_of_units_must_not_contradict_the_flag(tmp_path):
    path = write(tmp_path, physionet())
    np.testing.assert_array_equal(read_csv(path, 500, "mV").ecg[:, 1:], ECG)
    assert refused(path, unit="uV") == "i is in 'mV', but -unit is uV"
    path = write(tmp_path, physionet(unit="mmHg").replace("'mmHg'", "'mV'", 1))
    assert refused(path).startswith("avr is in 'mmHg', expected mV")


@pytest.mark.parametrize("header", ["I (mV),aVR [uV],V2/V", "I(MV);AVR [ µV ];Lead V2 (Volts)"])
def test_units_may_follow_the_names(tmp_path, header):
    delimiter = ";" if ";" in header else ","
    record = read_csv(write(tmp_path, table(header=header, delimiter=delimiter)), 500, None)
    np.testing.assert_allclose(record.ecg, ECG * [1, 1e-3, 1e3], rtol=1e-12)


def test_unit_of_some_leads_does_not_apply_to_the_others(tmp_path):
    path = write(tmp_path, table(header="I (uV),aVR,V2"))
    assert "does not state its unit (-unit mV" in refused(path, unit=None)
    assert refused(path) == "I is in 'uV', but -unit is mV"
    np.testing.assert_allclose(read_csv(path, 500, "uV").ecg, ECG / 1e3, rtol=1e-12)
    assert refused(write(tmp_path, table(header="I (mm),aVR,V2"))).startswith("I is in 'mm'")
    both = table(header="I (uV),II,V2\nmV,mV,mV")
    assert refused(write(tmp_path, both), unit=None) == "I is in 'uV' by its name, 'mV' below"


def timed(times, header="time,I,II", rows=("1,2", "3,4")):
    return "\n".join([header, *(f"{t},{rows[k % 2]}" for k, t in enumerate(times)), ""])


@pytest.mark.parametrize(
    ("header", "times", "rate"),
    [
        ("time", [f"{k / 250:.3f}" for k in range(500)], 250),
        ("t (s)", [f"{k / 360:.3f}" for k in range(3600)], 360),
        ("Time [ms]", [f"{k * 2}" for k in range(500)], 500),
        ("time (min)", [f"{k / 6000:.9f}" for k in range(500)], 100),
        ("time_us", [f"{k * 1000}" for k in range(500)], 1000),
        ("timestamp", [f"{1.7e9 + k / 128:.4f}" for k in range(1000)], 128),
        ("time", [repr(k / 999.56) for k in range(10_000)], 999.56),
        ("Elapsed time", [f"{k / 6000:02.0f}:{k / 100 % 60:05.2f}" for k in range(1000)], 100),
        ("time", [f"23:59:{55 + k / 100:06.3f}" for k in range(500)], 100),
        ("time", [f"'[12:30:0{k / 200:.3f} 01/04/1996]'" for k in range(900)], 200),
        ("time", [f"2026-01-01 00:00:0{k / 200:.3f}" for k in range(900)], 200),
    ],
)
def test_times_state_the_sampling_rate(tmp_path, header, times, rate):
    path = write(tmp_path, timed(times, f"{header},I,II"))
    assert read_csv(path, None, "mV").sampling_rate == rate
    assert read_csv(path, rate * 1.0002, "mV").sampling_rate == rate * 1.0002
    message = refused(path, rate=rate * 2)
    assert message.endswith(f"states {rate:g} Hz, but -sampling_rate is {rate * 2:g} Hz")


def test_times_may_pass_midnight(tmp_path):
    seconds = [86_399 + k / 100 for k in range(200)]
    times = [f"{s % 86_400 // 3600:02.0f}:{s // 60 % 60:02.0f}:{s % 60:05.2f}" for s in seconds]
    assert read_csv(write(tmp_path, timed(times)), None, "mV").sampling_rate == 100


@pytest.mark.parametrize(
    ("header", "times"),
    [
        ("time", range(500)),  # samples or milliseconds
        ("sample #", range(500)),
        ("sample", range(0, 2500, 5)),
        ("time", [f"00:00:{k // 100:02}" for k in range(1000)]),  # too coarse
        ("time", ["-"] * 500),
        ("remark", [f"{k / 250:.3f}" for k in range(500)]),
        ("time", [k * 3 for k in range(500)]),  # milliseconds, probably
        ("time", [f"{k / 6000:.9f}" for k in range(500)]),  # minutes, at 100 Hz
        ("time (days)", [f"{k / 100:.3f}" for k in range(500)]),
    ],
)
def test_times_without_a_known_unit_need_the_flag(tmp_path, header, times):
    path = write(tmp_path, timed(times, f"{header},I,II"))
    assert "does not state its sampling rate" in refused(path, rate=None)
    rate = 1000 / 3 if list(times)[1] == 3 else 100
    assert read_csv(path, rate, "mV").sampling_rate == rate


@pytest.mark.parametrize("header", ["time", "time (ms)", "sample"])
@pytest.mark.parametrize("change", ["gap", "twice", "back"])
def test_times_that_are_not_evenly_spaced_are_refused(tmp_path, header, change):
    times = [k * {"time": 0.01, "sample": 1}.get(header, 10) for k in range(1000)]
    path = write(tmp_path, timed(map("{:g}".format, times), f"{header},I,II"))
    read_csv(path, 100, "mV")
    if change == "gap":
        del times[500]
    elif change == "twice":
        times[500:500] = [times[500]]
    else:
        times.reverse()
    path = write(tmp_path, timed(map("{:g}".format, times), f"{header},I,II"))
    message = refused(path, rate=100)
    assert message.startswith(f"its column {header.removesuffix(' (ms)')} goes from ")
    assert "at sample 50" in message or change == "back"


def test_blank_lines_count_as_samples_in_time(tmp_path):
    text = timed([f"{k / 100:.2f}" for k in range(1000)])
    lines = text.split("\n")
    lines[500] = ""
    record = read_csv(write(tmp_path, "\n".join(lines)), None, "mV")
    assert record.sampling_rate == 100
    assert np.flatnonzero(np.isnan(record.ecg[:, 1])).tolist() == [499]


@pytest.mark.parametrize("rate", [np.nan, np.inf, -100, 0, -0.0])
def test_invalid_sampling_rate_is_refused(tmp_path, rate):
    assert refused(write(tmp_path, physionet()), rate).startswith("-sampling_rate ")


def test_unknown_unit_is_refused(tmp_path):
    message = refused(write(tmp_path, physionet()), unit="mmHg")
    assert message == "-unit 'mmHg', expected mV, uV, nV or V"


# Decimal commas, compressed files, limits


def test_decimal_commas_between_semicolons_are_read(tmp_path):
    text = table(header="I;aVR;V2", delimiter=";").replace(".", ",")
    np.testing.assert_array_equal(read_csv(write(tmp_path, text), 500, "mV").ecg, ECG)
    rows = "time;I;II\n0,00;1,5;2\n0,01;-2;,25\n0,02;1,5e3;0\n"
    record = read_csv(write(tmp_path, rows), None, "mV")
    np.testing.assert_array_equal(record.ecg[:, 1:], [[1.5, 2], [-2, 0.25], [1500, 0]])
    assert record.sampling_rate == 100


def test_gzip_file_is_read(tmp_path):
    path = tmp_path / "ecg.csv.gz"
    path.write_bytes(gzip.compress(table().encode()))
    np.testing.assert_array_equal(read_csv(path, 500, "mV").ecg, ECG)
    path.write_bytes(path.read_bytes()[:-6])
    assert refused(path).startswith("cannot be unpacked: ")


def test_file_that_decompresses_to_too_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("ecg_tf.data.ecg_files.csv_table._MOST_BYTES", 10_000)
    path = tmp_path / "ecg.csv.gz"
    path.write_bytes(gzip.compress(b"I,II\n" + b"0,0\n" * 2500))
    assert refused(path) == "unpacks to more than 10000 bytes"
    path.write_bytes(b"0" * 10_001)
    assert refused(path) == "10001 bytes, expected at most 10000"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("I" * 70_000 + "\n1\n", "a first row of 70000 bytes"),
        (" _(" * 20_000 + "\n1\n", "expected the names of leads"),
        ("I," + "_ " * 30_000 + "x\nz,1\n", "sample 1 of I is 'z'"),
        ("I,time\nz," + "9" * 4_000_000, "sample 1 of I is 'z'"),
        ("I" + "," * 1000 + "\n1\n", "1001 columns, expected at most 1000"),
        ("I,II\n1," + "2" * 5_000_000, "a line of more than 4194304 bytes"),
        ("I,x" + "," * 900 + "\n" + "\n" * 10**4 + "," * 901, "most rows are shorter"),
        ('I,x\n1,"\n2,"\n3,4\n', "a quoted cell that goes on over several lines"),
        ("I,II\n1,\x002\n", "no text in UTF-8: it is a file with NULs"),
        (b"I,II\n1,\xff\n", "no text in UTF-8: invalid start byte"),
        (b"PK\3\4" + b"\xff" * 99, "no text in UTF-8: it is ZIP"),
    ],
)
def test_small_file_never_needs_much_time_or_memory(tmp_path, monkeypatch, text, message):
    monkeypatch.setattr("ecg_tf.data.ecg_files.csv_table._MOST_EMPTY", 10**6)
    assert message in refused(write(tmp_path, text))


def test_error_quotes_little_of_a_file_that_is_not_a_table(tmp_path):
    secret = "CANARY-7f3a1c"
    message = refused(write(tmp_path, f"{secret}\n" * 20))
    assert message == "its first row is 'CAN…', expected the names of leads"
    message = refused(write(tmp_path, f"I,II\n1,{'9x' * 50}\n"))
    assert message == "sample 1 of II is '9x9x9x9x9x9x…', expected a number"


def test_missing_file_is_named(tmp_path):
    assert refused(tmp_path / "no.csv").startswith("cannot be read: No such file")
    assert refused(tmp_path).startswith("cannot be read: Is a directory")
