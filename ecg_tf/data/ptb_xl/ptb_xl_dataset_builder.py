"""The TFDS dataset `ptb_xl`: PTB-XL at 100 Hz with the four diagnostic classes."""

import hashlib
import itertools
from pathlib import Path

import numpy as np
import tensorflow_datasets as tfds

from ecg_tf.data.ecg_files.wfdb_record import read_record, standard_ecg
from ecg_tf.data.labels import CLASSES
from ecg_tf.data.partitions import DEFAULT_FOLDS, PARTITIONS, folds_of_partitions
from ecg_tf.data.ptb_xl.tables import DATABASE, STATEMENTS, read_tables
from ecg_tf.errors import InputError, RecordError
from ecg_tf.files import check_inside
from ecg_tf.leads import LEADS, SAMPLES, SAMPLING_RATE
from ecg_tf.progress import Progress

_SEXES = ("male", "female")  # PTB-XL's 0 and 1


class Builder(tfds.core.GeneratorBasedBuilder):
    """Builder of `ptb_xl`. The PTB-XL folder is TFDS's manual directory.

    `info.metadata` is the manifest of the preparation: the folds of each partition; the names of
    the classes, SCP statements and leads; the number of rows in the database, and of dropped rows
    by reason; the records that could not be used; the number of simulated records; and the SHA-256
    of the ecgs of each split.

    Args:
        train_folds: folds of the train split, a text such as "1-8" or "1,2,5-7".
        dev_folds: folds of the dev split.
        test_folds: folds of the test split. A split without records is omitted.
        on_bad_record: "fail" stops at the first record that cannot be used; "skip" leaves it out
            and lists it in the manifest. A row of the database that cannot be used is always an
            error.
        **kwargs: arguments of every TFDS builder (`data_dir`, …).
    """

    VERSION = tfds.core.Version("1.1.0")
    RELEASE_NOTES = {  # noqa: RUF012 (required by TFDS)
        "1.0.0": "12 leads, 100 Hz, four classes.",
        "1.1.0": "SCP statements.",
    }
    MANUAL_DOWNLOAD_INSTRUCTIONS = f"""
    Download PTB-XL from PhysioNet (https://physionet.org/content/ptb-xl/, version 1.0.1 or 1.0.3);
    the manual directory is the folder with {DATABASE}, {STATEMENTS} and records100/.
    """

    def __init__(
        self,
        *,
        train_folds=DEFAULT_FOLDS["train"],
        dev_folds=DEFAULT_FOLDS["dev"],
        test_folds=DEFAULT_FOLDS["test"],
        on_bad_record="fail",
        **kwargs,
    ):
        if on_bad_record not in ("fail", "skip"):
            raise InputError(f"on_bad_record {on_bad_record!r}: expected fail or skip")
        self._folds = folds_of_partitions(train_folds, dev_folds, test_folds)
        self._skip_bad = on_bad_record == "skip"
        self._used = 0  # number of records stored so far
        super().__init__(**kwargs)

    def _info(self):
        return self.dataset_info_from_configs(
            features=tfds.features.FeaturesDict(
                {
                    # mV, leads in PTB-XL's order; bytes are read ten times faster than floats
                    "ecg": tfds.features.Tensor(
                        shape=(SAMPLES, len(LEADS)),
                        dtype=np.float32,
                        encoding=tfds.features.Encoding.BYTES,
                    ),
                    "labels": tfds.features.Tensor(shape=(len(CLASSES),), dtype=np.uint8),
                    # 1 for each code in the record's scp_codes, of any likelihood; the manifest's
                    # statement_names are the codes, all of scp_statements.csv
                    "statements": tfds.features.Tensor(shape=(None,), dtype=np.uint8),
                    "ecg_id": np.int32,
                    "patient_id": np.int32,
                    "age": np.float32,  # years; NaN if unknown, 300 for over 89
                    "sex": tfds.features.ClassLabel(names=_SEXES),
                    "fold": np.int32,
                }
            ),
            homepage="https://physionet.org/content/ptb-xl/",
            metadata=tfds.core.MetadataDict(),
            disable_shuffling=True,  # keep the order of the database
        )

    def _split_generators(self, dl_manager):
        folder = Path(dl_manager.manual_dir)
        rows, counts, statement_names = read_tables(folder, self._folds)
        self.info.metadata.update(
            class_names=list(CLASSES),
            statement_names=statement_names,
            lead_names=list(LEADS),
            sampling_rate=SAMPLING_RATE,
            folds={name: list(folds) for name, folds in self._folds.items()},
            rows=counts,
            bad_records=[],
            simulated_records=0,
            ecg_sha256={},
        )
        splits = {}
        progress = Progress(len(rows), "records", "reading")
        for name in PARTITIONS:
            mine = [row for row in rows if row.partition == name]
            examples = self._generate_examples(folder, mine, name, progress)
            first = next(examples, None)
            if first:  # TFDS does not allow empty splits
                splits[name] = itertools.chain([first], examples)
        if not splits:
            bad = self.info.metadata["bad_records"]
            found = f"none of its {counts['database']} rows has a superclass and a chosen fold"
            if bad:
                found = f"none of its {len(bad)} records can be used; {bad[0]['error']}"
            raise InputError(f"{folder / DATABASE}: {found}")
        return splits

    def _generate_examples(self, folder, rows, partition, progress):
        manifest = self.info.metadata
        digest = hashlib.sha256()
        for number, row in enumerate(rows):
            progress.advance()
            try:
                record = read_record(_record_path(folder, row), name=row.filename)
                ecg = standard_ecg(record)
                self._check_alike(record, row.filename)
            except RecordError as error:
                if not self._skip_bad:
                    progress.close()
                    raise RecordError(f"{error} (ecg_id {row.ecg_id})") from error
                manifest["bad_records"].append(
                    {"ecg_id": row.ecg_id, "partition": partition, "error": str(error)}
                )
                continue
            manifest["simulated_records"] += record.simulated
            self._used += 1
            digest.update(ecg.tobytes())
            yield (
                number,  # the key by which TFDS sorts
                {
                    "ecg": ecg,
                    "labels": row.labels,
                    "statements": row.statements,
                    "ecg_id": row.ecg_id,
                    "patient_id": row.patient_id,
                    "age": row.age,
                    "sex": row.sex,
                    "fold": row.fold,
                },
            )
        manifest["ecg_sha256"][partition] = digest.hexdigest()

    def _check_alike(self, record, name):
        """Raise a RecordError for a simulated record among real ones, or the reverse."""
        before = self.info.metadata["simulated_records"] > 0
        if self._used and record.simulated != before:
            kinds = ("a real ECG", "a simulated ECG")
            raise RecordError(
                f"{name}: {kinds[record.simulated]}, but the records before are "
                f"{kinds[before][2:]}s; expected records of one kind"
            )


def _record_path(folder, row):
    """Return the path of a row's record, after checking that no link leads out of the folder."""
    for ending in (".hea", ".dat"):
        file = folder / (row.filename + ending)
        try:
            check_inside(folder, file, row.filename + ending)
        except InputError as error:
            raise RecordError(str(error)) from error
    return folder / row.filename
