"""Preparing a PTB-XL folder: stored records, errors and interruptions."""

import ast
import itertools
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from on_terminal import assert_lines
from ptb_xl_copy import FEW, edit, refused
from tensorflow_datasets.core import shuffle

from ecg_tf.data import manifest, records_builder
from ecg_tf.data.ecg_files.wfdb_record import standard_ecg
from ecg_tf.data.prepare import prepare
from ecg_tf.data.prepared import PreparedRecords
from ecg_tf.data.summary import format_summary
from ecg_tf.data.tables import stored_ecg
from ecg_tf.errors import InputError, RecordError

ROOT = Path(__file__).resolve().parents[2]
PARTITION_OF_FOLD = {**dict.fromkeys(range(1, 9), "train"), 9: "dev", 10: "test"}
CLASSES = ["MI", "STTC", "CD", "HYP"]


def remove_record(folder, *ecg_ids):
    for ecg_id in ecg_ids:
        (folder / f"records100/00000/{ecg_id:05d}_lr.dat").unlink()


def truth(folder):
    """Return the database with the partition and the set of classes of each row."""
    database = pd.read_csv(folder / "ptbxl_database.csv")
    statements = pd.read_csv(folder / "scp_statements.csv", index_col=0)
    class_of = statements[statements["diagnostic"] == 1]["diagnostic_class"]
    database["partition"] = database["strat_fold"].map(PARTITION_OF_FOLD)
    database["superclasses"] = database["scp_codes"].map(
        lambda codes: {class_of[code] for code in ast.literal_eval(codes) if code in class_of}
    )
    return database


# Stored records


@pytest.mark.parametrize("partition", ["train", "dev", "test"])
def test_partition_holds_its_rows_in_their_order(simulated_folder, prepared, partition):
    expected = truth(simulated_folder)
    expected = expected[(expected["partition"] == partition) & (expected["superclasses"] != set())]
    records = prepared.read(partition)
    assert len(records) == prepared.size(partition) == len(expected) > 0
    np.testing.assert_array_equal(records.ecg_id, expected["ecg_id"])
    np.testing.assert_array_equal(records.patient_id, expected["patient_id"])
    np.testing.assert_array_equal(records.age, expected["age"])
    np.testing.assert_array_equal(records.sex, expected["sex"])
    np.testing.assert_array_equal(records.fold, expected["strat_fold"])
    for found, superclasses in zip(records.labels, expected["superclasses"], strict=True):
        assert {name for name, one in zip(CLASSES, found, strict=True) if one} == (
            superclasses - {"NORM"}
        )
    names = pd.read_csv(simulated_folder / "scp_statements.csv", index_col=0).index
    assert prepared.manifest["statement_names"] == list(names)
    for found, codes in zip(records.statements, expected["scp_codes"], strict=True):
        assert set(names[found == 1]) == set(ast.literal_eval(codes))


def test_ecgs_are_stored_exactly(simulated_folder, prepared):
    records = prepared.read("train", leads=("V2", "I"))
    for ecg_id, ecg in zip(records.ecg_id, records.ecg, strict=True):
        dat = simulated_folder / f"records100/00000/{ecg_id:05d}_lr.dat"
        expected = (np.fromfile(dat, "<i2").reshape(1000, 12) / 1000).astype(np.float32)
        np.testing.assert_array_equal(ecg, expected[:, [7, 0]])


def test_order_of_an_unsorted_database_is_kept(folder, tmp_path):
    path = folder / "ptbxl_database.csv"
    pd.read_csv(path).iloc[::-1].to_csv(path, index=False)
    records = prepare(folder, tmp_path / "data").read("train")
    dropped, dev, test = {3, 20}, {10, 21}, {11, 22}
    assert records.ecg_id.tolist() == [
        k for k in range(FEW, 0, -1) if k not in dropped | dev | test
    ]


