"""Preparing a table of records of several file kinds."""

import json
import shutil

import commands_here
import numpy as np
import pytest
import tensorflow_datasets as tfds
from record_tables import LEADS, simulated, write_record, write_table

from ecg_tf.data.packed import PackedRecords, pack
from ecg_tf.data.prepare import prepare_table
from ecg_tf.data.prepared import PreparedRecords
from ecg_tf.data.summary import format_summary
from ecg_tf.data.tables.stored_ecg import Signal, read_ecg
from ecg_tf.errors import InputError, RecordError

PARTITIONS = ["train"] * 16 + ["dev"] * 4 + ["test"] * 4


@pytest.fixture(scope="module")
def frame(source):
    return source[1]


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """A folder with a table of 24 records, and the table as a DataFrame; tests read it only."""
    folder = tmp_path_factory.mktemp("source") / "clinic"
    folder.mkdir()
    return folder, write_table(folder, partition=PARTITIONS, device=["x", ""] * 12)


@pytest.fixture(scope="module")
def data(source, tmp_path_factory):
    """The prepared folder of the table; tests read it only."""
    data = tmp_path_factory.mktemp("prepared") / "data"
    prepare_table(source[0] / "table.csv", data)
    return data


@pytest.fixture
def copy(source, tmp_path):
    """A copy of the folder, for a test to change."""
    shutil.copytree(source[0], tmp_path / "clinic")
    return tmp_path / "clinic"


def refused(folder, tmp_path, **how):
    with pytest.raises(InputError) as error:
        prepare_table(folder / "table.csv", tmp_path / "data", **how)
    assert not PreparedRecords.is_prepared(tmp_path / "data")
    return str(error.value)


def ecg_of(row):
    classes = tuple(name for name, one in (("MI", row["A"]), ("HYP", row["B"])) if one)
    return simulated(classes, int(row.name))


