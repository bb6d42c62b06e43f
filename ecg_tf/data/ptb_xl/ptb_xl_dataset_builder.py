"""The TFDS dataset `ptb_xl`: PTB-XL at 100 Hz with the four diagnostic classes."""

import collections
import dataclasses
import hashlib
import itertools
import math
import re
import textwrap
from pathlib import Path

import numpy as np
import pandas as pd
import tensorflow_datasets as tfds
from tqdm import tqdm

from ecg_tf.data.labels import (
    CLASSES,
    diagnostic_superclasses,
    label_vector,
    read_codes,
    record_superclasses,
)
from ecg_tf.data.partitions import DEFAULT_FOLDS, FOLDS, PARTITIONS, folds_of_partitions
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
_MAX_AGE = 300  # PTB-XL's "over 89"
_MAX_ID = 2**31 - 1
# A path below the folder: no address, nothing absolute, no ".."
_RECORD_NAME = re.compile(r"(\w[\w.-]*/)*\w[\w.-]*", re.ASCII)


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
    statements: np.ndarray
    partition: str


class Builder(tfds.core.GeneratorBasedBuilder):
    """Builder of `ptb_xl`; the PTB-XL folder is TFDS's manual directory.

    `info.metadata` is the manifest of the preparation: the folds of each partition, the names of
    classes, SCP statements and leads, how many rows the database had, how many were dropped and
    why, the records that could not be used, how many records are simulated, and a SHA-256 of each
    split's ecgs.

    Args:
        train_folds: folds of the train split, as text: "1-8" or "1,2,5-7".
        dev_folds: folds of the dev split.
        test_folds: folds of the test split. A split without records is left out.
        on_bad_record: "fail" stops at the first record that cannot be used; "skip" leaves it out
            and lists it in the manifest. A row of the database that cannot be used always stops.
        **kwargs: as for every TFDS builder (`data_dir`, …).
    """

    VERSION = tfds.core.Version("1.1.0")
    RELEASE_NOTES = {  # noqa: RUF012 (TFDS's form)
        "1.0.0": "12 leads, 100 Hz, four classes.",
        "1.1.0": "SCP statements.",
    }
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
                    # 1 for each of the manifest's statement_names, all of scp_statements.csv, in
                    # the record's scp_codes, whatever its likelihood
                    "statements": tfds.features.Tensor(shape=(None,), dtype=np.uint8),
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
        rows, counts, statement_names = self._read_tables(folder)
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
        bar = tqdm(total=len(rows), desc="reading", unit=" records")
        for name in PARTITIONS:
            mine = [row for row in rows if row.partition == name]
            examples = self._generate_examples(folder, mine, name, bar)
            first = next(examples, None)
            if first:  # TFDS takes no split without examples
                splits[name] = itertools.chain([first], examples)
        if not splits:
            bad = self.info.metadata["bad_records"]
            found = f"none of its {counts['database']} rows has a superclass and a chosen fold"
            if bad:
                found = f"none of its {len(bad)} records can be used; {bad[0]['error']}"
            raise InputError(f"{folder / DATABASE}: {found}")
        return splits

    def _generate_examples(self, folder, rows, partition, bar):
        manifest = self.info.metadata
        digest = hashlib.sha256()
        for number, row in enumerate(rows):
            bar.update()
            try:
                record = read_record(_path_below(folder, row.filename), name=row.filename)
                ecg = standard_ecg(record)
            except RecordError as error:
                if not self._skip_bad:
                    bar.close()
                    raise RecordError(f"{error} (ecg_id {row.ecg_id})") from error
                manifest["bad_records"].append(
                    {"ecg_id": row.ecg_id, "partition": partition, "error": str(error)}
                )
                continue
            manifest["simulated_records"] += record.simulated
            digest.update(ecg.tobytes())
            yield (
                number,  # TFDS sorts by it
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
        if bar.n == bar.total:
            bar.close()

    def _read_tables(self, folder):
        """The usable rows of the database, in its order; how many rows went where; statements."""
        database = _read_csv(folder, DATABASE)
        table = _read_csv(folder, STATEMENTS, index_col=0)
        superclass_of = diagnostic_superclasses(table)
        statement_names = [str(code) for code in table.index]
        owner = {fold: name for name, folds in self._folds.items() for fold in folds}
        counts = {
            "database": len(database),
            "no_superclass": collections.Counter(),
            "fold_not_used": 0,
        }
        rows, seen = [], set()
        for number, row in enumerate(database.itertuples(index=False), start=1):
            try:
                codes = read_codes(row.scp_codes)
                superclasses = record_superclasses(codes, superclass_of)
                fold = _whole("strat_fold", row.strat_fold, FOLDS[0], FOLDS[-1])
                fields = {
                    "ecg_id": _whole("ecg_id", row.ecg_id, 0, _MAX_ID),
                    "patient_id": _whole("patient_id", row.patient_id, 0, _MAX_ID),
                    "age": _number("age", row.age, 0, _MAX_AGE),
                    "sex": -1 if pd.isna(row.sex) else _whole("sex", row.sex, 0, 1),
                    "filename": _text("filename_lr", row.filename_lr),
                }
                if fields["ecg_id"] in seen:
                    raise InputError("an earlier row has this ecg_id")
                seen.add(fields["ecg_id"])
            except InputError as error:
                where = f"{folder / DATABASE}, row {number} (ecg_id {row.ecg_id})"
                raise InputError(f"{where}: {error}") from error
            partition = owner.get(fold)
            if partition is None:
                counts["fold_not_used"] += 1
            elif not superclasses:
                counts["no_superclass"][partition] += 1
            else:
                rows.append(
                    _Row(
                        fold=fold,
                        labels=label_vector(superclasses),
                        statements=np.array([c in codes for c in statement_names], np.uint8),
                        partition=partition,
                        **fields,
                    )
                )
        counts["no_superclass"] = {name: counts["no_superclass"][name] for name in PARTITIONS}
        return rows, counts, statement_names


def _read_csv(folder, filename, **kwargs):
    path = folder / filename
    if not path.is_file():
        raise InputError(f"{folder}: holds no {filename}, expected a PTB-XL folder")
    try:
        table = pd.read_csv(path, low_memory=False, **kwargs)
    except ValueError as error:  # pandas' parser errors and UnicodeDecodeError are ValueErrors
        raise InputError(f"{path}: not a readable CSV: {str(error).strip()}") from error
    missing = [name for name in _COLUMNS[filename] if name not in table.columns]
    if missing:
        found = textwrap.shorten(ascii(list(table.columns)), 300)
        raise InputError(f"{path}: no column {', '.join(missing)}; found {found}")
    return table


def _number(name, value, low, high):
    """`value` as a float within [low, high]; NaN for an empty cell."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.inf
    if math.isnan(number) or low <= number <= high:
        return number
    raise InputError(f"{name} is {value}, expected a number from {low} to {high}")


def _whole(name, value, low, high):
    """`value` as an int within [low, high]; an empty cell is an error."""
    number = _number(name, value, low, high)
    if number.is_integer():
        return int(number)
    raise InputError(f"{name} is {value}, expected a whole number from {low} to {high}")


def _text(name, value):
    if isinstance(value, str):
        return value
    raise InputError(f"{name} is {value}, expected a text")


def _path_below(folder, filename):
    """folder/filename; a name that may lead out of the folder is refused."""
    if not _RECORD_NAME.fullmatch(filename):
        raise RecordError(f"{filename}: expected a path below {folder}, such as records100/a_lr")
    return folder / filename
