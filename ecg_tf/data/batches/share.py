"""The share of a process in the work of several."""

import dataclasses
import math

import numpy as np

from ecg_tf.data.batches.examples import ECGs, Images


@dataclasses.dataclass(frozen=True)
class Share:
    """The share of one process of several, which have equally many devices.

    Attributes:
        process: number of the process, from 0.
        processes: number of processes.
        devices: number of the devices of all processes.

    Examples:
        >>> from ecg_tf.data.batches.share import Share
        >>> Share(process=1, processes=2, devices=2).rows(4)
        array([2, 3])
        >>> Share(process=1, processes=2, devices=2).rows(3)
        array([0, 1, 2])
    """

    process: int = 0
    processes: int = 1
    devices: int = 1

    def rows(self, size: int) -> np.ndarray:
        """The rows of a batch that this process computes.

        If the devices do not divide the batch, it is repeated until they do: each record then
        counts as often as any other, so that means over the batch, those of batch normalization
        among them, do not change.

        Args:
            size: number of records in the batch.

        Returns:
            int64 (row,).
        """
        copies = self.devices // math.gcd(size, self.devices)
        return np.tile(np.arange(size), copies).reshape(self.processes, -1)[self.process]

    def repeated(self, size: int) -> int:
        """Number of rows that all processes compute together of a batch of `size` records."""
        return math.lcm(size, self.devices)

    def part(self, source: ECGs | Images) -> "ECGs | Images | _Part":
        """The part of a source that this process evaluates; all parts have the same size.

        Args:
            source: `ecg_tf.data.batches.examples.ECGs` or `Images`.

        Returns:
            `source` itself if this is the only process. The parts of all processes, one after the
            other, are the source; the last record may be repeated at the end.
        """
        if self.processes == 1:
            return source
        size = math.ceil(len(source) / self.processes)
        positions = np.arange(size) + size * self.process
        return _Part(source, np.minimum(positions, len(source) - 1))


class _Part:
    """The records of a source at some positions."""

    def __init__(self, source, positions):
        self._source, self._positions = source, positions
        self.labels, self.shape = source.labels[positions], source.shape
        self.clear_errors = source.clear_errors

    def __len__(self):
        return len(self._positions)

    def take(self, k):
        return self._source.take(self._positions[k])