def test_records_of_all_kinds_are_stored_exactly(data, frame):
    prepared = PreparedRecords(data)
    assert prepared.class_names == ("B", "A")
    assert prepared.simulated
    for name in ("train", "dev", "test"):
        mine = frame[frame["partition"] == name]
        records = prepared.read(name, LEADS)
        np.testing.assert_array_equal(records.ecg_id, mine.index + 1)
        np.testing.assert_array_equal(records.labels, mine[["B", "A"]])
        np.testing.assert_array_equal(records.age, mine["age"])
        np.testing.assert_array_equal(records.patient_id, mine.index // 2 + 1)
        for ecg, (_, row) in zip(records.ecg, mine.iterrows(), strict=True):
            np.testing.assert_array_equal(ecg, ecg_of(row), strict=True)


def test_manifest_and_summary_describe_the_records(data, frame):
    prepared = PreparedRecords(data)
    assert prepared.manifest["data_set"] == "clinic"
    assert prepared.manifest["folds"] == {"train": [], "dev": [], "test": []}
    counts = {
        name: [int(frame[frame["partition"] == part][name].sum()) for part in ("train", "dev")]
        for name in ("A", "B")
    }
    lines = format_summary(prepared).splitlines()
    assert lines[:2] == ["24 records, 0 in a fold not used", lines[1]]
    assert lines[1].split() == ["train", "dev", "test"]
    assert [line.rsplit(maxsplit=3) for line in lines[2:7]] == [
        ["records", "16", "4", "4"],
        ["B", *map(str, counts["B"]), "2"],
        ["A", *map(str, counts["A"]), "2"],
        ["none of them", "4", "1", "1"],
        ["bad", "0", "0", "0"],
    ]
    assert lines[7] == f"ECGs of 10 s at 100 Hz, leads {', '.join(LEADS)}"
    assert lines[8:] == [
        "sampling rates of the files: 100 Hz (24 records)",
        "SIMULATED ECGs, not records of patients",
    ]


def test_tfds_reads_paths_and_other_columns(data, frame):
    examples = list(tfds.load("ecg_records", data_dir=data, split="dev").as_numpy_iterator())
    assert [example["record"].decode() for example in examples] == list(frame["record"][16:20])
    found = [json.loads(example["columns"]) for example in examples]
    assert found == [
        {"patient": patient, **({"device": "x"} if device else {})}
        for patient, device in zip(frame["patient"][16:20], frame["device"][16:20], strict=True)
    ]


def test_table_is_packed(data, tmp_path):
    pack(data, tmp_path / "data.npz")
    ours, theirs = PackedRecords(tmp_path / "data.npz"), PreparedRecords(data)
    for name in ("train", "dev", "test"):
        packed, prepared = ours.read(name, LEADS), theirs.read(name, LEADS)
        for array in ("ecg", "labels", "ecg_id", "fold"):
            np.testing.assert_array_equal(getattr(packed, array), getattr(prepared, array))


def test_split_of_patients_is_stored(source, frame, tmp_path):
    table = source[0] / "split.csv"
    frame.drop(columns="partition").to_csv(table, index=False)
    prepared = prepare_table(table, tmp_path / "data", classes=["A"], split="0.5,0.25,0.25")
    parts = {name: prepared.read(name) for name in ("train", "dev", "test")}
    patients = [set(part.patient_id) for part in parts.values()]
    assert [len(part) for part in parts.values()] == [12, 6, 6]
    assert not patients[0] & patients[1] | patients[0] & patients[2] | patients[1] & patients[2]
    assert {part.labels.shape[1] for part in parts.values()} == {1}


# Rates, lengths and leads


def test_rates_lengths_and_leads_can_be_chosen(tmp_path):
    """A wave of 4 Hz in records of 250, 500 and 1000 Hz, and of 6, 7 and 8 s, stored as 5 s."""
    rows = []
    for k in range(6):
        rate, seconds = (250, 500, 1000)[k % 3], 6 + k % 3
        wave = np.sin(2 * np.pi * 4 * np.arange(rate * seconds) / rate)
        leads = ["V5", "II", "X"]
        name = write_record(
            tmp_path, f"{k}", "npz", np.outer(wave, [1, 2, 3]), rate=rate, leads=leads
        )
        rows.append(f"{name},{'train' if k < 3 else 'dev'},{k % 2}")
    (tmp_path / "table.csv").write_text("\n".join(["record,partition,A", *rows]))
    prepared = prepare_table(
        tmp_path / "table.csv", tmp_path / "data", leads=["V5", "II"], sampling_rate=500, seconds=5
    )
    assert (prepared.sampling_rate, prepared.samples) == (500, 2500)
    assert prepared.manifest["lead_names"] == ["II", "V5"]
    records = prepared.read("train", ["II", "V5"])
    expected = np.outer(np.sin(2 * np.pi * 4 * np.arange(2500) / 500), [2, 1])
    assert np.abs(records.ecg[1] - expected).max() <= 0.0005 + 1e-6  # not resampled
    assert np.abs(records.ecg - expected)[:, 100:].max() < 0.005
    assert "250 Hz (2 records), 500 Hz (2 records), 1000 Hz (2 records)" in format_summary(prepared)
    assert "ECGs of 5 s at 500 Hz, leads II, V5" in format_summary(prepared)


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"sampling_rate": 50}, "sampling_rate 50: expected a whole number, 100 to 1000 Hz"),
        ({"seconds": 2}, "samples 200: expected 250 to 6000, 2.5 to 60 s at 100 Hz"),
        ({"seconds": 2.505}, "seconds 2.505: 250.5 samples at 100 Hz, expected a whole number"),
        ({"leads": ["V7"]}, "leads 'V7': unknown V7; expected"),
        ({"on_bad_record": "x"}, "on_bad_record 'x': expected fail or skip"),
        ({"train_folds": "0"}, "folds '0': expected numbers or ranges within 1-10"),
    ],
)
def test_argument_out_of_range_is_named(source, tmp_path, how, message):
    assert refused(source[0], tmp_path, **how).startswith(message)
    assert not (tmp_path / "data").exists()


# Records that cannot be used


def replace_by(folder, kind, ecg, **how):
    """Replace record 2, an NPZ file, by another one."""
    (folder / "ecgs/2.npz").unlink()
    name = write_record(folder, "ecgs/2", kind, ecg, **how)
    table = (folder / "table.csv").read_text()
    (folder / "table.csv").write_text(table.replace("ecgs/2.npz", name))


ECG = simulated(("MI",), 0)
WITH_GAP = np.where(np.arange(1000)[:, None] == 500, np.nan, ECG)


