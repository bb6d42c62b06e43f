"""Which records a network has seen: a record is recognised by a hash of its ecg."""

import dataclasses
import hashlib
import zipfile

import numpy as np

from ecg_tf.errors import InputError
from ecg_tf.files import replaced_atomically

_PER_MILLIVOLT = np.float32(1000)
_BYTES = 5  # kept of each hash: of 17,000 records one in 6e7 others is taken for one of them
_MASK = np.uint64(2 ** (8 * _BYTES) - 1)
_MOST = 2**26  # bytes of a file: more than 10 million records


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


@dataclasses.dataclass(frozen=True)
class Seen:
    """The records that a network was made with, by 40 bits of their `ecg_hashes`.

    A record that is none of 17,084 is taken for one of them with probability 17,084 / 2^40, so that
    a partition of 2,158 others is wrongly accused once in 30,000 times.

    Attributes:
        leads: names of the leads that the hashes are of.
        trained: uint64 (record,), sorted: what its weights were fitted to, and those of the
            networks that it was built from or taught by.
        chosen: uint64 (record,), sorted: what its epoch and thresholds were chosen by, and theirs.
    """

    leads: tuple
    trained: np.ndarray
    chosen: np.ndarray

    @classmethod
    def of(cls, leads, trained, chosen):
        """Of `ecg_hashes`, in any order, or of what other networks have seen."""
        return cls(tuple(leads), _shortened(trained), _shortened(chosen))

    def was_trained_on(self, hashes):
        """Bool (record,) of `ecg_hashes`."""
        return np.isin(hashes & _MASK, self.trained)

    def was_chosen_by(self, hashes):
        """Bool (record,) of `ecg_hashes`."""
        return np.isin(hashes & _MASK, self.chosen)

    def save(self, file):
        """Write a .npz file, whole or not at all: some 3.5 bytes for each record."""
        arrays = {"trained": _planes(self.trained), "chosen": _planes(self.chosen)}
        with replaced_atomically(file, ".npz") as temporary:
            np.savez_compressed(temporary, leads=np.array(self.leads), **arrays)

    @classmethod
    def load(cls, file):
        """Read what `save` wrote.

        Raises:
            InputError: another file, or a damaged one.
        """
        try:
            with zipfile.ZipFile(file) as archive:
                if sum(member.file_size for member in archive.infolist()) > _MOST:
                    raise ValueError(f"holds more than {_MOST} bytes")
            with np.load(file, allow_pickle=False) as arrays:
                return cls(
                    tuple(map(str, arrays["leads"].astype(str).ravel())),
                    _of_planes(arrays["trained"]),
                    _of_planes(arrays["chosen"]),
                )
        except Exception as error:  # zipfile, zlib and numpy raise whatever they trip over
            raise InputError(
                f"{file}: not a run's seen.npz, or damaged ({type(error).__name__}); without this "
                "file it is not known which records the run has seen"
            ) from error


def _shortened(hashes):
    return np.unique(np.asarray(hashes, np.uint64) & _MASK)


def _planes(hashes):
    """uint8 (byte, record) of the steps between sorted hashes: their high bytes compress well."""
    steps = np.diff(hashes, prepend=np.uint64(0)).astype("<u8")
    return steps.view(np.uint8).reshape(-1, 8)[:, :_BYTES].T


def _of_planes(planes):
    if planes.dtype != np.uint8 or planes.ndim != 2 or len(planes) != _BYTES:
        raise ValueError(f"{planes.dtype} {planes.shape}, expected uint8 ({_BYTES}, records)")
    steps = np.zeros((planes.shape[1], 8), np.uint8)
    steps[:, :_BYTES] = planes.T
    return np.cumsum(steps.view("<u8").ravel(), dtype=np.uint64)
