"""The TFDS dataset `ptb_xl`: PTB-XL at 100 Hz with the four diagnostic classes."""

import collections
import dataclasses
import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import tensorflow_datasets as tfds
from tqdm import tqdm

from ecg_tf.data.labels import (
    CLASSES,
    diagnostic_superclasses,
    label_vector,
    record_superclasses,
)
from ecg_tf.data.partitions import DEFAULT_FOLDS, PARTITIONS, folds_of_partitions
from ecg_tf.data.records import read_record, standard_ecg
from ecg_tf.errors import InputError, RecordError
from ecg_tf.leads import LEADS, SAMPLES, SAMPLING_RATE

DATABASE = "ptbxl_database.csv"
STATEMENTS = "scp_statements.csv"
_COLUMNS = {
    DATABASE: ("ecg_id", "patient_id", "age", "sex", "scp_codes", "strat_fold", "filename_lr"),
    STATEMENTS: ("diagnostic", "diagnostic_class"),
}
_SEXES = ("male", "female")  # PTB-XL's 0 and 1


@dataclasses.dataclass(frozen=True)
class _Row:
    """A row of the database that has a superclass, and the partition its fold belongs to."""

    ecg_id: int
    patient_id: int
    age: float
    sex: int
    fold: int
    filename: str
    labels: np.ndarray
    partition: str


