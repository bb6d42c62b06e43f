"""Which records a network has seen: a record is recognised by a hash of its ecg."""

import hashlib

import numpy as np

_PER_MILLIVOLT = np.float32(1000)


def ecg_hashes(ecg):
    """A hash of each record's ecg.

    It is taken of whole microvolts, so that records prepared, packed or prepared anew have the
    same one. The leads and their order count: compare hashes of the same leads only.

    Args:
        ecg: float32 (record, time, lead) millivolt.

    Returns:
        uint64 (record,): the first 8 bytes of BLAKE2b, of each record's int32 (time, lead).
    """
    return np.array([_hash(record) for record in ecg], np.uint64)


def _hash(ecg):
    microvolt = np.rint(ecg * _PER_MILLIVOLT).astype("<i4")
    return int.from_bytes(hashlib.blake2b(microvolt.tobytes(), digest_size=8).digest(), "little")
