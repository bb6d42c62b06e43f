"""The ECG of a record as a data set stores it: chosen leads, one sampling rate and length."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ecg_tf.data.any_ecg import read_any
from ecg_tf.data.ecg_files.derived_leads import derivable, with_derived_leads
from ecg_tf.data.ecg_files.file_kinds import SIDECAR, wfdb_name
from ecg_tf.data.ecg_files.lead_names import lead_names
from ecg_tf.data.ecg_files.record import Record
from ecg_tf.data.ecg_files.resample import resample, resampled_length
from ecg_tf.data.ecg_files.wfdb_record import read_record, standard_ecg
from ecg_tf.data.microvolt import rounded_microvolt, to_millivolt
from ecg_tf.errors import InputError, RecordError
from ecg_tf.files import check_inside
from ecg_tf.leads import LEADS, SAMPLES, SAMPLING_RATE, check_signal, lead_indices
from ecg_tf.plausibility import HIGHEST_RANGE, LOWEST_RANGE

# Worker processes import this module, so it does not import TensorFlow.

_LOWEST_RATE, _HIGHEST_RATE = 50, 20_000  # Hz, of files
_WFDB_FILES = (".hea", ".dat", ".mat")


@dataclasses.dataclass(frozen=True)
class Signal:
    """The ECGs of a data set.

    Args:
        leads: names of the leads, in any order; they are stored in the order of `LEADS`.
        sampling_rate: Hz.
        samples: number of samples.
        reading: further arguments of `read_any`, such as the unit of files that do not state it.

    Raises:
        InputError: a lead is unknown, or the sampling rate or the length is out of its range.

    Examples:
        >>> from ecg_tf.data.tables.stored_ecg import Signal
        >>> Signal(leads=("II", "I")).leads
        ('I', 'II')
    """

    leads: tuple[str, ...] = LEADS
    sampling_rate: int = SAMPLING_RATE
    samples: int = SAMPLES
    reading: Mapping[str, object] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        places = sorted(lead_indices(self.leads))
        object.__setattr__(self, "leads", tuple(LEADS[place] for place in places))
        check_signal(self.sampling_rate, self.samples)


class ReadECG(NamedTuple):
    """An ECG that was read.

    Attributes:
        ecg: int16 (time, lead) microvolt, see `stored_ecg`; of `read_ptb_xl`, float32 millivolt.
        simulated: True if the file states that the ECG is simulated.
        sampling_rate: sampling rate of the file, Hz.
        derived: True if leads were computed from I and II.
    """

    ecg: np.ndarray
    simulated: bool
    sampling_rate: float
    derived: bool

    @property
    def millivolt(self) -> np.ndarray:
        """float32 (time, lead)."""
        return to_millivolt(self.ecg) if self.ecg.dtype == np.int16 else self.ecg


def read_ecg(folder: Path, record: str, signal: Signal) -> ReadECG:
    """Read a record of a data set.

    Args:
        folder: the folder of the data set.
        record: path of the record, relative to `folder`.
        signal: the ECG to store.

    Returns:
        The `ReadECG`.

    Raises:
        RecordError: the record cannot be read or stored, or a link leads out of `folder`.
    """
    path = folder / record
    for file in files_of(path):
        try:
            check_inside(folder, file)
        except InputError as error:
            raise RecordError(str(error)) from error
    try:
        read = read_any(path, **{**signal.reading, "derive_leads": False})
    except RecordError as error:  # here, the sampling rate to store has the shorter name
        message = str(error).replace(" -sampling_rate", " -file_sampling_rate")
        raise RecordError(message.replace("(-sampling_rate", "(-file_sampling_rate")) from error
    found = lead_names(read.leads)
    needed = set(derivable(found)) & set(signal.leads) if signal.reading.get("derive_leads") else ()
    if needed:
        read = with_derived_leads(read)
    return ReadECG(
        stored_ecg(read, signal), read.simulated, read.sampling_rate, derived=bool(needed)
    )


def read_ptb_xl(folder: Path, record: str) -> ReadECG:
    """Read a record of PTB-XL at 100 Hz without rounding it.

    Args:
        folder: the folder of PTB-XL.
        record: path of the record, relative to `folder`.

    Returns:
        The `ReadECG`.

    Raises:
        RecordError: the record cannot be read, it is not as `standard_ecg` expects it, or a link
            leads out of `folder`.
    """
    for file in (f"{record}.hea", f"{record}.dat"):
        try:
            check_inside(folder, folder / file, file)
        except InputError as error:
            raise RecordError(str(error)) from error
    read = read_record(folder / record, name=record)
    return ReadECG(standard_ecg(read), read.simulated, read.sampling_rate, derived=False)


def stored_ecg(record: Record, signal: Signal) -> np.ndarray:
    """Return the beginning of a record, resampled and rounded to whole microvolt.

    Args:
        record: a `Record`.
        signal: the ECG to store.

    Returns:
        int16 (time, lead) microvolt.

    Raises:
        RecordError: a lead is missing or there twice, the record is too short, its sampling rate is
            not within 50 and 20,000 Hz, a sample is missing, or the values cannot be millivolt.

    Examples:
        >>> import numpy as np
        >>> from ecg_tf.data.ecg_files.record import record_of_leads
        >>> from ecg_tf.data.tables.stored_ecg import Signal, stored_ecg
        >>> wave = np.sin(2 * np.pi * np.arange(6000) / 500)  # 12 s at 500 Hz
        >>> record = record_of_leads("ecg.xml", ["II", "I"], np.stack([wave, 2 * wave]), 500)
        >>> ecg = stored_ecg(record, Signal(leads=("I", "II")))
        >>> ecg.shape, ecg.dtype, ecg.max(axis=0).tolist()
        ((1000, 2), dtype('int16'), [2000, 1000])
    """
    name, rate = record.name, record.sampling_rate
    if not _LOWEST_RATE <= rate <= _HIGHEST_RATE:
        raise RecordError(f"{name}: {rate:g} Hz, expected {_LOWEST_RATE} to {_HIGHEST_RATE} Hz")
    ecg = record.ecg[:, _columns(record, signal.leads)]
    if resampled_length(len(ecg), rate, signal.sampling_rate) < signal.samples:
        seconds = signal.samples / signal.sampling_rate
        raise RecordError(
            f"{name}: {len(ecg) / rate:.6g} s of ECG, expected at least {seconds:g} s (-seconds)"
        )
    ecg = resample(ecg, rate, signal.sampling_rate)[: signal.samples]
    missing = np.count_nonzero(~np.isfinite(ecg), axis=0)
    if missing.any():
        lead = signal.leads[int(np.argmax(missing > 0))]
        raise RecordError(
            f"{name}: {missing.max()} of {len(ecg)} samples of {lead} are missing or not finite"
        )
    _check_ranges(name, np.ptp(ecg, axis=0), signal.leads)
    return rounded_microvolt(ecg, name)


def _columns(record: Record, leads: tuple[str, ...]) -> list[int]:
    found = lead_names(record.leads)
    missing = [lead for lead in leads if lead not in found]
    repeated = [lead for lead in leads if found.count(lead) > 1]
    if repeated:
        raise RecordError(f"{record.name}: more than once: {' '.join(repeated)}")
    if missing:
        kept = [lead for lead in leads if lead in found]
        hint = f"-leads {','.join(kept)} prepares these only" if kept else "expected one of them"
        if set(missing) <= set(derivable(found)):
            hint = "-derive_leads computes the missing ones from I and II"
        raise RecordError(
            f"{record.name}: missing {' '.join(missing)}; found {' '.join(found)}; {hint}"
        )
    return [found.index(lead) for lead in leads]


def _check_ranges(name: str, ranges: np.ndarray, leads: tuple[str, ...]) -> None:
    """Raise a RecordError for an ECG that cannot be in millivolt. Single leads may be flat."""
    if ranges.max() > HIGHEST_RANGE:
        raise RecordError(
            f"{name}: lead {leads[ranges.argmax()]} has a range of {ranges.max():.4g} mV, expected "
            f"at most {HIGHEST_RANGE:g} mV: are the unit and the gain right, and are missing "
            "samples marked by a number?"
        )
    if ranges.max() < LOWEST_RANGE:
        raise RecordError(
            f"{name}: no lead has a range of more than {ranges.max():.2g} mV, expected at least "
            f"{LOWEST_RANGE:g} mV: are the unit and the gain right?"
        )


def files_of(path: Path) -> list[Path]:
    """Return the paths of the files that a record may consist of; some of them may not exist."""
    stem = wfdb_name(path)
    of_wfdb = [Path(f"{stem}{ending}") for ending in _WFDB_FILES]
    return [path, *of_wfdb, path.with_suffix(SIDECAR)]


def size_and_time(file: Path) -> list[int] | None:
    """Return the size of a file and the time of its last change; None for a missing file."""
    try:
        status = os.stat(file)  # noqa: PTH116 - quicker, of many files
    except OSError:
        return None
    return [status.st_size, status.st_mtime_ns]
