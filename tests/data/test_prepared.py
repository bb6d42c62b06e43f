"""Reading prepared records by ecg_tf and by TFDS."""

import shutil
import subprocess
import sys

import numpy as np
import pytest
import tensorflow_datasets as tfds

from ecg_tf.data.prepared import PreparedRecords
from ecg_tf.data.ptb_xl import Builder  # importing it registers the dataset
from ecg_tf.errors import InputError


def test_every_class_is_in_each_partition(prepared):
    for partition in ("train", "dev", "test"):
        labels = prepared.labels(partition)
        assert labels.any(axis=0).all()
        assert (labels.sum(axis=1) == 0).any()


def test_arrays_have_one_row_per_record(prepared):
    records = prepared.read("train")
    n = prepared.size("train")
    assert len(records) == n
    assert (records.ecg.shape, records.ecg.dtype) == ((n, 1000, 3), np.float32)
    assert (records.labels.shape, records.labels.dtype) == ((n, 4), np.uint8)
    for name in ("ecg_id", "patient_id", "age", "sex", "fold"):
        assert getattr(records, name).shape == (n,)


def test_default_leads_are_i_ii_and_v2(prepared):
    twelve = prepared.read("dev", leads=prepared.manifest["lead_names"])
    three = prepared.read("dev")
    assert three.leads == ("I", "II", "V2")
    assert twelve.ecg.shape[2] == 12
    np.testing.assert_array_equal(three.ecg, twelve.ecg[:, :, [0, 1, 7]])


def test_labels_alone_are_those_of_the_records(prepared):
    np.testing.assert_array_equal(prepared.labels("train"), prepared.read("train").labels)


def test_reading_twice_gives_the_same_records(prepared):
    np.testing.assert_array_equal(prepared.read("train").ecg_id, prepared.read("train").ecg_id)


def test_order_is_kept_over_several_files_and_batches(simulated_folder, tmp_path, monkeypatch):
    builder = Builder(data_dir=tmp_path)
    config = tfds.download.DownloadConfig(manual_dir=simulated_folder, num_shards=5)
    builder.download_and_prepare(download_dir=tmp_path / "downloads", download_config=config)
    assert len(list(tmp_path.glob("ptb_xl/1.1.0/*train*"))) == 5
    monkeypatch.setattr("ecg_tf.data.prepared._BATCH", 7)
    ecg_ids = PreparedRecords(tmp_path).read("train").ecg_id
    assert (np.diff(ecg_ids) > 0).all()


def test_unknown_partition_is_refused(prepared):
    with pytest.raises(InputError, match="partition 'val': expected train, dev, test"):
        prepared.read("val")


def test_unknown_lead_is_refused(prepared):
    with pytest.raises(InputError, match="unknown V7"):
        prepared.read("dev", leads=("I", "V7"))


def test_folder_of_the_wrong_kind_is_refused(simulated_folder, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("a file")
    (tmp_path / "tree/train/images").mkdir(parents=True)
    wrong = [tmp_path / name for name in ("nowhere", "empty", "file", "tree")]
    for data in [*wrong, simulated_folder]:
        assert not PreparedRecords.is_prepared(data)
        with pytest.raises(InputError, match=rf"{data}: holds no prepared records"):
            PreparedRecords(data)


def test_prepared_folder_can_be_moved(prepared_folder, tmp_path):
    shutil.copytree(prepared_folder, tmp_path / "moved")
    moved = PreparedRecords(tmp_path / "moved")
    assert len(moved.read("dev")) == PreparedRecords(prepared_folder).size("dev")


def test_tfds_loads_the_records_by_name(prepared, prepared_folder):
    dataset, info = tfds.load("ptb_xl", data_dir=prepared_folder, split="dev", with_info=True)
    examples = list(dataset.as_numpy_iterator())
    assert {int(example["ecg_id"]) for example in examples} == set(prepared.read("dev").ecg_id)
    assert examples[0]["ecg"].shape == (1000, 12)
    assert info.features["sex"].names == ["male", "female"]
    assert "10.1038/s41597-020-0495-6" in info.citation


def test_tfds_loads_the_records_without_ecg_tf(prepared, prepared_folder, tmp_path):
    code = (
        "import sys, tensorflow_datasets as tfds\n"
        "dataset = tfds.load('ptb_xl', data_dir=sys.argv[1], split='train')\n"
        "print(len(dataset), next(iter(dataset))['ecg'].shape, 'ecg_tf' in sys.modules)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code, prepared_folder],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout == f"{prepared.size('train')} (1000, 12) False\n"
