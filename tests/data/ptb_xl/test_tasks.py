"""The six tasks of the PTB-XL benchmark, and PTB-XL at other sampling rates and lengths."""

import ast
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from ptb_xl_copy import FEW, edit, refused
from record_tables import LEADS, write_record

from ecg_tf.data.packed import PackedRecords, pack
from ecg_tf.data.prepare import prepare
from ecg_tf.data.ptb_xl.rows import rows_of_ptb_xl
from ecg_tf.data.sources import open_partition
from ecg_tf.data.summary import format_summary
from ecg_tf.data.tasks import TASKS
from ecg_tf.errors import RecordError
from ecg_tf.input_spec import InputSpec
from ecg_tf.runs.shared_classes import data_set_of

TABLES = Path(__file__).resolve().parents[4] / "shared/ptbxl"
COUNTS = {  # number of classes
    **{"superdiagnostic": 5, "subdiagnostic": 23, "diagnostic": 44},
    **{"form": 19, "rhythm": 12, "all": 71},
}
FOLDS = {"train": range(1, 9), "dev": [9], "test": [10]}


def expected_labels(database, statements, task):
    """Return a DataFrame of 0 and 1 (ecg_id, class), by pandas alone."""
    column = {"superdiagnostic": "diagnostic_class", "subdiagnostic": "diagnostic_subclass"}
    marked = statements
    if task != "all":
        of_task = "diagnostic" if task.endswith("diagnostic") else task
        marked = statements[statements[of_task] == 1]
    classes = marked[column[task]] if task in column else pd.Series(marked.index, marked.index)
    codes = database.set_index("ecg_id")["scp_codes"].map(ast.literal_eval).map(list).explode()
    found = pd.get_dummies(codes.map(classes)).groupby("ecg_id").max().astype(int)
    return found.reindex(columns=sorted(set(classes)), fill_value=0)


@pytest.mark.ptbxl
@pytest.mark.parametrize("task", COUNTS)
def test_classes_and_counts_of_ptb_xl(ptbxl_tables, task):
    expected = expected_labels(*ptbxl_tables, task)
    rows = rows_of_ptb_xl(TABLES, FOLDS, task, keep_unlabelled=False, sampling_rate=100)
    assert len(rows.class_names) == COUNTS[task]
    assert rows.class_names == tuple(expected.columns)
    labelled = expected[expected.any(axis=1)]
    assert [row.ecg_id for row in rows.rows] == list(labelled.index)
    np.testing.assert_array_equal([row.labels for row in rows.rows], labelled)
    assert sum(rows.counts["no_superclass"].values()) == len(expected) - len(labelled)
    if task == "superdiagnostic":
        dev = np.array([row.labels for row in rows.rows if row.partition == "dev"])
        assert (len(dev), dev[:, rows.class_names.index("NORM")].sum()) == (2146, 955)


@pytest.mark.ptbxl
def test_unlabelled_records_of_ptb_xl_can_be_kept(ptbxl_tables):
    rows = rows_of_ptb_xl(TABLES, FOLDS, "form", keep_unlabelled=True, sampling_rate=100)
    assert len(rows.rows) == len(ptbxl_tables[0])
    assert sum(row.partition == "dev" for row in rows.rows) == 2183


def test_task_is_prepared(folder, tmp_path):
    """NORM is a class beside a disease; the ECGs are those of the four classes."""
    edit(folder, "scp_codes", {1: "{'NORM': 50.0, 'IMI': 15.0}"})
    prepared = prepare(folder, tmp_path / "data", task="superdiagnostic")
    records = prepared.read("train", LEADS)
    assert prepared.class_names == ("CD", "HYP", "MI", "NORM", "STTC")
    assert records.labels[0].tolist() == [0, 0, 1, 1, 0]
    four = prepare(folder, tmp_path / "four")
    assert prepared.manifest["ecg_sha256"] == four.manifest["ecg_sha256"]
    assert prepared.manifest["task"] == "superdiagnostic"
    table = pd.read_csv(folder / "scp_statements.csv", index_col=0)
    codes = prepared.manifest["class_codes"]
    for name in prepared.class_names:
        assert codes[name] == sorted(table.index[table["diagnostic_class"] == name])
    assert "class_codes" not in four.manifest
    pack(tmp_path / "data", tmp_path / "data.npz")
    assert PackedRecords(tmp_path / "data.npz").manifest["class_codes"] == codes
    for name in ("ecg_id", "statements", "patient_id", "age", "sex", "fold"):
        np.testing.assert_array_equal(
            getattr(records, name), getattr(four.read("train", LEADS), name)
        )
    spec = InputSpec("signal")
    parts = [open_partition(tmp_path / name, "dev", spec) for name in ("data", "four")]
    assert [data_set_of(part) for part in parts] == ["simulated PTB-XL"] * 2
    lines = format_summary(prepared).splitlines()
    assert lines[10].split() == ["no", "label", "2", "0", "0"]