def test_more_records_than_tfds_keeps_in_memory_are_sorted_few_at_a_time(
    folder, tmp_path, monkeypatch
):
    monkeypatch.setattr(shuffle, "MAX_MEM_BUFFER_SIZE", 50_000)  # bytes: one ECG
    monkeypatch.setattr(records_builder, "_BUCKET", 4)
    sorted_at_once, read_values = [], shuffle._Bucket.read_values

    def counted(bucket):
        values = list(read_values(bucket))
        sorted_at_once.append(len(values))
        return values

    monkeypatch.setattr(shuffle._Bucket, "read_values", counted)
    records = prepare(folder, tmp_path / "data").read("train")
    dropped, dev, test = {3, 20}, {10, 21}, {11, 22}
    expected = [k for k in range(1, FEW + 1) if k not in dropped | dev | test]
    assert records.ecg_id.tolist() == expected
    full, rest = divmod(len(expected), 4)
    assert [size for size in sorted_at_once if size] == [4] * full + [rest] * (rest > 0) + [2, 2]


@pytest.mark.parametrize("records", [1, 1024, 1025, 512_001])
def test_keys_ascend_and_spread_over_few_buckets(records):
    some = sorted({*range(0, records, 997), *range(min(records, 2100)), records - 1})
    keys = dict(enumerate(records_builder._keys(records)))
    assert all(keys[a] < keys[b] for a, b in itertools.pairwise(some))
    buckets = [shuffle.get_bucket_number(keys[k], shuffle.BUCKETS_NUMBER) for k in some]
    assert max(buckets) == buckets[-1] == (records - 1) // max(1024, -(-records // 500)) < 500


def test_manifest_describes_the_prepared_records(simulated_folder, prepared):
    expected = truth(simulated_folder)
    manifest = prepared.manifest
    assert prepared.class_names == ("MI", "STTC", "CD", "HYP")
    assert manifest["lead_names"][6:8] == ["V1", "V2"]
    assert manifest["folds"] == {"train": [1, 2, 3, 4, 5, 6, 7, 8], "dev": [9], "test": [10]}
    assert manifest["rows"]["database"] == len(expected) == 160
    assert (
        sum(manifest["rows"]["no_superclass"].values()) == (expected["superclasses"] == set()).sum()
    )
    assert manifest["bad_records"] == []
    assert len(set(manifest["ecg_sha256"].values())) == 3
    assert prepared.simulated


def test_folds_can_be_chosen(simulated_folder, tmp_path):
    prepared = prepare(
        simulated_folder, tmp_path / "data", train_folds="1,3-4", dev_folds="10", test_folds="2"
    )
    assert set(prepared.read("train").fold) == {1, 3, 4}
    assert set(prepared.read("dev").fold) == {10}
    assert set(prepared.read("test").fold) == {2}
    unused = (~truth(simulated_folder)["strat_fold"].isin([1, 2, 3, 4, 10])).sum()
    assert prepared.manifest["rows"]["fold_not_used"] == unused
    assert f"160 rows in the database, {unused} in a fold not used" in format_summary(prepared)


def test_age_and_sex_may_be_unknown(folder, tmp_path):
    edit(folder, "age", {1: "", 2: "300.0"})
    edit(folder, "sex", {1: ""})
    records = prepare(folder, tmp_path / "data").read("train")
    assert np.isnan(records.age[0])
    assert records.age[1] == 300
    assert records.sex[0] == -1


@pytest.mark.ptbxl
def test_real_records_are_prepared(ptbxl_folder, tmp_path):
    database = pd.read_csv(ptbxl_folder / "ptbxl_database.csv").head(40)
    for name in database["filename_lr"]:
        (tmp_path / "ptbxl" / name).parent.mkdir(parents=True, exist_ok=True)
        for ending in (".hea", ".dat"):
            shutil.copy(ptbxl_folder / (name + ending), tmp_path / "ptbxl" / (name + ending))
    shutil.copy(ptbxl_folder / "scp_statements.csv", tmp_path / "ptbxl")
    database.to_csv(tmp_path / "ptbxl/ptbxl_database.csv", index=False)
    expected = truth(tmp_path / "ptbxl")
    expected = expected[(expected["partition"] == "train") & (expected["superclasses"] != set())]
    prepared = prepare(tmp_path / "ptbxl", tmp_path / "data")
    records = prepared.read("train")
    assert not prepared.simulated
    assert "SIMULATED" not in format_summary(prepared)
    np.testing.assert_array_equal(records.ecg_id, expected["ecg_id"])
    for k, name in enumerate(CLASSES):
        np.testing.assert_array_equal(
            records.labels[:, k], [name in found for found in expected["superclasses"]]
        )


# The summary


