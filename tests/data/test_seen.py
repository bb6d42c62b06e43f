"""Which records a network has seen."""

import hashlib
import struct

import numpy as np

from ecg_tf.data.packed import PackedRecords
from ecg_tf.data.seen import ecg_hashes
from ecg_tf.leads import LEADS


def test_a_hash_is_blake2b_of_the_microvolts():
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