def test_unlabelled_records_can_be_kept(folder, tmp_path):
    edit(folder, "scp_codes", {2: "{'SR': 0.0}"})
    prepared = prepare(folder, tmp_path / "data", task="diagnostic", keep_unlabelled=True)
    records = prepared.read("train")
    assert len(records) == FEW - 4
    assert [not label.any() for label in records.labels[:3]] == [False, True, True]
    message = refused(folder, tmp_path / "four", keep_unlabelled=True)
    assert message.startswith("keep_unlabelled: of a task; without one, a record without any class")


def test_unknown_task_is_named(folder, tmp_path):
    assert refused(folder, tmp_path, task="x") == f"task 'x': expected {', '.join(TASKS)}"


@pytest.mark.parametrize(
    ("task", "old", "new", "message"),
    [
        ("form", ",1.0,,,,", ",2.0,,,,", "form is '2.0', expected 1 or nothing"),
        ("subdiagnostic", ",HYP,LVH", ",HYP,", "diagnostic_subclass is empty, expected a class"),
        ("rhythm", "rhythm", "rythm", "no column rhythm; found"),
    ],
)
def test_statements_that_cannot_be_used_are_named(folder, tmp_path, task, old, new, message):
    path = folder / "scp_statements.csv"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))
    assert message in refused(folder, tmp_path, task=task)


def test_folder_without_records_of_the_task_is_refused(folder, tmp_path):
    path = folder / "ptbxl_database.csv"
    database = pd.read_csv(path, dtype=str, keep_default_na=False)
    database["scp_codes"] = "{'NORM': 100.0}"
    database.to_csv(path, index=False)
    message = refused(folder, tmp_path, task="form")
    assert message == f"{path}: none of its 22 rows has a class of the task and a chosen fold"


# Rates, lengths and leads


def test_records_at_500_hz_are_read(folder, tmp_path):
    ecgs = np.random.default_rng(0).integers(-500, 500, (FEW, 5000, 12)) / 1000
    for ecg_id, ecg in enumerate(ecgs, start=1):
        write_record(folder, f"records500/00000/{ecg_id:05d}_hr", "dat", ecg, rate=500)
    prepared = prepare(
        folder, tmp_path / "data", sampling_rate=500, seconds=8, leads=["V2", "I", "II"]
    )
    assert prepared.class_names == ("MI", "STTC", "CD", "HYP")
    assert (prepared.sampling_rate, prepared.samples) == (500, 4000)
    records = prepared.read("dev")
    assert records.ecg_id.tolist() == [10, 21]
    expected = ecgs[records.ecg_id - 1][:, :4000, [0, 1, 7]].astype(np.float32)
    np.testing.assert_array_equal(records.ecg, expected)


def test_records_that_are_too_short_are_named(folder, tmp_path):
    with pytest.raises(RecordError, match=r"00001_lr: 10 s of ECG, expected at least 12 s \(-sec"):
        prepare(folder, tmp_path / "data", seconds=12)


def test_missing_column_of_records_at_500_hz_is_named(folder, tmp_path):
    path = folder / "ptbxl_database.csv"
    path.write_text(path.read_text().replace("filename_hr", "filename"))
    message = refused(folder, tmp_path, sampling_rate=250)
    assert message.startswith(f"{path}: no column filename_hr; found")