@pytest.mark.parametrize(
    ("ecg", "how", "message"),
    [
        (ECG[:900], {}, "9 s of ECG, expected at least 10 s (-seconds)"),
        (
            ECG[:, [0, 1, 7]],
            {"leads": ["I", "II", "V2"]},
            "missing III AVR AVL AVF V1 V3 V4 V5 V6; found I II V2; -leads I,II,V2 prepares these",
        ),
        (ECG[:, :2], {"leads": ["MLII", "X"]}, "missing I II III AVR AVL AVF V1 V2 V3 V4 V5 V6; f"),
        (ECG, {"leads": ["I", *LEADS[:11]]}, "more than once: I"),
        (ECG * 1000, {}, "lead V3 has a range of 1769 mV, expected at most 50 mV: are the unit"),
        (ECG / 1000, {}, "no lead has a range of more than 0.0018 mV, expected at least 0.01 mV"),
        (ECG + 40, {}, "a sample of 41"),
        (WITH_GAP, {}, "1 of 1000 samples of I are missing or not finite"),
        (ECG, {"rate": 40}, "40 Hz, expected 50 to 20000 Hz"),
    ],
    ids=["short", "leads", "others", "twice", "unit", "small", "offset", "gap", "rate"],
)
def test_record_that_cannot_be_used_is_named(tmp_path, ecg, how, message):
    write_record(tmp_path, "a", "npz", ecg, **how)
    with pytest.raises(RecordError) as error:
        read_ecg(tmp_path, "a.npz", Signal())
    assert str(error.value).startswith(f"{tmp_path}/a.npz: {message}")


def test_leads_that_can_be_derived_are(tmp_path):
    write_record(tmp_path, "a", "npz", ECG[:, [0, 1]], leads=["I", "II"])
    leads = LEADS[:6]
    with pytest.raises(RecordError, match=r"-derive_leads computes the missing ones from I and II"):
        read_ecg(tmp_path, "a.npz", Signal(leads))
    read = read_ecg(tmp_path, "a.npz", Signal(leads, reading={"derive_leads": True}))
    assert read.derived
    assert np.abs(read.ecg / 1000 - ECG[:, :6]).max() < 0.002
    assert not read_ecg(tmp_path, "a.npz", Signal(["I"], reading={"derive_leads": True})).derived


def test_summary_warns_of_the_same_ecg_in_two_partitions(copy, tmp_path):
    """And counts records with computed leads."""
    replace_by(copy, "npz", simulated((), 16)[:, [0, 1]], leads=["I", "II"])
    how = {"leads": LEADS[:3], "reading": {"derive_leads": True}}
    write_record(copy, "ecgs/16", "csv", simulated((), 16)[:, [0, 1]], leads=["I", "II"])
    lines = format_summary(prepare_table(copy / "table.csv", tmp_path / "data", **how)).splitlines()
    assert "leads computed from I and II: 2 records" in lines
    assert lines[-2] == (
        "WARNING: ecg_id 3 and 17 have the same ECG, in different partitions (number of such "
        "pairs: 1)"
    )


def test_first_bad_record_stops_the_preparation(copy, tmp_path):
    replace_by(copy, "npz", ECG[:900])
    with pytest.raises(RecordError, match=r"clinic/ecgs/2.npz: 9 s of ECG, .* \(ecg_id 3\)$"):
        prepare_table(copy / "table.csv", tmp_path / "data")
    assert not list((tmp_path / "data").rglob("*"))


def test_bad_records_are_skipped_and_listed(copy, tmp_path):
    replace_by(copy, "npz", ECG[:900])
    (copy / "ecgs/16.csv").rename(copy / "ecgs/16.tsv")
    prepared = prepare_table(copy / "table.csv", tmp_path / "data", on_bad_record="skip")
    assert [prepared.size(name) for name in ("train", "dev", "test")] == [15, 3, 4]
    lines = format_summary(prepared).splitlines()
    assert lines[6].split() == ["bad", "1", "1", "0"]
    assert f"  ecg_id 3: {copy}/ecgs/2.npz: 9 s of ECG, expected at least 10 s (-seconds)" in lines
    assert any(line.startswith(f"  ecg_id 17: {copy}/ecgs/16.csv: ") for line in lines)


