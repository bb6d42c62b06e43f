"""Records in ArrayRecord files, whose ECGs stay on the disk."""

import itertools
import json
import shutil
import sys

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds
from array_record.python.array_record_module import ArrayRecordWriter

from ecg_tf.data.batches.batches import training_batches
from ecg_tf.data.batches.examples import ECGs
from ecg_tf.data.packed import pack
from ecg_tf.data.prepare import prepare
from ecg_tf.data.prepared import PreparedRecords
from ecg_tf.data.ptb_xl import Builder
from ecg_tf.data.seen import ecg_hashes
from ecg_tf.data.synthetic import ptb_xl_folder, simulate_ecg
from ecg_tf.errors import InputError
from ecg_tf.leads import LEADS

SHARD = "ptb_xl-dev.array_record-00000-of-00001"
FOLD_9, FOLD_8 = b"\x09\0\0\0", b"\x08\0\0\0"
COLUMNS = ("labels", "ecg_id", "patient_id", "age", "sex", "fold", "statements")


@pytest.fixture(scope="module")
def stored(array_record_folder):
    return PreparedRecords(array_record_folder)


@pytest.fixture
def data(array_record_folder, tmp_path):
    """A copy of the records, for a test to damage."""
    return shutil.copytree(array_record_folder, tmp_path / "data")


def file_of(data, name):
    return data / "ptb_xl/1.1.0" / name


@pytest.mark.parametrize("leads", [("I", "II", "V2"), LEADS, ("V6", "I")])
def test_both_formats_hold_the_same_records(stored, prepared, leads):
    found, expected = stored.read("train", leads), prepared.read("train", leads)
    for name in COLUMNS:
        values = getattr(found, name)
        np.testing.assert_array_equal(values, getattr(expected, name))
        assert values.dtype == getattr(expected, name).dtype
    order = np.random.default_rng(0).permutation(len(found))
    np.testing.assert_array_equal(found.ecg[order], expected.ecg[order])
    np.testing.assert_array_equal(found.ecg[5], expected.ecg[5])
    assert (found.ecg.shape, found.ecg.dtype) == (expected.ecg.shape, expected.ecg.dtype)
    np.testing.assert_array_equal(ecg_hashes(found.ecg), ecg_hashes(expected.ecg))
    np.testing.assert_array_equal(stored.labels("train"), expected.labels)
    assert stored.manifest == prepared.manifest


def test_opening_reads_no_ecgs(data):
    file = file_of(data, SHARD)
    content = bytearray(file.read_bytes())
    content[1000:30000] = bytes(29000)
    file.write_bytes(content)
    records = PreparedRecords(data).read("dev")
    assert ecg_hashes(records.ecg).shape == (len(records),)
    assert not records.ecg.flat.any()
    with pytest.raises(InputError, match=f"{SHARD}: damaged: "):
        records.ecg[0]


def test_positions_are_found_in_several_files(simulated_folder, prepared, tmp_path):
    builder = Builder(data_dir=tmp_path, file_format="array_record")
    config = tfds.download.DownloadConfig(manual_dir=simulated_folder, num_shards=5)
    builder.download_and_prepare(download_dir=tmp_path / "downloads", download_config=config)
    assert len(list(tmp_path.glob("ptb_xl/1.1.0/*train.array*"))) == 5
    found, expected = PreparedRecords(tmp_path).read("train"), prepared.read("train")
    order = np.random.default_rng(1).permutation(len(found))
    np.testing.assert_array_equal(found.ecg[order], expected.ecg[order])
    np.testing.assert_array_equal(list(found.ecg), expected.ecg)


def test_flat_leads_are_stored(tmp_path):
    ptb_xl_folder.write_folder(tmp_path / "ptbxl", records=20)
    ecg = simulate_ecg([], np.random.default_rng(0))
    ecg[:, LEADS.index("V2")] = 0.5
    ptb_xl_folder._write_wfdb(tmp_path / "ptbxl/records100/00000/00009_lr", ecg)
    prepared = prepare(tmp_path / "ptbxl", tmp_path / "data", file_format="array_record")
    records = prepared.read("train")
    of_record = records.ecg_id[:, None] == 9
    of_lead = np.array(records.leads) == "V2"
    np.testing.assert_array_equal(records.ecg.flat, of_record & of_lead)


