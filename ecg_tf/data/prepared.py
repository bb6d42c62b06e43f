"""Prepared records: reading the output of `ecg_tf prepare_data` into arrays."""

import dataclasses
import hashlib
import math
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from ecg_tf.data.checks import check_manifest, check_records, check_sizes, signal_of
from ecg_tf.data.description import read_shards
from ecg_tf.data.formats.tfrecords import check_frames, read_batches
from ecg_tf.data.partitions import PARTITIONS, check_partition
from ecg_tf.data.record_columns import columns_file, read_columns
from ecg_tf.data.stored_ecgs import StoredECGs
from ecg_tf.errors import InputError
from ecg_tf.files import check_inside, read_json
from ecg_tf.leads import DEFAULT_LEADS, lead_indices

DATASETS = ("ptb_xl", "ecg_records")  # names of the TFDS datasets
BAD_RECORDS = "bad_records.csv"  # all that were skipped, if the manifest lists only some
_BATCH = 512  # records decoded at a time
_VERSION = re.compile("[0-9]{1,4}([.][0-9]{1,4}){2}")
_WITH_STATEMENTS = (1, 1, 0)  # the first version of the dataset with SCP statements


@dataclasses.dataclass(frozen=True)
class Records:
    """The records of a partition, in the order of the database; row k of each array is one record.

    Attributes:
        ecg: float32 (record, time, lead) millivolt, unfiltered; by default 1000 samples at 100 Hz.
            A `StoredECGs`, which reads them from the disk, for records of the format array_record.
        leads: names of the leads of `ecg`.
        labels: uint8 (record, class).
        ecg_id: int32 (record,).
        patient_id: int32 (record,).
        age: float32 (record,) years; NaN if unknown, 300 for over 89 (PTB-XL's convention).
        sex: int64 (record,): 0 male, 1 female, -1 unknown.
        fold: int32 (record,).
        statements: uint8 (record, statement): 1 for each SCP statement of the record, of any
            likelihood. The manifest holds the names of the statements. None for records of version
            1.0.0 of the dataset.

    Examples:
        >>> import numpy as np
        >>> from ecg_tf.data.prepared import Records
        >>> ids = np.array([1, 2], np.int32)
        >>> records = Records(
        ...     ecg=np.zeros((2, 1000, 1), np.float32),
        ...     leads=("I",),
        ...     labels=np.array([[1, 0, 0, 0], [0, 0, 0, 0]], np.uint8),
        ...     ecg_id=ids,
        ...     patient_id=ids,
        ...     age=np.array([61, np.nan], np.float32),
        ...     sex=np.array([0, -1]),
        ...     fold=ids,
        ... )
        >>> len(records)
        2
    """

    ecg: np.ndarray | StoredECGs
    leads: tuple[str, ...]
    labels: np.ndarray
    ecg_id: np.ndarray
    patient_id: np.ndarray
    age: np.ndarray
    sex: np.ndarray
    fold: np.ndarray
    statements: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.labels)