def test_summary_counts_every_row(simulated_folder, prepared):
    expected = truth(simulated_folder)
    lines = format_summary(prepared).splitlines()
    assert lines[0] == "160 rows in the database, 0 in a fold not used"
    assert lines[1].split(maxsplit=7) == [
        *("folds", "records", "MI", "STTC", "CD", "HYP", "NORM"),
        "no superclass  bad",
    ]
    for line in lines[2:5]:
        name, _, *counts = line.split()
        mine = expected[expected["partition"] == name]["superclasses"]
        kept = mine[mine != set()]
        assert [int(count) for count in counts] == [
            len(kept),
            *(sum(label in found for found in kept) for label in CLASSES),
            sum(found == {"NORM"} for found in kept),
            len(mine) - len(kept),
            0,
        ]
    assert lines[-1] == "SIMULATED ECGs, not records of patients"


# Folders that cannot be used


def test_missing_folder_is_named(tmp_path):
    message = refused(tmp_path / "nowhere", tmp_path)
    assert message == f"{tmp_path / 'nowhere'}: no such folder, expected a PTB-XL folder"


def test_empty_folder_is_named(tmp_path):
    (tmp_path / "ptbxl").mkdir()
    message = refused(tmp_path / "ptbxl", tmp_path)
    assert message == f"{tmp_path / 'ptbxl'}: an empty folder, expected a PTB-XL folder"


def test_file_in_place_of_the_folder_is_named(folder, tmp_path):
    message = refused(folder / "ptbxl_database.csv", tmp_path)
    assert message.endswith("ptbxl_database.csv: a file, expected a PTB-XL folder")


@pytest.mark.parametrize("name", ["ptbxl_database.csv", "scp_statements.csv"])
def test_missing_csv_is_named(folder, tmp_path, name):
    (folder / name).unlink()
    assert refused(folder, tmp_path) == f"{folder}: holds no {name}, expected a PTB-XL folder"


def test_output_folder_in_use_is_refused_and_untouched(folder, tmp_path):
    mine = tmp_path / "data/ptb_xl/incomplete_thoughts/mine.txt"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    with pytest.raises(InputError, match="data: already in use, expected a missing or empty"):
        prepare(folder, tmp_path / "data")
    assert mine.read_text() == "mine"


def test_prepared_folder_is_not_prepared_again(simulated_folder, prepared_folder):
    before = sorted(prepared_folder.rglob("*"))
    with pytest.raises(InputError, match="already in use"):
        prepare(simulated_folder, prepared_folder)
    assert sorted(prepared_folder.rglob("*")) == before


def test_output_that_is_a_file_is_refused(folder, tmp_path):
    (tmp_path / "data").write_text("mine")
    with pytest.raises(InputError, match="already in use"):
        prepare(folder, tmp_path / "data")


def test_empty_output_folder_is_used(folder, tmp_path):
    (tmp_path / "data").mkdir()
    assert prepare(folder, tmp_path / "data").size("train") == 16


def test_folders_may_be_relative(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert prepare("ptbxl", "data").size("dev") == 2
    assert PreparedRecords("data").size("dev") == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"train_folds": "0"}, "folds '0': expected numbers or ranges within 1-10"),
        ({"dev_folds": "1-11"}, "folds '1-11': expected"),
        ({"test_folds": "a"}, "folds 'a': expected"),
        ({"train_folds": "8-3"}, "folds '8-3': expected"),
        ({"train_folds": "1-9"}, "fold 9 is in train and dev; partitions must not share"),
        ({"on_bad_record": "ignore"}, "on_bad_record 'ignore': expected fail or skip"),
    ],
)
def test_option_out_of_range_is_named(folder, tmp_path, options, message):
    assert refused(folder, tmp_path, **options).startswith(message)


# Records that cannot be used


def test_first_bad_record_stops_the_preparation(folder, tmp_path):
    remove_record(folder, 7, 8)
    with pytest.raises(RecordError) as error:
        prepare(folder, tmp_path / "data")
    assert str(error.value) == (
        "records100/00000/00007_lr: no signal file "
        f"{folder / 'records100/00000/00007_lr.dat'} (ecg_id 7)"
    )
    assert not PreparedRecords.is_prepared(tmp_path / "data")


