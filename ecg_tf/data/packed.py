"""Packed records: prepared records in one file that is read by numpy, without TensorFlow.

    manifest.json                the manifest of the preparation
    <partition>/ecg/<lead>.npy   int16 (record, time) microvolt, unfiltered
    <partition>/labels.npy …     the other arrays of `ecg_tf.data.prepared.Records`
    sha256.json                  {member: SHA-256 of its content} of all other members

The file is a .npz file, a zip file of .npy files. Its members are compressed by bzip2, which
reduces ECGs to 0.45 of their size; numpy's own compression reduces them to 0.64. Partitions without
records are omitted. Older files have no sha256.json and are read without it.
"""

import contextlib
import hashlib
import io
import json
import math
import os
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ecg_tf.data.checks import check_manifest, check_records, signal_of
from ecg_tf.data.formats.npy import parse_header
from ecg_tf.data.formats.npz import (
    MOST_HEADER,
    check_member_size,
    opened,
    parse_array,
    read_member,
)
from ecg_tf.data.microvolt import to_microvolt, to_millivolt
from ecg_tf.data.partitions import PARTITIONS, check_partition
from ecg_tf.data.prepared import PreparedRecords, Records, allocate, empty_partition
from ecg_tf.data.stored_ecgs import chunks
from ecg_tf.errors import InputError
from ecg_tf.files import parse_json, replaced_atomically
from ecg_tf.leads import DEFAULT_LEADS, LEADS, lead_indices
from ecg_tf.places import check_file
from ecg_tf.progress import Progress

_SAMPLE = np.dtype(np.int16)
_OTHERS = {  # {array of `Records`: dtype}
    "labels": np.dtype(np.uint8),
    "ecg_id": np.dtype(np.int32),
    "patient_id": np.dtype(np.int32),
    "age": np.dtype(np.float32),
    "sex": np.dtype(np.int64),
    "fold": np.dtype(np.int32),
}
_STATEMENTS = "statements"  # missing in records of version 1.0.0 of the dataset
_MANIFEST, _SUMS = "manifest.json", "sha256.json"
_MOST_JSON = 2**24  # bytes


def pack(
    data: str | os.PathLike, out: str | os.PathLike, leads: Sequence[str] | None = None
) -> None:
    """Pack prepared records into one file, without any loss.

    Args:
        data: folder of prepared records.
        out: the file to write, atomically; its name ends in .npz.
        leads: names of the leads to keep. Default: all.

    Raises:
        InputError: the file cannot be written or has another ending; the folder holds no prepared
            records; a sample is not a whole number of microvolt or does not fit in 16 bits.

    Examples:
        >>> import tempfile
        >>> from ecg_tf.data.packed import PackedRecords, pack
        >>> from ecg_tf.data.prepare import prepare
        >>> from ecg_tf.data.synthetic import write_folder
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_folder(f"{folder}/ptbxl", records=20)
        ...     _ = prepare(f"{folder}/ptbxl", f"{folder}/data")
        ...     pack(f"{folder}/data", f"{folder}/data.npz", leads=["I", "II", "V2"])
        ...     records = PackedRecords(f"{folder}/data.npz").read("train")
        >>> records.ecg.shape
        (16, 1000, 3)
    """
    out = Path(out)
    if out.suffix != ".npz":
        raise InputError(f"{out}: expected a file name ending in .npz")
    check_file(out)
    prepared = PreparedRecords(data)
    leads = leads or prepared.manifest["lead_names"]
    partitions = list(filter(prepared.size, PARTITIONS))
    with (
        Progress(len(partitions) * len(leads), "leads", "packing") as progress,
        replaced_atomically(out) as temporary,
        zipfile.ZipFile(temporary, "w", zipfile.ZIP_BZIP2) as file,
    ):
        sums = {}  # {member: SHA-256}
        _write(file, _MANIFEST, json.dumps(prepared.manifest).encode(), sums)
        for partition in partitions:
            records = prepared.read(partition, leads)
            for name in _OTHERS:
                _write(file, _member(partition, name), _npy(getattr(records, name)), sums)
            if records.statements is not None:
                _write(file, _member(partition, _STATEMENTS), _npy(records.statements), sums)
            for k, lead in enumerate(leads):
                where = f"{data}: {partition} partition, lead {lead}"
                samples = _microvolt_of_lead(records, k, where)
                _write(file, _member(partition, f"ecg/{lead}"), _npy(samples), sums)
                progress.advance()
        file.writestr(_SUMS, json.dumps(sums))


