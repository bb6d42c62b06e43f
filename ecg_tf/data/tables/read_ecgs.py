"""Reading the ECGs of a data set: in this process, or on all cores in a way that can be resumed.

With many records, worker processes write chunks of ECGs to a folder. The name of a chunk is a hash
of what it was read from, so that the next preparation uses the finished chunks of an interrupted
one, unless a record or an argument has changed.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import multiprocessing
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path

import numpy as np
from absl import logging

from ecg_tf.data.tables.stored_ecg import (
    ReadECG,
    Signal,
    files_of,
    read_ecg,
    read_ptb_xl,
    size_and_time,
)
from ecg_tf.errors import RecordError
from ecg_tf.files import replaced_atomically
from ecg_tf.processes import end_with_parent, kept_from_children

# Worker processes import this module, so it does not import TensorFlow.

LEAST_FOR_PROCESSES = 1000  # records; fewer are read before new processes have started
_CHUNK = 128  # records
_VERSION = 2  # of the content of a chunk


class ECGReader:
    """Reads the ECGs of a data set in the order of its rows.

    Args:
        folder: the folder of the data set.
        signal: the ECGs to store. Default: those of PTB-XL, as `read_ptb_xl` returns them.
        scratch: folder for finished chunks. Default: all ECGs are read in this process.
    """

    def __init__(
        self, folder: Path, signal: Signal | None = None, scratch: Path | None = None
    ) -> None:
        self._folder, self._signal, self._scratch = folder, signal, scratch
        self._chunks = {}  # {paths of its records: file of the chunk}
        self._jobs = {}  # {file of a chunk: Future}

    @contextlib.contextmanager
    def reading(self, groups: Sequence[Sequence[str]]) -> Iterator[None]:
        """Start to read groups of records, if they are many, and end it with the block.

        Args:
            groups: paths of the records of each partition, relative to the folder.
        """
        if self._scratch is None or sum(map(len, groups)) < LEAST_FOR_PROCESSES:
            yield
            return
        self._scratch.mkdir(parents=True, exist_ok=True)
        # The first chunks of all partitions first: TFDS asks for them before the others.
        chunks = [pair for group in groups for pair in enumerate(_chunks(group))]
        self._chunks = {
            chunk: self._scratch / self._name(chunk)
            for _, chunk in sorted(chunks, key=lambda pair: pair[0])
        }
        for file in set(self._scratch.iterdir()) - set(self._chunks.values()):
            file.unlink()  # of other records or arguments, or not finished
        # Start new processes ("spawn"): a forked copy of a process that runs TensorFlow may hang.
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(os.cpu_count(), context, _begin) as workers:
            try:
                with kept_from_children():
                    self._start(workers)
                yield
            except BaseException:  # otherwise, leaving this block reads all other chunks first
                workers.shutdown(cancel_futures=True)
                raise

    def read(self, records: Sequence[str]) -> Iterator[ReadECG | RecordError]:
        """Yield the ECGs of one of the groups, or the error of a record that cannot be used."""
        if not self._chunks:
            yield from (_read(self._folder, record, self._signal) for record in records)
            return
        for chunk in _chunks(records):
            file = self._chunks[chunk]
            if file in self._jobs:
                self._jobs[file].result()
            yield from _read_chunk(file)

    def _start(self, workers: ProcessPoolExecutor) -> None:
        for chunk, file in self._chunks.items():
            if not file.exists():
                self._jobs[file] = self._submit(workers, chunk, file)

    def _submit(
        self, workers: ProcessPoolExecutor, chunk: tuple[str, ...], file: Path
    ) -> Future[None]:
        return workers.submit(_write_chunk, self._folder, chunk, self._signal, file)

    def _name(self, chunk: tuple[str, ...]) -> str:
        """Return a hash of the files of a chunk and of the arguments by which they are read."""
        signal = self._signal
        stated = signal and {**vars(signal), "reading": dict(signal.reading)}
        files = [
            [str(file), size_and_time(file)]
            for name in chunk
            for file in files_of(self._folder / name)
        ]
        text = json.dumps([_VERSION, str(self._folder.resolve()), stated, files])
        return f"{hashlib.sha256(text.encode()).hexdigest()}.npz"


def _begin() -> None:
    """Prepare a worker process. Its warnings are not shown: the summary counts what matters."""
    end_with_parent()
    logging.set_verbosity(logging.ERROR)


def _chunks(records: Sequence[str]) -> Iterator[tuple[str, ...]]:
    return (tuple(records[k : k + _CHUNK]) for k in range(0, len(records), _CHUNK))


def _read(folder: Path, record: str, signal: Signal | None) -> ReadECG | RecordError:
    try:
        return read_ptb_xl(folder, record) if signal is None else read_ecg(folder, record, signal)
    except RecordError as error:
        return error


def _write_chunk(folder: Path, chunk: tuple[str, ...], signal: Signal | None, file: Path) -> None:
    """Read a chunk of records and write their ECGs, and the errors of those that have none."""
    read = [_read(folder, record, signal) for record in chunk]
    good = [one for one in read if not isinstance(one, RecordError)]
    with replaced_atomically(file, ".npz") as temporary:
        np.savez(
            temporary,
            ecg=np.array([one.ecg for one in good]),
            simulated=np.array([one.simulated for one in good], bool),
            sampling_rate=np.array([one.sampling_rate for one in good], np.float64),
            derived=np.array([one.derived for one in good], bool),
            errors=np.array([str(one) if isinstance(one, RecordError) else "" for one in read]),
        )


def _read_chunk(file: Path) -> Iterator[ReadECG | RecordError]:
    with np.load(file) as arrays:
        facts = (arrays[name].tolist() for name in ("simulated", "sampling_rate", "derived"))
        good = zip(arrays["ecg"], *facts, strict=True)
        for error in arrays["errors"].tolist():
            yield RecordError(error) if error else ReadECG(*next(good))
