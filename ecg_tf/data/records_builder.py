"""What the TFDS datasets of ECGs have in common."""

import hashlib
import itertools

import numpy as np
import tensorflow_datasets as tfds

from ecg_tf.data.partitions import PARTITIONS
from ecg_tf.errors import InputError, RecordError
from ecg_tf.progress import Progress


class RecordsBuilder(tfds.core.GeneratorBasedBuilder, skip_registration=True):
    """Base class of builders of ECG datasets with the splits train, dev and test.

    `info.metadata` is the manifest of the preparation: what `_splits` is given, the records that
    could not be used, the number of simulated records, and the SHA-256 of the ecgs of each split.

    Args:
        rows: the `ecg_tf.data.tables.rows.Rows` of the data set.
        reader: the `ecg_tf.data.tables.read_ecgs.ECGReader` of its ECGs.
        on_bad_record: "fail" stops at the first record that cannot be used; "skip" leaves it out
            and lists it in the manifest.
        **kwargs: arguments of every TFDS builder (`data_dir`, …).
    """

    def __init__(self, *, rows, reader, on_bad_record="fail", **kwargs):
        if on_bad_record not in ("fail", "skip"):
            raise InputError(f"on_bad_record {on_bad_record!r}: expected fail or skip")
        self._rows, self._reader = rows, reader
        self._skip_bad = on_bad_record == "skip"
        self._used = 0  # number of records stored so far
        super().__init__(**kwargs)

    def reading(self):
        """Return a context in which the reader reads the ECGs on all cores, if they are many."""
        groups = [
            [row.record for row in self._rows.rows if row.partition == name] for name in PARTITIONS
        ]
        return self._reader.reading(groups)

    def _millivolt(self, row, read):
        """Return the ecg of a row, float32 millivolt, from its `ReadECG`."""
        raise NotImplementedError

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
        rows, splits = self._rows.rows, {}
        progress = Progress(len(rows), "records", "reading")
        for name in PARTITIONS:
            mine = [row for row in rows if row.partition == name]
            examples = self._generate_examples(mine, name, progress)
            first = next(examples, None)
            if first:  # TFDS does not allow empty splits
                splits[name] = itertools.chain([first], examples)
        if not splits:
            found = f"none of its {manifest['rows']['database']} rows has {self._rows.wanted}"
            if bad:
                found = f"none of its {len(bad)} records can be used; {bad[0]['error']}"
            raise InputError(f"{self._rows.table}: {found}")
        return splits

    def _generate_examples(self, rows, partition, progress):
        manifest = self.info.metadata
        digest = hashlib.sha256()
        reads = self._reader.read([row.record for row in rows])
        # The number is the key by which TFDS sorts.
        for number, (row, read) in enumerate(zip(rows, reads, strict=True)):
            progress.advance()
            if isinstance(read, RecordError):
                error = read
            else:
                ecg = self._millivolt(row, read)
                simulated = read.simulated or row.simulated
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
            yield number, {"ecg": ecg, **features}
        manifest["ecg_sha256"][partition] = digest.hexdigest()

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