class PackedRecords:
    """A file of packed records.

    Args:
        file: the file, the `-out` of `ecg_tf pack`.

    Attributes:
        manifest: manifest of the preparation, see `ecg_tf.data.ptb_xl.Builder`.
        class_names: the classes, in the order of the labels.
        simulated: True if the records are simulated.
        sampling_rate, samples: sampling rate of the ecgs, Hz, and number of samples of each.

    Raises:
        InputError: the file is damaged or of another kind.

    Examples:
        >>> import tempfile
        >>> from ecg_tf.data.packed import PackedRecords, pack
        >>> from ecg_tf.data.prepare import prepare
        >>> from ecg_tf.data.synthetic import write_folder
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_folder(f"{folder}/ptbxl", records=20)
        ...     _ = prepare(f"{folder}/ptbxl", f"{folder}/data")
        ...     pack(f"{folder}/data", f"{folder}/data.npz")
        ...     packed = PackedRecords(f"{folder}/data.npz")
        ...     records = packed.read("dev", leads=["V1", "V2"])
        >>> packed.class_names, packed.simulated, records.ecg.shape
        (('MI', 'STTC', 'CD', 'HYP'), True, (1, 1000, 2))
    """

    def __init__(self, file: str | os.PathLike) -> None:
        self._file = Path(file)
        if not self._file.is_file():
            raise InputError(f"{file}: no such file, or no regular one")
        with self._opened() as file:
            names = file.namelist()
            if len(set(names)) < len(names):
                raise InputError(f"{self._file}: a member is repeated, expected each once")
            self._names = frozenset(names)
            self._sums = {}
            if _SUMS in self._names:
                self._sums = parse_json(
                    self._read(file, _SUMS, _MOST_JSON), f"{self._file}: {_SUMS}"
                )
            where = f"{self._file}: {_MANIFEST}"
            self.manifest = parse_json(self._read(file, _MANIFEST, _MOST_JSON), where)
            check_manifest(self.manifest, where)
            self._sizes = {partition: self._size(file, partition) for partition in PARTITIONS}
        self.class_names = tuple(self.manifest["class_names"])
        self.simulated = self.manifest["simulated_records"] > 0
        self.sampling_rate, self.samples = signal_of(self.manifest)

    def read(self, partition: str, leads: Sequence[str] = DEFAULT_LEADS) -> Records:
        """Read all records of a partition; see `PreparedRecords.read`.

        Raises:
            InputError: the partition is unknown or has no records; a lead is unknown or was not
                packed; the file is damaged.
        """
        size = self._sizes[check_partition(partition)]
        lead_indices(leads)
        if not size:
            raise empty_partition(self._file, partition, self.manifest)
        there = [lead for lead in LEADS if _member(partition, f"ecg/{lead}") in self._names]
        if missing := [lead for lead in leads if lead not in there]:
            raise InputError(
                f"{self._file}: packed without {', '.join(missing)}; it has {', '.join(there)}"
            )
        with self._opened() as file:
            for lead in leads:  # before memory is allocated
                member = _member(partition, f"ecg/{lead}")
                check_member_size(file, member, 2 * size * self.samples, self._file)
            arrays = {}
            for name, dtype in _OTHERS.items():
                shape = (size, len(self.class_names)) if name == "labels" else (size,)
                arrays[name] = self._array(file, _member(partition, name), dtype, shape)
            if (member := _member(partition, _STATEMENTS)) in self._names:
                shape = size, len(self.manifest.get("statement_names", ()))
                arrays[_STATEMENTS] = self._array(file, member, np.dtype(np.uint8), shape)
            ecg = allocate((size, self.samples, len(leads)), np.dtype(np.float32))
            for k, lead in enumerate(leads):
                member = _member(partition, f"ecg/{lead}")
                ecg[:, :, k] = to_millivolt(
                    self._array(file, member, _SAMPLE, (size, self.samples))
                )
        records = Records(ecg=ecg, leads=tuple(leads), **arrays)
        check_records(records, partition, self.manifest, self._file)
        return records

    def _size(self, file: zipfile.ZipFile, partition: str) -> int:
        """Return the number of labels of a partition; 0 if there are no labels."""
        member, most = _member(partition, "labels"), self.manifest["rows"]["database"]
        if member not in self._names:
            return 0
        content = self._read(file, member, most * len(self.manifest["class_names"]) + MOST_HEADER)
        _, shape, _ = parse_header(content, f"{self._file}: {member}")
        return shape[0] if shape else 0

    def _array(
        self, file: zipfile.ZipFile, member: str, dtype: np.dtype, shape: tuple[int, ...]
    ) -> np.ndarray:
        """Read the array in a member.

        Args:
            file: the open archive.
            member: name of the member.
            dtype: expected dtype.
            shape: expected shape.

        Raises:
            InputError: the dtype, the shape or the size of the member differs.
        """
        content = self._read(file, member, math.prod(shape) * dtype.itemsize + MOST_HEADER)
        return parse_array(content, dtype, shape, f"{self._file}: {member}")

    def _read(self, file: zipfile.ZipFile, member: str, most: int) -> bytes:
        """Read the content of a member, which must not be larger than `most` bytes."""
        content = read_member(file, member, most, self._file)
        if member in self._sums and hashlib.sha256(content).hexdigest() != self._sums[member]:
            raise InputError(
                f"{self._file}: {member}: differs from the packed records: its SHA-256 is not the "
                f"one in {_SUMS}"
            )
        return content

    def _opened(self) -> contextlib.AbstractContextManager[zipfile.ZipFile]:
        return opened(self._file, "a file of packed records (ecg_tf pack)")


def _microvolt_of_lead(records: Records, k: int, where: str) -> np.ndarray:
    """Return all samples of lead `k`, int16 (record, time), a part of the records after another."""
    parts, start = [], 0
    for ecg in chunks(records.ecg):
        ids = records.ecg_id[start : start + len(ecg)]
        parts.append(to_microvolt(ecg[:, :, k], ids, where))
        start += len(ecg)
    return np.concatenate(parts)


def _member(partition: str, name: str) -> str:
    return f"{partition}/{name}.npy"


def _npy(array: np.ndarray) -> bytes:
    content = io.BytesIO()
    np.lib.format.write_array(content, array, allow_pickle=False)
    return content.getvalue()


def _write(file: zipfile.ZipFile, member: str, content: bytes, sums: dict[str, str]) -> None:
    """Write a member, and store its SHA-256 in `sums`."""
    sums[member] = hashlib.sha256(content).hexdigest()
    with file.open(member, "w", force_zip64=True) as out:
        out.write(content)
