"""Preparing by Apache Beam gives what preparing without it gives."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from record_tables import write_record, write_table

from ecg_tf.beam import Beam
from ecg_tf.data.prepare import prepare, prepare_table
from ecg_tf.data.prepared import PreparedRecords
from ecg_tf.errors import InputError, RecordError

pytest.importorskip("apache_beam", reason="Apache Beam is not installed (bin/test beam)")

IN_THIS_PROCESS = Beam("DirectRunner")
IN_TWO_PROCESSES = Beam(
    "DirectRunner", "--direct_running_mode=multi_processing --direct_num_workers=2"
)


def assert_same(data, expected):
    """Compare the records, their order and the manifests of two folders of prepared records."""
    data, expected = PreparedRecords(data), PreparedRecords(expected)
    assert data.manifest == expected.manifest
    for partition in ("train", "dev", "test"):
        assert data.size(partition) == expected.size(partition)
        if expected.size(partition):
            records, same = data.read(partition), expected.read(partition)
            for field in dataclasses.fields(records):
                np.testing.assert_array_equal(
                    getattr(records, field.name), getattr(same, field.name), field.name
                )


def test_several_processes_prepare_what_one_prepares(tmp_path):
    """With bad records, a record of another kind, and the same ECG in two partitions."""
    partitions = ["train", "train", "dev", "dev", "test", "test"]
    frame = write_table(tmp_path, 60, partition=partitions * 10)
    for k in (2, 43):  # the first of dev, and one of train
        (tmp_path / frame["record"][k]).unlink()
    for k in (50, 53):
        write_record(tmp_path, f"ecgs/{k}", "npz", np.sin(np.arange(12000)).reshape(1000, 12))
    frame.loc[47, "simulated"] = 0
    frame.to_csv(tmp_path / "table.csv", index=False)
    for name, beam in (("plain", None), ("beam", IN_TWO_PROCESSES)):
        prepare_table(tmp_path / "table.csv", tmp_path / name, on_bad_record="skip", beam=beam)
    assert_same(tmp_path / "beam", tmp_path / "plain")
    manifest = PreparedRecords(tmp_path / "beam").manifest
    assert {entry["ecg_id"] for entry in manifest["bad_records"]} == {3, 44, 48}
    assert manifest["repeated"] == [[51, 54]]
    (dataset,) = (tmp_path / "beam").glob("*/*")
    assert not list(dataset.glob("*.rows")) + list(dataset.glob("*.facts*"))


def test_ptb_xl_is_prepared_as_array_record_files_too(folder, tmp_path):
    """In the order of its table, with a partition without good records."""
    for ecg_id in (10, 21):
        (folder / f"records100/00000/{ecg_id:05d}_lr.dat").unlink()
    database = folder / "ptbxl_database.csv"
    pd.read_csv(database).iloc[::-1].to_csv(database, index=False)
    for name, beam in (("plain", None), ("beam", IN_THIS_PROCESS)):
        how = {"on_bad_record": "skip", "file_format": "array_record"}
        prepare(folder, tmp_path / name, **how, beam=beam)
    assert_same(tmp_path / "beam", tmp_path / "plain")


def test_a_bad_record_that_a_worker_reads_is_named(folder, tmp_path):
    (folder / "records100/00000/00009_lr.dat").unlink()
    with pytest.raises(RecordError, match=r"^records100/\S*/00009_lr: no .* \(ecg_id 9\)$"):
        prepare(folder, tmp_path / "data", beam=IN_THIS_PROCESS)
    assert not list((tmp_path / "data").rglob("*"))


def test_the_failure_of_a_pipeline_is_one_line(folder, tmp_path):
    with pytest.raises(InputError, match=r"^DataflowRunner: the pipeline failed: .*region"):
        prepare(folder, tmp_path / "data", beam=Beam("DataflowRunner"))
    assert not list((tmp_path / "data").rglob("*"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--direct_num_workers=x", "direct_num_workers: invalid int value: 'x'"),
        ("--direct_workers_number=2", "DirectRunner has no option direct_workers_number"),
        ("'", "No closing quotation"),
    ],
)
def test_options_that_cannot_be_used_are_named(options, message):
    with pytest.raises(InputError, match=f"-beam_options .*: .*{message}"):
        Beam("DirectRunner", options)