def test_table_without_any_good_record_is_refused(copy, tmp_path):
    shutil.rmtree(copy / "ecgs")
    message = refused(copy, tmp_path, on_bad_record="skip")
    assert message.startswith(
        f"{copy}/table.csv: none of its 24 records can be used; {copy}/ecgs/0"
    )


def test_file_of_another_kind_than_its_name_says_is_refused(copy, tmp_path):
    (copy / "ecgs/1.csv").write_bytes((copy / "ecgs/2.npz").read_bytes())
    data = copy / "ecgs/5.npz"
    data.write_bytes((copy / "ecgs/4.csv").read_bytes())
    prepared = prepare_table(copy / "table.csv", tmp_path / "data", on_bad_record="skip")
    errors = {entry["ecg_id"]: entry["error"] for entry in prepared.manifest["bad_records"]}
    # A file of arrays is recognised by its content, whatever its name is.
    assert list(errors) == [6]
    assert errors[6].startswith(f"{data}: text, not NPZ as its name says")


def test_empty_cells_of_a_csv_file_with_one_lead_are_missing_samples(tmp_path):
    rows = []
    for k in range(4):
        cells = [f"{value:.3f}" for value in ECG[:, 1]]
        cells[500:503] = [""] * 3 if k == 3 else cells[500:503]
        (tmp_path / f"{k}.csv").write_text("\n".join(["II (mV)", *cells, ""]))
        rows.append(f"{k}.csv,train,{k % 2},1")
    (tmp_path / "table.csv").write_text("\n".join(["record,partition,A,simulated", *rows]))
    how = {"leads": ["II"], "reading": {"sampling_rate": 100}, "on_bad_record": "skip"}
    prepared = prepare_table(tmp_path / "table.csv", tmp_path / "data", **how)
    (bad,) = prepared.manifest["bad_records"]
    assert bad["error"] == (f"{tmp_path}/3.csv: 3 of 1000 samples of II are missing or not finite")


def test_missing_rate_and_unit_name_the_flags(copy, tmp_path):
    np.savez(copy / "ecgs/2.npz", ecg=ECG, leads=LEADS)
    with pytest.raises(RecordError, match=r"not state its sampling rate, unit; .* such as -file_"):
        prepare_table(copy / "table.csv", tmp_path / "data")
    how = {"reading": {"sampling_rate": 100, "unit": "mV"}}
    with pytest.raises(RecordError, match=r"16.csv: I is in 'uV', but -unit is mV"):
        prepare_table(copy / "table.csv", tmp_path / "data", **how)


def test_real_record_among_simulated_ones_is_refused(copy, tmp_path):
    table = (copy / "table.csv").read_text().splitlines()
    table[3] = table[3].replace(",1,42", ",0,42")
    (copy / "table.csv").write_text("\n".join(table))
    with pytest.raises(RecordError, match=r"ecgs/2.npz: a real ECG, but the records before are"):
        prepare_table(copy / "table.csv", tmp_path / "data")


def test_links_out_of_the_folder_are_refused(copy, tmp_path):
    (copy / "ecgs/2.npz").rename(tmp_path / "2.npz")
    (copy / "ecgs/2.npz").symlink_to(tmp_path / "2.npz")
    with pytest.raises(RecordError, match=rf"ecgs/2.npz: leads out of {copy}; expected a file in"):
        prepare_table(copy / "table.csv", tmp_path / "data")


# The command


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ((), "-ptbxl, -records and -challenge: expected one of them"),
        (("-ptbxl", "a", "-records", "b"), "-ptbxl, -records and -challenge: expected one of them"),
        (("-records", "a", "-task", "form"), "-task: only with -ptbxl, not with -records"),
        (("-challenge", "a", "-classes", "b"), "-classes: only with -records, not with -challenge"),
        (("-ptbxl", "a", "-name", "b"), "-name: only with -records or -challenge, not with -ptbxl"),
    ],
)
def test_flags_that_do_not_go_together_are_named(tmp_path, flags, message):
    words = ["ecg_tf", "prepare_data", "-data", str(tmp_path / "data"), *flags]
    with pytest.raises(InputError, match=f"^{message}$"):
        commands_here.run(words)