def test_both_formats_are_packed_to_the_same_file(
    array_record_folder, packed_file, tmp_path, monkeypatch
):
    monkeypatch.setattr("ecg_tf.data.stored_ecgs._AT_ONCE", 50)
    pack(array_record_folder, tmp_path / "packed.npz")
    with np.load(tmp_path / "packed.npz") as found, np.load(packed_file) as expected:
        assert found["sha256.json"] == expected["sha256.json"]


# Damaged files


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content[:-1],
        lambda content: content[:100000],
        lambda content: content + b"\0" * 16,
        lambda content: b"",
        lambda content: content[:5000] + bytes([content[5000] ^ 1]) + content[5001:],
    ],
)
def test_damaged_files_of_records_are_refused(data, change):
    file = file_of(data, SHARD)
    file.write_bytes(change(file.read_bytes()))
    with pytest.raises(InputError, match=f"{SHARD}: damaged: "):
        list(PreparedRecords(data).read("dev").ecg)


def test_missing_file_of_records_is_refused(data):
    file_of(data, SHARD).unlink()
    with pytest.raises(InputError, match=f"{SHARD}: missing or no regular file, expected 1"):
        PreparedRecords(data).read("dev")


def test_another_number_of_records_is_refused(data):
    shutil.copy(file_of(data, SHARD.replace("dev", "train")), file_of(data, SHARD))
    with pytest.raises(InputError, match=rf"{SHARD}: damaged: 12\d records .*, expected 1\d$"):
        PreparedRecords(data).read("dev")


@pytest.mark.parametrize("size", [0, 47996])
def test_records_without_a_whole_ecg_are_refused(data, size):
    count = PreparedRecords(data).size("dev")
    writer = ArrayRecordWriter(str(file_of(data, SHARD)), "group_size:1")
    for _ in range(count):
        example = tf.train.Example()
        example.features.feature["ecg"].bytes_list.value.append(bytes(size))
        writer.write(example.SerializeToString())
    writer.close()
    records = PreparedRecords(data).read("dev")
    with pytest.raises(InputError, match="damaged: a record without an ecg of 1000 x 12"):
        records.ecg[[0]]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda file, _: file.unlink(), "dev-columns[.]npz: not the columns .* or damaged"),
        (lambda file, other: shutil.copy(other, file), "dev-columns[.]npz: labels: .*, expected"),
        (
            lambda file, _: file.write_bytes(file.read_bytes()[:-300]),
            "dev-columns[.]npz: not the columns .* or damaged",
        ),
        (
            lambda file, _: file.write_bytes(
                file.read_bytes().replace(b"\x09\0\0\0", b"\x08\0\0\0")
            ),
            "dev-columns[.]npz: not the columns .* or damaged",
        ),
    ],
)
def test_damaged_columns_are_refused(data, change, message):
    change(file_of(data, "dev-columns.npz"), file_of(data, "train-columns.npz"))
    with pytest.raises(InputError, match=message):
        PreparedRecords(data).read("dev")


def test_error_of_a_damaged_record_is_clear_during_training(data):
    file = file_of(data, SHARD)
    content = bytearray(file.read_bytes())
    content[5000] ^= 1
    file.write_bytes(content)
    source = ECGs(PreparedRecords(data).read("dev"))
    with pytest.raises(InputError, match=f"{SHARD}: damaged: "), source.clear_errors():
        list(itertools.islice(training_batches(source, 8, seed=1), 3))


# Arguments


def test_missing_package_is_named_before_the_work(simulated_folder, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "array_record.python", None)
    with pytest.raises(InputError, match="file_format array_record: needs the package array_rec"):
        prepare(simulated_folder, tmp_path / "data", file_format="array_record")
    assert not (tmp_path / "data").exists()


def test_unknown_format_is_refused(simulated_folder, data, tmp_path):
    with pytest.raises(InputError, match="file_format 'parquet': expected tfrecord or array_rec"):
        prepare(simulated_folder, tmp_path / "new", file_format="parquet")
    file = file_of(data, "dataset_info.json")
    file.write_text(json.dumps({**json.loads(file.read_text()), "fileFormat": "parquet"}))
    with pytest.raises(InputError, match=r"dataset_info[.]json: not a description of prepared"):
        PreparedRecords(data)
