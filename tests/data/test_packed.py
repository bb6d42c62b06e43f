"""Packing prepared records and reading them back."""

import dataclasses
import fnmatch
import io
import json
import zipfile

import numpy as np
import pytest

from ecg_tf.data.packed import PackedRecords, pack
from ecg_tf.data.prepared import PreparedRecords
from ecg_tf.data.sources import open_partition
from ecg_tf.errors import InputError
from ecg_tf.input_spec import InputSpec
from ecg_tf.leads import LEADS


@pytest.mark.parametrize("leads", [("V2", "AVR"), LEADS])
def test_packed_records_equal_the_prepared_ones_exactly(prepared, packed_file, leads):
    packed = PackedRecords(packed_file)
    for partition in ("train", "dev", "test"):
        found, expected = packed.read(partition, leads), prepared.read(partition, leads)
        for field in dataclasses.fields(expected):
            one, other = getattr(found, field.name), getattr(expected, field.name)
            np.testing.assert_array_equal(one, other, err_msg=field.name)
            assert getattr(one, "dtype", None) == getattr(other, "dtype", None)


def test_both_kinds_of_data_give_the_same_partition(prepared_folder, packed_file):
    spec = InputSpec("signal", ("I", "V6"))
    found, expected = (
        open_partition(data, "dev", spec, norm_class=True)
        for data in (packed_file, prepared_folder)
    )
    np.testing.assert_array_equal(found.source.labels, expected.source.labels)
    for name in ("class_names", "simulated", "ecg_sha256", "manifest"):
        assert getattr(found, name) == getattr(expected, name)
    assert found.ecg_sha256


def test_numpy_alone_reads_packed_records(prepared, packed_file):
    """The file holds whole microvolts and a manifest in JSON."""
    with np.load(packed_file) as arrays:
        v2, manifest = arrays["train/ecg/V2"], json.loads(arrays["manifest.json"])
    assert v2.dtype == np.int16
    np.testing.assert_array_equal(
        v2, np.rint(1000.0 * prepared.read("train", ("V2",)).ecg[:, :, 0])
    )
    assert manifest["class_names"] == ["MI", "STTC", "CD", "HYP"]


def with_ecg(monkeypatch, values):
    """Make lead I of each partition, record after record, begin with these values."""
    read = PreparedRecords.read

    def changed(self, partition, leads):
        records = read(self, partition, leads)
        lead = records.ecg[:, :, 0]
        lead.flat = np.resize(values, lead.size)
        return records

    monkeypatch.setattr(PreparedRecords, "read", changed)


def test_every_value_of_16_bits_is_preserved(prepared_folder, tmp_path, monkeypatch):
    """The values are those of wfdb: millivolts in float64, rounded to float32."""
    values = (np.arange(-(2**15), 2**15) / 1000).astype(np.float32)
    with_ecg(monkeypatch, values)
    pack(prepared_folder, tmp_path / "data.npz", ["I"])
    ecg = PackedRecords(tmp_path / "data.npz").read("train", ["I"]).ecg
    np.testing.assert_array_equal(ecg.ravel()[: len(values)], values)


@pytest.mark.parametrize(
    ("values", "found"),
    [([0, 0.0005], "0.0005 mV at sample 1"), ([32.768], "32.768 mV at sample 0")],
)
def test_values_that_would_be_rounded_are_refused(
    prepared_folder, tmp_path, monkeypatch, values, found
):
    with_ecg(monkeypatch, values)
    with pytest.raises(
        InputError, match=rf"train partition, lead I, ecg_id \d+: {found}, expected"
    ):
        pack(prepared_folder, tmp_path / "data.npz")
    assert list(tmp_path.iterdir()) == []


def test_lead_that_was_not_packed_is_named(prepared_folder, tmp_path):
    pack(prepared_folder, tmp_path / "data.npz", ["II", "I"])
    records = PackedRecords(tmp_path / "data.npz")
    assert records.read("dev", ["I"]).leads == ("I",)
    with pytest.raises(InputError, match=r"data.npz: packed without V2, V3; it has I, II$"):
        records.read("dev", ["I", "V2", "V3"])


def copy_without(pattern, packed_file, out):
    """Copy a file of packed records without the members of these names."""
    with zipfile.ZipFile(packed_file) as packed, zipfile.ZipFile(out, "w") as without:
        for name in packed.namelist():
            if not fnmatch.fnmatch(name, pattern):
                without.writestr(name, packed.read(name))


def test_partition_without_records_is_refused(packed_file, tmp_path):
    """A preparation without fold 10 writes such a file."""
    copy_without("test/*", packed_file, tmp_path / "data.npz")
    with pytest.raises(InputError, match=r"test partition is empty \(folds \[10\] hold no record"):
        PackedRecords(tmp_path / "data.npz").read("test")


def test_older_packed_records_have_no_statements(packed_file, prepared, tmp_path):
    copy_without("*/statements.npy", packed_file, tmp_path / "data.npz")
    records = PackedRecords(tmp_path / "data.npz").read("dev")
    assert records.statements is None
    np.testing.assert_array_equal(records.labels, prepared.labels("dev"))


def test_file_with_a_missing_array_is_refused(packed_file, tmp_path):
    copy_without("*/ecg_id.npy", packed_file, tmp_path / "data.npz")
    with pytest.raises(InputError, match=r"data.npz: not a file of packed records .*ecg_id"):
        PackedRecords(tmp_path / "data.npz").read("dev")


def test_other_and_damaged_files_are_refused(packed_file, tmp_path):
    content = packed_file.read_bytes()
    arrays = io.BytesIO()
    np.savez(arrays, ecg=np.zeros(3))
    middle = len(content) // 2
    wrong = {
        "empty": b"",
        "text": b"hello",
        "other": arrays.getvalue(),
        "truncated": content[:middle],
        "damaged": content[:middle] + bytes(1000) + content[middle + 1000 :],
    }
    for name, one in wrong.items():
        (tmp_path / name).write_bytes(one)
        with pytest.raises(InputError, match=f"{name}: not a file of packed records"):
            PackedRecords(tmp_path / name).read("train", LEADS)


def test_file_with_another_ending_is_refused(prepared_folder, tmp_path):
    with pytest.raises(InputError, match=r"data.zip: expected a file name ending in .npz"):
        pack(prepared_folder, tmp_path / "data.zip")
