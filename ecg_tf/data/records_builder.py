"""What the TFDS datasets of ECGs have in common."""

import contextlib
import hashlib
import itertools
import math
from pathlib import Path

import numpy as np
import tensorflow_datasets as tfds

from ecg_tf.data.partitions import PARTITIONS
from ecg_tf.data.record_columns import columns_file, write_columns
from ecg_tf.errors import InputError, RecordError
from ecg_tf.progress import Progress

_BUCKET = 1024  # records, at least
_BUCKETS = 500  # at most; all are open files, and many systems allow 1024 of them
_BUCKETS_OF_TFDS, _KEYS_OF_TFDS = 1000, 2**128


class RecordsBuilder(tfds.core.GeneratorBasedBuilder, skip_registration=True):
    """Base class of builders of ECG datasets with the splits train, dev and test.

    `info.metadata` is the manifest of the preparation: what `_splits` is given, the records that
    could not be used, the number of simulated records, and the SHA-256 of the ecgs of each split.

    Args:
        rows: the `ecg_tf.data.tables.rows.Rows` of the data set.
        reader: the `ecg_tf.data.tables.read_ecgs.ECGReader` of its ECGs.
        on_bad_record: "fail" stops at the first record that cannot be used; "skip" leaves it out
            and lists it in the manifest.
        beam: the `ecg_tf.beam.Beam` that runs the pipeline which reads and writes the records.
            Default: this process reads and writes them.
        **kwargs: arguments of every TFDS builder (`data_dir`, …).
    """

    def __init__(self, *, rows, reader, on_bad_record="fail", beam=None, **kwargs):
        if on_bad_record not in ("fail", "skip"):
            raise InputError(f"on_bad_record {on_bad_record!r}: expected fail or skip")
        self._rows, self._reader = rows, reader
        self._skip_bad = on_bad_record == "skip"
        self._used = 0  # number of records stored so far
        self.beam = beam
        self._preparation = None  # the `BeamPreparation`, if its pipeline has ended
        super().__init__(**kwargs)

    def reading(self):
        """Return a context in which the reader reads the ECGs on all cores, if they are many."""
        if self.beam is not None:
            return contextlib.nullcontext()
        groups = [
            [row.record for row in self._rows.rows if row.partition == name] for name in PARTITIONS
        ]
        return self._reader.reading(groups)

    def _count(self, row, read, ecg):
        """Count a `ReadECG` in the manifest; `ecg` is float32 millivolt."""

    def _features(self, samples, leads, classes):
        """Return {name: feature} of the features that every dataset has."""
        return {
            # mV, leads in PTB-XL's order; bytes are read ten times faster than floats
            "ecg": tfds.features.Tensor(
                shape=(samples, leads), dtype=np.float32, encoding=tfds.features.Encoding.BYTES
            ),
            "labels": tfds.features.Tensor(shape=(classes,), dtype=np.uint8),
            "ecg_id": np.int32,
            "patient_id": np.int32,
            "age": np.float32,  # years; NaN if unknown, 300 for over 89
            "sex": tfds.features.ClassLabel(names=("male", "female")),
            "fold": np.int32,
        }

    def _splits(self, manifest):
        """Set the manifest and return {split: iterator over its examples}.

        Args:
            manifest: the entries of the manifest that are known before the records are read.

        Returns:
            The splits that have records.

        Raises:
            InputError: no record can be used.
        """
        bad = list(self._rows.bad)
        self.info.metadata.update(**manifest, bad_records=bad, simulated_records=0, ecg_sha256={})
        rows, rows_of, splits = self._rows.rows, {}, {}
        progress = Progress(len(rows), "records", "reading")
        for name in PARTITIONS:
            rows_of[name] = [row for row in rows if row.partition == name]
            examples = self._generate_examples(rows_of[name], name, progress)
            first = next(examples, None)
            if first:  # TFDS does not allow empty splits
                splits[name] = itertools.chain([first], examples)
        if not splits:
            found = f"none of its {manifest['rows']['database']} rows has {self._rows.wanted}"
            if bad:
                found = f"none of its {len(bad)} records can be used; {bad[0]['error']}"
            raise InputError(f"{self._rows.table}: {found}")
        if self.beam is not None:
            return self._splits_of_pipeline(splits, rows_of)
        return splits

    def _generate_examples(self, rows, partition, progress):
        manifest = self.info.metadata
        digest = hashlib.sha256()
        keys = _keys(len(rows))
        for key, row, read in zip(keys, rows, self._reads(rows, partition), strict=True):
            progress.advance()
            if isinstance(read, RecordError):
                error = read
            else:
                ecg, simulated = read.millivolt, read.simulated or row.simulated
                self._count(row, read, ecg)
                error = self._unlike(row, simulated)
            if error:
                if not self._skip_bad:
                    progress.close()
                    raise RecordError(f"{error} (ecg_id {row.ecg_id})") from error
                manifest["bad_records"].append(
                    {"ecg_id": row.ecg_id, "partition": partition, "error": str(error)}
                )
                continue
            manifest["simulated_records"] += simulated
            self._used += 1
            digest.update(ecg.tobytes())
            features = {name: getattr(row, name) for name in self.info.features if name != "ecg"}
            yield key, {"ecg": ecg, **features}
        manifest["ecg_sha256"][partition] = digest.hexdigest()

    def _reads(self, rows, partition):
        """Yield what the reader reads of each row.

        With Beam, it reads until the partition has a record that can be used. What the pipeline has
        read follows when it has ended.
        """
        reads = self._reader.read([row.record for row in rows])
        for number, read in enumerate(reads, start=1):
            yield read
            if self._preparation is not None:
                yield from self._preparation.reads(partition, rows, number, self._shards(partition))
                return

    def _splits_of_pipeline(self, splits, rows_of):
        """Return {split: transform that gives its examples}; `splits` are completed afterwards."""
        from ecg_tf.data.beam_preparation import BeamPreparation

        self._incomplete = splits
        self._planned = BeamPreparation(
            Path(self.data_dir),
            self._reader,
            self.info.features,
            simulated=self.info.metadata["simulated_records"] > 0,
        )
        return {name: self._planned.examples(name, rows_of[name]) for name in splits}

    def _download_and_prepare(self, **kwargs):
        super()._download_and_prepare(**kwargs)
        if self.beam is not None:
            self._complete_manifest()
        if self.info.file_format is tfds.core.FileFormat.ARRAY_RECORD:
            self._write_columns()

    def _complete_manifest(self):
        """Count what the pipeline has read, in the order in which this process would read it."""
        self._preparation = self._planned
        for examples in self._incomplete.values():
            for _ in examples:
                pass
        self._preparation.remove_files()

    def _shards(self, partition):
        """Return {path of a file of a split: number of its records}, in order."""
        split = self.info.splits[partition]
        files = [Path(self.data_path / file) for file in sorted(split.filenames)]
        return dict(zip(files, split.shard_lengths, strict=True))

    def _write_columns(self):
        """Write the columns of each split, which are read without its ecgs."""
        features, manifest = self.info.features, self.info.metadata
        statements = len(manifest["statement_names"]) if "statements" in features else None
        for name in self.info.splits:
            write_columns(
                Path(self.data_path / columns_file(name)),
                self._shards(name),
                features["ecg"].shape,
                manifest["lead_names"],
                features["labels"].shape[0],
                statements,
            )

    def _unlike(self, row, simulated):
        """Return a RecordError for a simulated record among real ones, or the reverse."""
        before = self.info.metadata["simulated_records"] > 0
        if self._used and simulated != before:
            kinds = ("a real ECG", "a simulated ECG")
            return RecordError(
                f"{row.record}: {kinds[simulated]}, but the records before are "
                f"{kinds[before][2:]}s; expected records of one kind"
            )
        return None


def _keys(records):
    """Yield the keys by which TFDS sorts the records of a partition, in ascending order.

    TFDS writes records of more than 1 GB to temporary files, called buckets, by their keys, and
    sorts each bucket in memory. Keys that just count would all belong to its first bucket.
    """
    size = max(_BUCKET, math.ceil(records / _BUCKETS))
    for number in range(records):
        bucket, place = divmod(number, size)
        yield bucket * math.ceil(_KEYS_OF_TFDS / _BUCKETS_OF_TFDS) + place
