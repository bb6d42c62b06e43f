"""Packed records: prepared records as one file of arrays, which numpy alone can read.

    manifest.json                what the preparation recorded
    <partition>/ecg/<lead>.npy   int16 (record, 1000) microvolt, unfiltered
    <partition>/labels.npy …     the other arrays of `ecg_tf.data.prepared.Records`

The file is a .npz file (a zip file of .npy files) whose members are compressed by bzip2, which
leaves less of ECGs than numpy's own choice does: 0.45, not 0.64. A partition without records is
left out.
"""

import contextlib
import json
import zipfile
from pathlib import Path

import numpy as np

from ecg_tf.data.partitions import PARTITIONS, check_partition
from ecg_tf.data.prepared import PreparedRecords, Records, empty_partition, room
from ecg_tf.errors import InputError
from ecg_tf.files import replaced_atomically
from ecg_tf.leads import DEFAULT_LEADS, LEADS, SAMPLES, lead_indices
from ecg_tf.places import check_file

_PER_MILLIVOLT = np.float32(1000)
_OTHERS = ("labels", "ecg_id", "patient_id", "age", "sex", "fold")
_STATEMENTS = "statements"  # not of records that were prepared without them


def pack(data, out, leads=LEADS):
    """Pack prepared records; what is read back is equal to them bit by bit.

    Args:
        data: the folder of prepared records.
        out: the file, ending in .npz; written whole or not at all.
        leads: the leads to keep.

    Raises:
        InputError: a file that cannot be written; no prepared records, a sample that is no whole
            number of microvolt or too large for 16 bits, another ending of the file.
    """
    out = Path(out)
    if out.suffix != ".npz":
        raise InputError(f"{out}: expected a file name ending in .npz")
    check_file(out)
    prepared = PreparedRecords(data)
    with (
        replaced_atomically(out) as temporary,
        zipfile.ZipFile(temporary, "w", zipfile.ZIP_BZIP2) as file,
    ):
        file.writestr("manifest.json", json.dumps(prepared.manifest))
        for partition in filter(prepared.size, PARTITIONS):
            records = prepared.read(partition, leads)
            for name in _OTHERS:
                _write(file, _member(partition, name), getattr(records, name))
            if records.statements is not None:
                _write(file, _member(partition, _STATEMENTS), records.statements)
            for k, lead in enumerate(leads):
                where = f"{data}: {partition} partition, lead {lead}"
                samples = _microvolt(records.ecg[:, :, k], records.ecg_id, where)
                _write(file, _member(partition, f"ecg/{lead}"), samples)


class PackedRecords:
    """A file of packed records.

    Args:
        file: the file that was bin/pack.py's `-out`.

    Attributes:
        manifest: what the preparation recorded (`ecg_tf.data.ptb_xl.Builder`).
        class_names: the classes, in the order of the labels.
        simulated: True where any record is simulated.

    Raises:
        InputError: a file of another kind, or a damaged one.
    """

    def __init__(self, file):
        self._file = Path(file)
        with self._opened() as file:
            self._names = frozenset(file.namelist())
            self.manifest = json.loads(file.read("manifest.json"))
            self.class_names = tuple(self.manifest["class_names"])
            self.simulated = self.manifest["simulated_records"] > 0

    def read(self, partition, leads=DEFAULT_LEADS):
        """All `Records` of a partition with the chosen leads; see `PreparedRecords.read`.

        Raises:
            InputError: an unknown partition, one without records, an unknown lead or one that was
                not packed; a damaged file.
        """
        check_partition(partition)
        lead_indices(leads)
        if _member(partition, "labels") not in self._names:
            raise empty_partition(self._file, partition, self.manifest)
        there = [lead for lead in LEADS if _member(partition, f"ecg/{lead}") in self._names]
        if missing := [lead for lead in leads if lead not in there]:
            raise InputError(
                f"{self._file}: packed without {', '.join(missing)}; it has {', '.join(there)}"
            )
        with self._opened() as file:
            others = {name: _read(file, _member(partition, name)) for name in _OTHERS}
            if (statements := _member(partition, _STATEMENTS)) in self._names:
                others[_STATEMENTS] = _read(file, statements)
            ecg = room((len(others["labels"]), SAMPLES, len(leads)), np.dtype(np.float32))
            for k, lead in enumerate(leads):
                ecg[:, :, k] = _millivolt(_read(file, _member(partition, f"ecg/{lead}")))
        return Records(ecg=ecg, leads=tuple(leads), **others)

    @contextlib.contextmanager
    def _opened(self):
        try:
            with zipfile.ZipFile(self._file) as file:
                yield file
        # What zipfile, bz2 and numpy raise for a file of another kind or a damaged one.
        except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
            raise InputError(
                f"{self._file}: not a file of packed records (bin/pack.py), or damaged: {error}"
            ) from error


def _member(partition, name):
    return f"{partition}/{name}.npy"


def _write(file, member, array):
    with file.open(member, "w", force_zip64=True) as content:
        np.lib.format.write_array(content, array, allow_pickle=False)


def _read(file, member):
    with file.open(member) as content:
        return np.lib.format.read_array(content, allow_pickle=False)


def _microvolt(ecg, ecg_ids, where):
    """int16 (record, time) of float32 millivolt; an InputError if that loses anything."""
    limits = np.iinfo(np.int16)
    samples = np.clip(np.rint(ecg * _PER_MILLIVOLT), limits.min, limits.max).astype(np.int16)
    lost = np.argwhere(_millivolt(samples) != ecg)
    if len(lost):
        record, sample = lost[0]
        raise InputError(
            f"{where}, ecg_id {ecg_ids[record]}: {ecg[record, sample]!s} mV at sample {sample}, "
            f"expected whole microvolt from {limits.min} to {limits.max}"
        )
    return samples


def _millivolt(samples):
    return np.divide(samples, _PER_MILLIVOLT, dtype=np.float32)
