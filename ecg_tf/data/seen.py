"""The records that a network has seen, recognised by hashes of their ecgs."""

import dataclasses
import hashlib
import os
import zipfile
from collections.abc import Iterable

import numpy as np

from ecg_tf.data.stored_ecgs import StoredECGs
from ecg_tf.errors import InputError
from ecg_tf.files import replaced_atomically
from ecg_tf.leads import LEADS

_PER_MILLIVOLT = np.float32(1000)


def ecg_hashes(ecg: np.ndarray | StoredECGs) -> np.ndarray:
    """Compute a hash of the ecg of each record.

    The hash is that of whole microvolts, so that it is the same after packing or preparing a record
    again. It depends on the leads and their order: compare hashes of the same leads only.

    Args:
        ecg: float32 (record, time, lead) millivolt. Of `StoredECGs`, stored hashes are returned;
            if there are none of these leads, all ecgs are read.

    Returns:
        uint64 (record,): the first 8 bytes of the BLAKE2b hash of int32 (time, lead).

    Examples:
        >>> import numpy as np
        >>> from ecg_tf.data.seen import ecg_hashes
        >>> ecg = np.zeros((2, 1000, 3), np.float32)
        >>> ecg[1, 0, 0] = 0.001  # millivolt
        >>> hashes = ecg_hashes(ecg)
        >>> hashes.dtype, bool(hashes[0] == hashes[1])
        (dtype('uint64'), False)
    """
    if isinstance(ecg, StoredECGs) and ecg.hashes is not None:
        return ecg.hashes
    return np.array([_hash(record) for record in ecg], np.uint64)


def _hash(ecg: np.ndarray) -> int:
    microvolt = np.rint(ecg * _PER_MILLIVOLT).astype("<i4")
    return int.from_bytes(hashlib.blake2b(microvolt.tobytes(), digest_size=8).digest(), "little")


@dataclasses.dataclass(frozen=True)
class Seen:
    """The records that a network has seen, known by their `ecg_hashes`.

    A record that is not one of a million is mistaken for one of them with a probability of
    1,000,000 / 2^64. For a partition of 100,000 other records, this happens once in 180 million
    times.

    Attributes:
        leads: names of the leads of the hashed ecgs.
        trained: uint64 (record,), sorted: the training records of the network and of its branches,
            its initial run and its teachers.
        chosen: uint64 (record,), sorted: the records by which their epochs and thresholds were
            chosen.

    Examples:
        >>> import numpy as np
        >>> from ecg_tf.data.seen import Seen, ecg_hashes
        >>> ecg = np.random.default_rng(0).normal(size=(4, 1000, 3)).astype(np.float32)
        >>> hashes = ecg_hashes(ecg)
        >>> seen = Seen.of(("I", "II", "V2"), trained=hashes[:2], chosen=hashes[2:3])
        >>> seen.was_trained_on(hashes).tolist(), seen.was_chosen_by(hashes).tolist()
        ([True, True, False, False], [False, False, True, False])
    """

    leads: tuple
    trained: np.ndarray
    chosen: np.ndarray

    @classmethod
    def of(cls, leads: Iterable[str], trained: np.ndarray, chosen: np.ndarray) -> "Seen":
        """Create a `Seen` from `ecg_hashes`, or from the hashes of other `Seen`, in any order."""
        hashes = (np.unique(np.asarray(values, np.uint64)) for values in (trained, chosen))
        return cls(tuple(leads), *hashes)

    def was_trained_on(self, hashes: np.ndarray) -> np.ndarray:
        """Return bool (record,): True for each of `ecg_hashes` that is in `trained`."""
        return np.isin(hashes, self.trained)

    def was_chosen_by(self, hashes: np.ndarray) -> np.ndarray:
        """Return bool (record,): True for each of `ecg_hashes` that is in `chosen`."""
        return np.isin(hashes, self.chosen)

    def save(self, file: str | os.PathLike) -> None:
        """Write a .npz file atomically, 8 bytes per record."""
        arrays = {"trained": self.trained, "chosen": self.chosen}
        with replaced_atomically(file, ".npz") as temporary:
            np.savez(temporary, leads=np.array(self.leads), **arrays)

    @classmethod
    def load(cls, file: str | os.PathLike) -> "Seen":
        """Read a file that `save` wrote.

        Raises:
            InputError: the file is damaged, of another kind, or of ecg_tf 0.2.
        """
        try:
            with zipfile.ZipFile(file) as archive:
                compressed = any(member.compress_type for member in archive.infolist())
            if not compressed:  # so that it holds no more than the size of the file
                with np.load(file, allow_pickle=False) as arrays:
                    hashes = _hashes(arrays["trained"]), _hashes(arrays["chosen"])
                    return cls(_leads(arrays["leads"]), *hashes)
        except Exception as error:  # zipfile, zlib and numpy raise many kinds of errors
            raise InputError(
                f"{file}: not a run's seen.npz, or damaged ({type(error).__name__}); without this "
                "file it is not known which records the run has seen"
            ) from error
        raise InputError(
            f"{file}: compressed, as ecg_tf 0.2 and earlier wrote it, with hashes that are too "
            "short; delete it to go on without knowing which records the run has seen"
        )


def _hashes(stored: np.ndarray) -> np.ndarray:
    if stored.dtype != np.uint64 or stored.ndim != 1:
        raise ValueError(f"{stored.dtype} {stored.shape}, expected uint64 (record,)")
    return np.unique(stored)


def _leads(stored: np.ndarray) -> tuple:
    if stored.dtype.kind != "U" or stored.ndim != 1 or len(stored) > len(LEADS):
        raise ValueError(f"{stored.dtype} {stored.shape}, expected names of leads")
    return tuple(stored.tolist())
