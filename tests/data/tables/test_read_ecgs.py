"""Reading ECGs in several processes, and resuming it."""

import multiprocessing

import numpy as np
import pytest
from ptb_xl_copy import copy_few
from record_tables import LEADS, simulated, write_record, write_table

from ecg_tf.data.prepare import prepare, prepare_table
from ecg_tf.data.prepared import PreparedRecords
from ecg_tf.data.store import SCRATCH
from ecg_tf.data.tables import read_ecgs
from ecg_tf.data.tables.stored_ecg import Signal
from ecg_tf.errors import RecordError


@pytest.fixture
def submitted(monkeypatch):
    """Read chunks of 6 records in processes; the list of the chunks that were read."""
    chunks, submit = [], read_ecgs.ECGReader._submit

    def submit_and_note(self, workers, chunk, file):
        chunks.append(chunk)
        return submit(self, workers, chunk, file)

    monkeypatch.setattr(read_ecgs, "LEAST_FOR_PROCESSES", 1)
    monkeypatch.setattr(read_ecgs, "_CHUNK", 6)
    monkeypatch.setattr(read_ecgs.os, "cpu_count", lambda: 1)
    monkeypatch.setattr(read_ecgs.ECGReader, "_submit", submit_and_note)
    return chunks


def test_stopped_preparation_is_resumed(tmp_path, submitted):
    """A bad record stops the first preparation; the second one reads its chunk again, and no other.

    Partitions of 16, 4 and 4 records have three, one and one chunks.
    """
    source, data = tmp_path / "clinic", tmp_path / "data"
    source.mkdir()
    frame = write_table(source, partition=["train"] * 16 + ["dev"] * 4 + ["test"] * 4)
    (source / "ecgs/14.npz").rename(source / "ecgs/kept")
    with pytest.raises(RecordError, match=r"ecgs/14.npz: .*\(ecg_id 15\)$"):
        prepare_table(source / "table.csv", data)
    assert [file.name for file in data.iterdir()] == [SCRATCH]
    assert len(submitted) == len(list((data / SCRATCH).iterdir())) == 5
    assert not PreparedRecords.is_prepared(data)
    assert not multiprocessing.active_children()

    submitted.clear()
    (source / "ecgs/kept").rename(source / "ecgs/14.npz")
    prepared = prepare_table(source / "table.csv", data)
    assert submitted == [tuple(frame["record"][12:16])]
    assert [file.name for file in data.iterdir()] == ["ecg_records"]
    assert prepared.simulated
    for name in ("train", "dev", "test"):
        mine = frame[frame["partition"] == name]
        records = prepared.read(name, ["II"])
        np.testing.assert_array_equal(records.labels, mine[["B", "A"]])
        for ecg, k, a, b in zip(records.ecg, mine.index, mine["A"], mine["B"], strict=True):
            classes = tuple(name for name, one in (("MI", a), ("HYP", b)) if one)
            np.testing.assert_array_equal(ecg[:, 0], simulated(classes, k)[:, 1])


def test_chunks_of_other_arguments_are_not_used(tmp_path, submitted):
    """Nor those that an interrupted process did not finish."""
    records = [write_record(tmp_path, f"{k}", "npz", simulated((), k)) for k in range(4)]
    scratch = tmp_path / SCRATCH
    ecgs = np.stack([simulated((), k) for k in range(4)])
    for lead, read_again in (("I", 2), ("I", 0), ("II", 2)):
        submitted.clear()
        reader = read_ecgs.ECGReader(tmp_path, Signal((lead,)), scratch)
        with reader.reading([records[:2], [], records[2:]]):
            read = [*reader.read(records[:2]), *reader.read(records[2:])]
        assert len(submitted) == read_again
        assert len(list(scratch.iterdir())) == 2
        expected = np.rint(ecgs[:, :, [LEADS.index(lead)]] * 1000)
        np.testing.assert_array_equal([one.ecg for one in read], expected)
        (scratch / ".writing-0.npz").write_text("half")


def test_few_records_are_read_in_this_process(tmp_path):
    write_record(tmp_path, "a", "npz", simulated((), 0))
    reader = read_ecgs.ECGReader(tmp_path, Signal(), tmp_path / SCRATCH)
    with reader.reading([["a.npz", "b.npz"]]):
        read, error = reader.read(["a.npz", "b.npz"])
    assert (read.simulated, read.sampling_rate, read.ecg.shape) == (False, 100, (1000, 12))
    assert str(error).startswith(f"{tmp_path}/b.npz: ")
    assert not (tmp_path / SCRATCH).exists()


def test_ptb_xl_is_read_in_processes_and_resumed(
    simulated_folder, tmp_path, submitted, monkeypatch
):
    """The records are those that one process prepares, of which one cannot be read."""
    folder, data = tmp_path / "ptbxl", tmp_path / "data"
    copy_few(simulated_folder, folder)
    (folder / "records100/00000/00007_lr.dat").unlink()
    with pytest.raises(RecordError, match=r"records100/00000/00007_lr: no signal .*\(ecg_id 7\)$"):
        prepare(folder, data)
    assert [file.name for file in data.iterdir()] == [SCRATCH]
    assert len(submitted) == 5  # three of train, one of dev and one of test
    submitted.clear()
    found = prepare(folder, data, on_bad_record="skip")
    assert submitted == []
    assert [file.name for file in data.iterdir()] == ["ptb_xl"]
    monkeypatch.setattr(read_ecgs, "LEAST_FOR_PROCESSES", 1000)
    expected = prepare(folder, tmp_path / "one", on_bad_record="skip")
    assert submitted == []
    assert found.manifest == expected.manifest
    for name in ("train", "dev", "test"):
        arrays, others = (vars(prepared.read(name)) for prepared in (found, expected))
        for key in arrays:
            np.testing.assert_array_equal(arrays[key], others[key], strict=True)