def test_bad_records_are_skipped_and_listed(folder, tmp_path):
    remove_record(folder, 1, 7, 10)
    prepared = prepare(folder, tmp_path / "data", on_bad_record="skip")
    assert [prepared.size(name) for name in ("train", "dev", "test")] == [14, 1, 2]
    assert not {1, 7} & set(prepared.read("train").ecg_id)
    listed = {entry["ecg_id"]: entry for entry in prepared.manifest["bad_records"]}
    assert {ecg_id: entry["partition"] for ecg_id, entry in listed.items()} == {
        1: "train",
        7: "train",
        10: "dev",
    }
    lines = format_summary(prepared).splitlines()
    assert [line.split()[-1] for line in lines[2:5]] == ["2", "1", "0"]
    start = lines.index("bad: 3 records left out")
    for ecg_id, line in zip((1, 7, 10), lines[start + 1 :], strict=False):
        assert line.startswith(
            f"  ecg_id {ecg_id}: records100/00000/{ecg_id:05d}_lr: no signal file"
        )


def test_many_bad_records_are_in_a_file_of_their_own(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(manifest, "_MOST_LISTED", 2)
    remove_record(folder, 1, 7, 10, 12)
    prepared = prepare(folder, tmp_path / "data", on_bad_record="skip")
    assert len(prepared.manifest["bad_records"]) == 2
    listed = pd.read_csv(prepared.bad_records_file)
    assert sorted(zip(listed["ecg_id"], listed["partition"], strict=True)) == [
        *((1, "train"), (7, "train"), (10, "dev"), (12, "train"))
    ]
    assert listed["error"].str.contains(": no signal file ").all()
    lines = format_summary(prepared).splitlines()
    assert [line.split()[-1] for line in lines[2:5]] == ["3", "1", "0"]
    start = lines.index(
        f"bad: 4 records left out, listed in {prepared.bad_records_file}; 2 of them:"
    )
    assert all("no signal file" in line for line in lines[start + 1 : start + 3])
    assert len(lines) == start + 4  # and that they are simulated


def test_partition_whose_records_are_all_bad_is_empty(folder, tmp_path):
    remove_record(folder, 11, 22)
    prepared = prepare(folder, tmp_path / "data", on_bad_record="skip")
    assert prepared.size("test") == 0
    assert "test: empty" in format_summary(prepared).splitlines()
    with pytest.raises(InputError, match="its test partition is empty"):
        prepared.read("test")


def test_partition_without_rows_is_empty(folder, tmp_path):
    edit(folder, "strat_fold", {10: "1", 21: "1"})
    prepared = prepare(folder, tmp_path / "data")
    assert "dev: empty" in format_summary(prepared).splitlines()
    assert prepared.labels("dev").shape == (0, 4)
    with pytest.raises(InputError, match=r"dev partition is empty \(folds \[9\] hold no record"):
        prepared.read("dev")


def test_folder_without_any_good_record_is_refused(folder, tmp_path):
    remove_record(folder, *range(1, FEW + 1))
    message = refused(folder, tmp_path, on_bad_record="skip")
    assert "none of its 20 records can be used; records100/00000/00001_lr: no signal" in message


def test_links_out_of_the_folder_are_refused_before_reading(folder, tmp_path):
    (folder / "records100").rename(tmp_path / "elsewhere")
    (folder / "records100").symlink_to(tmp_path / "elsewhere")
    name = "records100/00000/00001_lr.hea"
    assert refused(folder, tmp_path).startswith(f"{name}: leads out of {folder}; expected a file")
    for table in ("ptbxl_database.csv", "scp_statements.csv"):
        (tmp_path / "secret").write_text("root:x:0:0\n")
        content = (folder / table).read_bytes()
        (folder / table).unlink()
        (folder / table).symlink_to(tmp_path / "secret")
        assert refused(folder, tmp_path).startswith(f"{folder / table}: leads out of {folder}")
        (folder / table).unlink()
        (folder / table).write_bytes(content)


def test_links_within_the_folder_and_to_it_are_followed(folder, tmp_path):
    (folder / "records100").rename(folder / "records")
    (folder / "records100").symlink_to("records")
    (tmp_path / "link").symlink_to(folder)
    assert prepare(tmp_path / "link", tmp_path / "data").size("train") == 16


# Interruptions


def test_exception_leaves_nothing_and_the_next_preparation_works(folder, tmp_path, monkeypatch):
    def interrupted(record, calls=[]):  # noqa: B006
        calls.append(record)
        if len(calls) == 10:
            raise KeyboardInterrupt
        return np.zeros((1000, 12), np.float32)

    with monkeypatch.context() as patch:
        patch.setattr(stored_ecg, "standard_ecg", interrupted)
        with pytest.raises(KeyboardInterrupt):
            prepare(folder, tmp_path / "data")
    assert not list((tmp_path / "data").rglob("*"))
    assert prepare(folder, tmp_path / "data").size("train") == 16


def test_second_preparation_of_a_folder_is_refused(folder, tmp_path, monkeypatch):
    """The second one starts during the first one and does not touch its unfinished folder."""
    messages = []

    def tries_another(record):
        if not messages:
            with pytest.raises(InputError) as error:
                prepare(folder, tmp_path / "data")
            messages.append(str(error.value))
        return standard_ecg(record)

    monkeypatch.setattr(stored_ecg, "standard_ecg", tries_another)
    assert prepare(folder, tmp_path / "data").size("train") == 16
    assert messages == [
        f"{tmp_path}/data: another process is preparing records in it; one at a time, wait for its "
        "end"
    ]


def test_folder_that_tfds_cannot_write_is_named(folder, tmp_path, monkeypatch):
    """The folder is deleted during the preparation; TensorFlow raises a NotFoundError."""

    def deletes(record, calls=[]):  # noqa: B006
        calls.append(1)
        if len(calls) == 10:
            shutil.rmtree(tmp_path / "data/ptb_xl")
        return standard_ecg(record)

    monkeypatch.setattr(stored_ecg, "standard_ecg", deletes)
    message = refused(folder, tmp_path)
    assert message.startswith(f"{tmp_path}/data: cannot be written: No such file or directory")
    assert len(message.splitlines()) == 1


KILLED = """
import os, signal, sys
from ecg_tf.data import prepare
from ecg_tf.data.tables import stored_ecg
import tensorflow_datasets as tfds

def kill_in(owner, name, call):
    original, calls = getattr(owner, name), []
    def killing(*arguments, **options):
        calls.append(1)
        result = original(*arguments, **options)
        if len(calls) == call:
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    setattr(owner, name, killing)

if sys.argv[3] == "reading":
    kill_in(stored_ecg, "standard_ecg", 10)
else:
    kill_in(tfds.core.DatasetInfo, "write_to_directory", 1)
prepare.prepare(sys.argv[1], sys.argv[2])
"""


@pytest.mark.parametrize("moment", ["reading", "finishing"])
def test_killed_preparation_is_not_a_dataset_and_can_be_repeated(folder, tmp_path, moment):
    data = tmp_path / "data"
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, folder, data, moment],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    leftovers = list(data.glob("ptb_xl/*"))
    assert leftovers
    assert not PreparedRecords.is_prepared(data)
    with pytest.raises(InputError, match="holds no prepared records"):
        PreparedRecords(data)
    assert prepare(folder, data).size("train") == 16
    assert [path.name for path in data.glob("ptb_xl/*")] == ["1.1.0"]


# The command


def run(*arguments):
    return subprocess.run(
        [sys.executable, ROOT / "bin/prepare_data.py", *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_command_prints_the_table_and_nothing_of_tfds(folder, tmp_path):
    remove_record(folder, 7)
    data = tmp_path / "data"
    result = run("-ptbxl", folder, "-data", data, "-on_bad_record", "skip")
    assert result.returncode == 0
    assert result.stdout == format_summary(PreparedRecords(data)) + "\n"
    assert_lines(result.stderr)


def test_command_reports_a_bad_record_in_one_line(folder, tmp_path):
    remove_record(folder, 7)
    result = run("-ptbxl", folder, "-data", tmp_path / "data")
    assert (result.returncode, result.stdout) == (1, "")
    assert "error: records100/00000/00007_lr: no signal file" in result.stderr.splitlines()[-1]
    assert "Traceback" not in result.stderr


def test_command_reports_a_flag_out_of_range(folder, tmp_path):
    result = run("-ptbxl", folder, "-data", tmp_path / "data", "-train_folds", "1-11")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == (
        "error: folds '1-11': expected numbers or ranges within 1-10, as 1-7,9\n"
    )
