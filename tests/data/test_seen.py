"""Hashes of ecgs, and the records that a network has seen."""

import hashlib
import struct

import numpy as np
import pytest

from ecg_tf.data.packed import PackedRecords
from ecg_tf.data.seen import Seen, ecg_hashes
from ecg_tf.errors import InputError
from ecg_tf.leads import LEADS


def test_hash_is_blake2b_of_the_microvolts():
    ecg = np.array([[[0.001, -1.5], [0.25, 40.0]], [[0, 0], [0, 0]]], np.float32)
    expected = [
        struct.unpack("<Q", hashlib.blake2b(struct.pack("<4i", *samples), digest_size=8).digest())
        for samples in ([1, -1500, 250, 40000], [0, 0, 0, 0])
    ]
    found = ecg_hashes(ecg)
    assert found.dtype == np.uint64
    np.testing.assert_array_equal(found, np.ravel(expected))


def test_prepared_and_packed_records_have_the_same_hashes(prepared, packed_file):
    packed = PackedRecords(packed_file)
    for leads in (LEADS, ("V2", "I")):
        found = ecg_hashes(packed.read("train", leads).ecg)
        np.testing.assert_array_equal(found, ecg_hashes(prepared.read("train", leads).ecg))
        assert len(np.unique(found)) == len(found)


def test_other_leads_or_another_sample_give_another_hash(prepared):
    ecg = prepared.read("dev", ("I", "II")).ecg
    changed = ecg.copy()
    changed[:, 500, 1] += np.float32(0.001)
    for other in (ecg[:, :, ::-1], ecg[:, :, :1], changed):
        assert not np.intersect1d(ecg_hashes(ecg), ecg_hashes(other)).size


@pytest.mark.parametrize("count", [0, 1, 3, 5000])
def test_saved_hashes_are_read(count, tmp_path):
    hashes = np.random.default_rng(count).integers(0, 2**64, (2, count), np.uint64)
    Seen.of(["V6", "I"], *hashes).save(tmp_path / "seen.npz")
    found = Seen.load(tmp_path / "seen.npz")
    assert found.leads == ("V6", "I")
    others = np.random.default_rng(99).integers(0, 2**64, 2000, np.uint64)
    for known, was_seen in zip(hashes, (found.was_trained_on, found.was_chosen_by), strict=True):
        np.testing.assert_array_equal(was_seen(known), np.ones(count, bool))
        assert not was_seen(others).any()
    assert (tmp_path / "seen.npz").stat().st_size < 2 * 8 * count + 1000


@pytest.mark.parametrize("damage", ["cut", "bits", "other", "type", "leads"])
def test_damaged_file_is_named(damage, tmp_path):
    file = tmp_path / "seen.npz"
    hashes = np.random.default_rng(0).integers(0, 2**64, 500, np.uint64)
    Seen.of(["I"], hashes, hashes).save(file)
    content = bytearray(file.read_bytes())
    if damage == "cut":
        file.write_bytes(content[:-100])
    elif damage == "bits":
        content[len(content) // 3] ^= 255
        file.write_bytes(content)
    elif damage == "other":
        file.write_text("not this one")
    elif damage == "type":
        np.savez(file, leads=np.array(["I"]), trained=np.zeros(4, np.int64), chosen=np.zeros(0))
    else:
        np.savez(file, leads=np.array(["I"] * 13), trained=hashes, chosen=hashes)
    with pytest.raises(InputError, match=r"seen.npz: not a run's seen.npz, or damaged \("):
        Seen.load(file)


def test_compressed_file_is_not_unpacked(tmp_path):
    """One of ecg_tf 0.2, with 40 bits of each hash as bytes, and one that unpacks to much more."""
    file = tmp_path / "seen.npz"
    planes = np.zeros((5, 100), np.uint8)
    for arrays in ({"trained": planes, "chosen": planes}, {"trained": np.zeros(2**24, np.uint64)}):
        np.savez_compressed(file, leads=np.array(["I"]), **arrays)
        with pytest.raises(InputError, match=r"seen.npz: compressed, as ecg_tf 0\.2 .*; delete it"):
            Seen.load(file)
