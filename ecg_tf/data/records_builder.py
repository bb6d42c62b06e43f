"""What the TFDS datasets of ECGs have in common."""

import contextlib
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
        on_bad_record: "fail" stops at the first record that cannot be used; "skip" leaves it out
            and lists it in the manifest.
        **kwargs: arguments of every TFDS builder (`data_dir`, …).
    """

    def __init__(self, *, on_bad_record="fail", **kwargs):
        if on_bad_record not in ("fail", "skip"):
            raise InputError(f"on_bad_record {on_bad_record!r}: expected fail or skip")
        self._skip_bad = on_bad_record == "skip"
        self._used = 0  # number of records stored so far
        super().__init__(**kwargs)

    def _ecgs(self, rows):
        """Yield (ecg float32 millivolt, True if it is simulated) or a RecordError for each row."""
        raise NotImplementedError

    def reading(self):
        """Return a context in which the ecgs can be read."""
        return contextlib.nullcontext()

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

    def _splits(self, rows, manifest, table, wanted):
        """Set the manifest and return {split: iterator over its examples}.

        Args:
            rows: the `ecg_tf.data.tables.rows.Row`s of all splits.
            manifest: the entries of the manifest that are known before the records are read.
            table: path of the table that the rows come from, for errors.
            wanted: what a row has to have to be among `rows`, for errors.

        Returns:
            The splits that have records.

        Raises:
            InputError: no record can be used.
        """
        self.info.metadata.update(**manifest, bad_records=[], simulated_records=0, ecg_sha256={})
        splits = {}
        progress = Progress(len(rows), "records", "reading")
        for name in PARTITIONS:
            mine = [row for row in rows if row.partition == name]
            examples = self._generate_examples(mine, name, progress)
            first = next(examples, None)
            if first:  # TFDS does not allow empty splits
                splits[name] = itertools.chain([first], examples)
        if not splits:
            bad = self.info.metadata["bad_records"]
            found = f"none of its {manifest['rows']['database']} rows has {wanted}"
            if bad:
                found = f"none of its {len(bad)} records can be used; {bad[0]['error']}"
            raise InputError(f"{table}: {found}")
        return splits

    def _generate_examples(self, rows, partition, progress):
        manifest = self.info.metadata
        digest = hashlib.sha256()
        # The number is the key by which TFDS sorts.
        for number, (row, read) in enumerate(zip(rows, self._ecgs(rows), strict=True)):
            progress.advance()
            error = read if isinstance(read, RecordError) else self._unlike(row, read[1])
            if error:
                if not self._skip_bad:
                    progress.close()
                    raise RecordError(f"{error} (ecg_id {row.ecg_id})") from error
                manifest["bad_records"].append(
                    {"ecg_id": row.ecg_id, "partition": partition, "error": str(error)}
                )
                continue
            ecg, simulated = read
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
