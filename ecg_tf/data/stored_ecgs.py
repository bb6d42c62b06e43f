"""ECGs that stay on the disk and are read when they are needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from ecg_tf.data.formats.array_records import ArrayRecords, ecgs_of
from ecg_tf.errors import InputError

_AT_ONCE = 256  # records read at a time in a pass over all of them


class StoredECGs:
    """The ecgs of a partition in ArrayRecord files, in the form of a read-only array.

    Indexing by a number, a slice or an array of numbers reads these records only.

    Args:
        shards: {path of a file: number of its records}.
        shape: (time, lead) of each stored ecg.
        columns: numbers of the leads to return, in order.
        hashes: `ecg_tf.data.seen.ecg_hashes` of the ecgs, uint64 (record,); None if unknown.
        flat: True for each flat lead, bool (record, lead).

    Attributes:
        shape: (record, time, lead).
        dtype: float32, millivolt.
        nbytes: size of the ecgs, bytes.
        hashes: as in the arguments.
        flat: as in the arguments.

    Raises:
        InputError: a file is missing or damaged.
    """

    dtype = np.dtype(np.float32)
    ndim = 3

    def __init__(
        self,
        shards: Mapping[Path, int],
        shape: tuple[int, int],
        columns: Sequence[int],
        hashes: np.ndarray | None,
        flat: np.ndarray,
    ) -> None:
        self._folder = next(iter(shards)).parent
        self._records, self._stored = ArrayRecords(shards), shape
        self._positions, self._columns = np.arange(len(self._records)), list(columns)
        self.shape = len(self._records), shape[0], len(columns)
        self.hashes, self.flat = hashes, flat

    def __len__(self) -> int:
        return self.shape[0]

    @property
    def nbytes(self) -> int:
        return int(np.prod(self.shape, dtype=np.int64)) * self.dtype.itemsize

    def __getitem__(self, k: int | slice | np.ndarray) -> np.ndarray:
        """Read records, float32 (time, lead) for a number, otherwise (record, time, lead).

        Raises:
            InputError: a record is damaged.
        """
        positions = self._positions[k]
        ecgs = self._read(np.atleast_1d(positions))
        return ecgs if positions.ndim else ecgs[0]

    def __iter__(self) -> Iterator[np.ndarray]:
        """Read all records in order, a number of them at a time."""
        for ecgs in chunks(self):
            yield from ecgs

    def _read(self, positions: np.ndarray) -> np.ndarray:
        records = self._records.read(positions)
        try:
            ecgs = ecgs_of(records, self._stored)
        except ValueError as error:
            raise InputError(f"{self._folder}: damaged: {error}") from error
        return ecgs[:, :, self._columns]


def chunks(ecg: np.ndarray | StoredECGs) -> Iterator[np.ndarray]:
    """Yield the ecgs of consecutive records, float32 (record, time, lead)."""
    for start in range(0, len(ecg), _AT_ONCE):
        yield ecg[start : start + _AT_ONCE]