class Builder(tfds.core.GeneratorBasedBuilder):
    """Builder of `ptb_xl`; the PTB-XL folder is TFDS's manual directory.

    `info.metadata` is the manifest of the preparation: the folds of each partition, class and lead
    names, how many rows the database had, how many were dropped and why, the records that could
    not be used, how many records are simulated, and a SHA-256 of each split's ecgs.

    Args:
        train_folds: folds of the train split, as text: "1-8" or "1,2,5-7".
        dev_folds: folds of the dev split.
        test_folds: folds of the test split. A split without records is left out.
        on_bad_record: "fail" stops at the first record that cannot be used; "skip" leaves it out
            and lists it in the manifest.
        **kwargs: as for every TFDS builder (`data_dir`, …).
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "12 leads, 100 Hz, four classes."}  # noqa: RUF012 (TFDS's form)
    MANUAL_DOWNLOAD_INSTRUCTIONS = f"""
    Download PTB-XL from PhysioNet (https://physionet.org/content/ptb-xl/, version 1.0.1 or 1.0.3);
    the manual directory is the folder that holds {DATABASE}, {STATEMENTS} and records100/.
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
        super().__init__(**kwargs)

    def _info(self):
        return self.dataset_info_from_configs(
            features=tfds.features.FeaturesDict(
                {
                    # mV, leads in PTB-XL's order; bytes: read ten times as fast as a list of floats
                    "ecg": tfds.features.Tensor(
                        shape=(SAMPLES, len(LEADS)),
                        dtype=np.float32,
                        encoding=tfds.features.Encoding.BYTES,
                    ),
                    "labels": tfds.features.Tensor(shape=(len(CLASSES),), dtype=np.uint8),
                    "ecg_id": np.int32,
                    "patient_id": np.int32,
                    "age": np.float32,  # years; NaN where unknown, 300 for over 89
                    "sex": tfds.features.ClassLabel(names=_SEXES),
                    "fold": np.int32,
                }
            ),
            homepage="https://physionet.org/content/ptb-xl/",
            metadata=tfds.core.MetadataDict(),
            disable_shuffling=True,  # records stay in the database's order
        )

    def _split_generators(self, dl_manager):
        folder = Path(dl_manager.manual_dir)
        rows, counts = self._read_tables(folder)
        self.info.metadata.update(
            class_names=list(CLASSES),
            lead_names=list(LEADS),
            sampling_rate=SAMPLING_RATE,
            folds={name: list(folds) for name, folds in self._folds.items()},
            rows=counts,
            bad_records=[],
            simulated_records=0,
            ecg_sha256={},
        )
        splits = {}
        for name in PARTITIONS:
            mine = [row for row in rows if row.partition == name]
            if mine:
                splits[name] = self._generate_examples(folder, mine, name)
        if not splits:
            raise InputError(f"{folder / DATABASE}: no record with a superclass in any partition")
        return splits

    def _generate_examples(self, folder, rows, partition):
        manifest = self.info.metadata
        digest = hashlib.sha256()
        for row in tqdm(rows, desc=f"{partition:5}", unit=" records"):
            try:
                record = read_record(_path_below(folder, row.filename), name=row.filename)
                ecg = standard_ecg(record)
            except RecordError as error:
                if not self._skip_bad:
                    raise
                manifest["bad_records"].append(
                    {"ecg_id": row.ecg_id, "partition": partition, "error": str(error)}
                )
                continue
            manifest["simulated_records"] += record.simulated
            digest.update(ecg.tobytes())
            yield (
                row.ecg_id,
                {
                    "ecg": ecg,
                    "labels": row.labels,
                    "ecg_id": row.ecg_id,
                    "patient_id": row.patient_id,
                    "age": row.age,
                    "sex": row.sex,
                    "fold": row.fold,
                },
            )
        manifest["ecg_sha256"][partition] = digest.hexdigest()

    def _read_tables(self, folder):
        """The usable rows of the database, in its order, and how many rows went where."""
        database = _read_csv(folder, DATABASE)
        superclass_of = diagnostic_superclasses(_read_csv(folder, STATEMENTS, index_col=0))
        owner = {fold: name for name, folds in self._folds.items() for fold in folds}
        counts = {
            "database": len(database),
            "no_superclass": collections.Counter(),
            "fold_not_used": 0,
        }
        rows = []
        for number, row in enumerate(database.itertuples(index=False), start=2):
            where = f"{folder / DATABASE}, line {number} (ecg_id {row.ecg_id})"
            try:
                superclasses = record_superclasses(row.scp_codes, superclass_of)
                fold = int(row.strat_fold)
                fields = {
                    "ecg_id": int(row.ecg_id),
                    "patient_id": int(row.patient_id),
                    "age": float(row.age),
                    "sex": -1 if pd.isna(row.sex) else int(row.sex),
                    "filename": _text(row.filename_lr),
                }
            except (ValueError, TypeError) as error:
                raise InputError(f"{where}: {error}") from error
            partition = owner.get(fold)
            if partition is None:
                counts["fold_not_used"] += 1
            elif not superclasses:
                counts["no_superclass"][partition] += 1
            else:
                labels = label_vector(superclasses)
                rows.append(_Row(fold=fold, labels=labels, partition=partition, **fields))
        counts["no_superclass"] = {name: counts["no_superclass"][name] for name in PARTITIONS}
        return rows, counts


def _read_csv(folder, filename, **kwargs):
    path = folder / filename
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder, expected one that holds {filename}")
    if not path.is_file():
        raise InputError(f"{folder}: holds no {filename}, expected a PTB-XL folder")
    try:
        table = pd.read_csv(path, **kwargs)
    except (ValueError, UnicodeDecodeError) as error:  # pandas' parser errors are ValueErrors
        raise InputError(f"{path}: not a readable CSV: {error}") from error
    missing = [name for name in _COLUMNS[filename] if name not in table.columns]
    if missing:
        raise InputError(
            f"{path}: no column {', '.join(missing)}; found {', '.join(table.columns)}"
        )
    return table


def _text(value):
    if not isinstance(value, str):
        raise ValueError(f"filename_lr is {value!r}, expected a path below the folder")
    return value


def _path_below(folder, filename):
    """folder/filename, refused if it leaves the folder (an absolute path, a URL, ..)."""
    path = folder / filename
    if "://" in filename or not path.resolve().is_relative_to(folder.resolve()):
        raise RecordError(f"{filename}: points outside {folder}, expected a record below it")
    return path
