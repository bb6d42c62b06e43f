"""Reading and writing the records of a builder by an Apache Beam pipeline.

The workers read the records and TFDS writes them, in the order of their numbers. Whether a record
is bad, simulated, … goes to files beside them, so that the main process can make the manifest
afterwards, in the same way as without Beam. All of them have to see the folders at the same paths.
"""

from __future__ import annotations

import dataclasses
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import apache_beam as beam
import numpy as np

from ecg_tf.data.formats.array_records import ArrayRecords, ecgs_of
from ecg_tf.data.formats.tfrecords import read_batches
from ecg_tf.data.tables.read_ecgs import ECGReader
from ecg_tf.data.tables.rows import Row
from ecg_tf.data.tables.stored_ecg import ReadECG
from ecg_tf.errors import RecordError

_FACTS = "facts"  # name of the second output of `_read`
_BATCH = 512  # records read at a time


class BeamPreparation:
    """The records of all partitions.

    Args:
        folder: the folder that TFDS writes to, for the files of facts, too.
        reader: the `ECGReader` of the data set; it reads in the process that calls it.
        features: the features of the dataset; all but "ecg" are attributes of a `Row`.
        simulated: True to write simulated records only, False to write real ones only.
    """

    def __init__(
        self, folder: Path, reader: ECGReader, features: Mapping[str, object], simulated: bool
    ) -> None:
        self._folder, self._reader, self._simulated = folder, reader, simulated
        self._columns = [name for name in features if name != "ecg"]
        self._shape = features["ecg"].shape

    def examples(self, partition: str, rows: Sequence[Row]) -> beam.PTransform:
        """Plan the reading of a partition; return the transform that gives (number, example)."""
        file = self._folder / f"{partition}.rows"
        with file.open("w", encoding="utf-8") as stream:
            for numbered in enumerate(rows):
                stream.write(_line_of(*numbered))

        def expand(pipeline):
            read = (
                pipeline
                | beam.io.ReadFromText(str(file))
                | beam.Reshuffle()  # to all workers
                | beam.FlatMap(_read, self._reader, self._simulated, self._columns).with_outputs(
                    _FACTS, main="examples"
                )
            )
            _ = read[_FACTS] | beam.io.WriteToText(str(self._folder / f"{partition}.facts"))
            return read.examples

        return beam.ptransform_fn(expand)()

    def reads(
        self, partition: str, rows: Sequence[Row], start: int, shards: Mapping[Path, int]
    ) -> Iterator[ReadECG | RecordError]:
        """Yield what was read of the rows of a partition, after the pipeline has ended.

        Args:
            partition: name of the partition.
            rows: all of its rows.
            start: number of the first row to yield.
            shards: {path of a file of the partition: number of its records}, in order.
        """
        return itertools.islice(self._all_reads(partition, rows, shards), start, None)

    def remove_files(self) -> None:
        """Remove all files that are no part of the dataset."""
        for ending in ("rows", "facts-*"):
            for file in self._folder.glob(f"*.{ending}"):
                file.unlink()

    def _all_reads(
        self, partition: str, rows: Sequence[Row], shards: Mapping[Path, int]
    ) -> Iterator[ReadECG | RecordError]:
        files = self._folder.glob(f"{partition}.facts-*")
        lines = (line for file in files for line in file.read_text("utf-8").splitlines())
        facts = sorted(map(json.loads, lines), key=lambda one: one[0])
        ecgs = _ecgs_in(shards, self._shape)
        for row, (_, error, *read) in zip(rows, facts, strict=True):
            if error is not None:
                yield RecordError(error)
            elif (read[0] or row.simulated) == self._simulated:
                yield ReadECG(next(ecgs), *read)
            else:  # not written; there are few of them
                yield from self._reader.read([row.record])


def _ecgs_in(shards: Mapping[Path, int], shape: tuple[int, int]) -> Iterator[np.ndarray]:
    """Yield the ecgs in TFRecord or ArrayRecord files, in order."""
    if ".array_record-" in next(iter(shards)).name:
        records = ArrayRecords(shards)
        for start in range(0, len(records), _BATCH):
            some = np.arange(start, min(start + _BATCH, len(records)))
            yield from ecgs_of(records.read(some), shape)
        return
    for batch in read_batches(list(shards), shape, 0, None, _BATCH, ["ecg"]):
        yield from batch["ecg"]


def _line_of(number: int, row: Row) -> str:
    text = json.dumps([number, dataclasses.asdict(row)], default=lambda array: array.tolist())
    return f"{text}\n"


def _row_of(line: str) -> tuple[int, Row]:
    number, fields = json.loads(line)
    for name in ("labels", "statements"):
        if fields[name] is not None:
            fields[name] = np.array(fields[name], np.uint8)
    return number, Row(**fields)


def _read(line: str, reader: ECGReader, simulated: bool, columns: Sequence[str]) -> Iterator:
    """Read the record of a row, in a worker: its facts and, if it can be used, its example."""
    number, row = _row_of(line)
    (read,) = reader.read([row.record])
    if isinstance(read, RecordError):
        yield beam.pvalue.TaggedOutput(_FACTS, json.dumps([number, str(read)]))
        return
    facts = [number, None, bool(read.simulated), float(read.sampling_rate), bool(read.derived)]
    yield beam.pvalue.TaggedOutput(_FACTS, json.dumps(facts))
    if (read.simulated or row.simulated) == simulated:
        yield number, {"ecg": read.millivolt, **{name: getattr(row, name) for name in columns}}