class PreparedRecords:
    """A folder of prepared records.

    Args:
        data: the folder, the `-data` of `ecg_tf prepare_data`.

    Attributes:
        manifest: manifest of the preparation, see `ecg_tf.data.ptb_xl.Builder`.
        class_names: the classes, in the order of the labels.
        simulated: True if the records are simulated.
        sampling_rate: sampling rate of the ecgs, Hz.
        samples: number of samples of each ecg.
        file_format: "tfrecord" for records that are read into memory; "array_record" for those
            that stay on the disk, see `StoredECGs`.

    Raises:
        InputError: the folder holds no prepared records, or damaged ones.

    Examples:
        >>> import tempfile
        >>> from ecg_tf.data.prepare import prepare
        >>> from ecg_tf.data.prepared import PreparedRecords
        >>> from ecg_tf.data.synthetic import write_folder
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_folder(f"{folder}/ptbxl", records=20)
        ...     _ = prepare(f"{folder}/ptbxl", f"{folder}/data")
        ...     prepared = PreparedRecords(f"{folder}/data")
        ...     records = prepared.read("dev")
        >>> prepared.size("train"), prepared.size("dev"), records.leads
        (16, 1, ('I', 'II', 'V2'))
    """

    def __init__(self, data: str | os.PathLike) -> None:
        self._data = Path(data)
        if not self.is_prepared(data):
            raise InputError(f"{data}: holds no prepared records (see ecg_tf prepare_data)")
        self._folder = max(_versions(data), key=_number_of)
        self.file_format, self._shards = read_shards(self._file("dataset_info.json"))
        metadata = self._file("metadata.json")
        self.manifest = read_json(metadata)
        check_manifest(self.manifest, metadata)
        if _number_of(self._folder) >= _WITH_STATEMENTS and "statement_names" not in self.manifest:
            raise InputError(f"{metadata}: no statement_names, expected the names of statements")
        check_sizes(self.manifest, {name: self.size(name) for name in PARTITIONS}, self._folder)
        self.class_names = tuple(self.manifest["class_names"])
        self.simulated = self.manifest["simulated_records"] > 0
        self.sampling_rate, self.samples = signal_of(self.manifest)

    @staticmethod
    def is_prepared(data: str | os.PathLike) -> bool:
        """Return True if `data` holds the records of a finished preparation."""
        return bool(_versions(data))

    def size(self, partition: str) -> int:
        """Return the number of records of a partition."""
        return sum(self._shards.get(partition, {}).values())

    @property
    def bad_counts(self) -> dict[str, int]:
        """The number of records of each partition that could not be used."""
        bad = self.manifest["bad_records"]
        return self.manifest.get("bad_counts") or {
            name: sum(entry["partition"] == name for entry in bad) for name in PARTITIONS
        }

    @property
    def bad_records_file(self) -> Path:
        """The file of all records that could not be used, if the manifest does not list them."""
        return self._folder / BAD_RECORDS

    def labels(self, partition: str) -> np.ndarray:
        """Read the labels of a partition without its ecgs, uint8 (record, class)."""
        if not self.size(partition):
            return np.zeros((0, len(self.class_names)), np.uint8)
        if self.file_format == "array_record":
            return self._columns_of(partition)[0]["labels"]
        batches = self._batches(partition, ["labels"])
        return np.concatenate([batch["labels"] for batch in batches])

    def read(self, partition: str, leads: Sequence[str] = DEFAULT_LEADS) -> Records:
        """Read all records of a partition: 12 kB per record with three leads.

        An array of more than half of the machine's memory is stored in a temporary file that is
        mapped to memory. Of records of the format array_record, the ecgs stay where they are.

        Args:
            partition: "train", "dev" or "test".
            leads: names of the leads, in order. Default: the study's, I, II and V2.

        Raises:
            InputError: the partition is unknown or has no records; a lead is unknown; the records
                are damaged, or their SHA-256 differs from the manifest's.
        """
        size, columns = self.size(check_partition(partition)), self._columns(leads)
        if not size:
            raise empty_partition(self._data, partition, self.manifest)
        if self.file_format == "array_record":
            arrays, flat, hashes = self._columns_of(partition)
            signal = self.samples, len(self.manifest["lead_names"])
            shards, known = self._files(partition), hashes.get(tuple(leads))
            ecg = StoredECGs(shards, signal, columns, known, flat[:, columns])
            records = Records(ecg=ecg, leads=tuple(leads), **arrays)
        else:
            records = Records(leads=tuple(leads), **self._in_memory(partition, columns))
        check_records(records, partition, self.manifest, self._folder)
        return records

    def _in_memory(self, partition: str, columns: list[int]) -> dict[str, np.ndarray]:
        """Read all arrays of a partition, and compare the SHA-256 of its ecgs."""
        arrays, size = {}, self.size(partition)
        start, digest = 0, hashlib.sha256()
        for batch in self._batches(partition):
            digest.update(batch["ecg"])
            batch["ecg"] = batch["ecg"][:, :, columns]
            stop = start + len(batch["ecg"])
            for name, values in batch.items():
                if name not in arrays:
                    arrays[name] = allocate((size, *values.shape[1:]), values.dtype)
                arrays[name][start:stop] = values
            start = stop
        if digest.hexdigest() != self.manifest["ecg_sha256"][partition]:
            raise InputError(
                f"{self._folder}: the ecgs of its {partition} partition differ from the prepared "
                "ones: their SHA-256 is not the one in metadata.json"
            )
        return arrays

    def _columns_of(self, partition: str) -> tuple[dict, np.ndarray, dict]:
        """Read all of a partition but its ecgs, see `read_columns`."""
        file = self._file(columns_file(partition))
        leads, classes = self.manifest["lead_names"], len(self.class_names)
        return read_columns(file, self.size(partition), leads, classes, self._statements())

    def _statements(self) -> int | None:
        """Return the number of SCP statements of each record; None without any."""
        names = self.manifest.get("statement_names")
        return None if names is None else len(names)

    def _files(self, partition: str) -> dict[Path, int]:
        """Return {path of a file: number of its records}."""
        return {self._file(name): count for name, count in self._shards[partition].items()}

    def _columns(self, leads: Sequence[str]) -> list[int]:
        """Return the positions of leads among the prepared ones."""
        lead_indices(leads)
        there = self.manifest["lead_names"]
        if missing := [lead for lead in leads if lead not in there]:
            raise InputError(
                f"{self._data}: prepared without {', '.join(missing)}; it has {', '.join(there)}"
            )
        return [there.index(lead) for lead in leads]

    def _batches(
        self, partition: str, names: Sequence[str] | None = None
    ) -> Iterator[dict[str, np.ndarray]]:
        shards = self._files(partition)
        shape = self.samples, len(self.manifest["lead_names"])
        for path, count in shards.items():
            check_frames(path, count, shape)
        classes, statements = len(self.class_names), self._statements()
        return read_batches(list(shards), shape, classes, statements, _BATCH, names)

    def _file(self, name: str) -> Path:
        """Return the path of a file of the dataset, after checking that no link leads out of it."""
        path = self._folder / name
        check_inside(self._data, path)
        return path


def empty_partition(data: str | os.PathLike, partition: str, manifest: dict) -> InputError:
    """Return the `InputError` for a partition without records."""
    words = "record that can be used" if "data_set" in manifest else "record with a superclass"
    folds = manifest["folds"][partition]
    return InputError(
        f"{data}: its {partition} partition is empty"
        + (f" (folds {folds} hold no {words})" if folds else "")
    )


def allocate(shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    """Create an uninitialised array in memory, or in a temporary file if it is large."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if math.prod(shape) * dtype.itemsize <= memory / 2:
        return np.empty(shape, dtype)
    with tempfile.TemporaryFile() as file:  # it has no name; its space is freed with the array
        return np.memmap(file, dtype, "w+", shape=shape)


def _versions(data: str | os.PathLike) -> list[Path]:
    """Return the folders of finished versions of the dataset; dataset_info.json is written last."""
    files = [file for name in DATASETS for file in Path(data).glob(f"{name}/*/dataset_info.json")]
    return [file.parent for file in files if _VERSION.fullmatch(file.parent.name)]


def _number_of(version: Path) -> tuple[int, ...]:
    return tuple(map(int, version.name.split(".")))
