"""ECGs of several file kinds and of any sampling rate and length, cut into windows for networks."""

import dataclasses
import os
from collections.abc import Iterator, Sequence

import numpy as np

from ecg_tf.data.ecg_files.array_record import array_record
from ecg_tf.data.ecg_files.csv_record import read_csv
from ecg_tf.data.ecg_files.derived_leads import derivable, with_derived_leads
from ecg_tf.data.ecg_files.dicom_record import read_dicom
from ecg_tf.data.ecg_files.edf_record import read_edf
from ecg_tf.data.ecg_files.file_kinds import ARRAYS, kind_of, wfdb_name
from ecg_tf.data.ecg_files.hdf5_arrays import read_hdf5
from ecg_tf.data.ecg_files.lead_names import lead_names
from ecg_tf.data.ecg_files.matlab_arrays import read_matlab
from ecg_tf.data.ecg_files.numpy_arrays import read_npy, read_npz
from ecg_tf.data.ecg_files.record import Record
from ecg_tf.data.ecg_files.resample import resample, resampled_length
from ecg_tf.data.ecg_files.scp_record import read_scp
from ecg_tf.data.ecg_files.wfdb_record import read_record
from ecg_tf.data.ecg_files.xml_record import read_xml
from ecg_tf.errors import RecordError
from ecg_tf.leads import LEADS, SAMPLES, SAMPLING_RATE
from ecg_tf.plausibility import problem

_ARRAYS = {"NPY": read_npy, "NPZ": read_npz, "MATLAB": read_matlab, "HDF5": read_hdf5}
_DEVICES = {
    "EDF": read_edf,
    "BDF": read_edf,
    "DICOM": read_dicom,
    "SCP-ECG": read_scp,
    "XML": read_xml,
}
_LOWEST_RATE, _HIGHEST_RATE = 50, 20_000  # Hz


@dataclasses.dataclass(frozen=True)
class Window:
    """A part of an ECG, as long as the input of a network.

    Attributes:
        record: name of the record.
        start: time of the first sample, seconds from the beginning of the record.
        of: number of windows of the record.
        duration: duration of the record, seconds.
        sampling_rate: sampling rate of the record, Hz.
        simulated: True if the record is simulated.
        ecg: float32 (time, 12) millivolt, leads in the order of `LEADS`. A lead that the record
            does not have, or has more than once, is NaN throughout.
        ecg_rate: sampling rate of `ecg`, Hz.

    Examples:
        >>> import numpy as np
        >>> from ecg_tf.data.any_ecg import Window
        >>> ecg = np.zeros((1000, 12), np.float32)
        >>> Window("a", 10, of=3, duration=31.5, sampling_rate=500, simulated=False, ecg=ecg).name
        'a, 10-20 s'
    """

    record: str
    start: float
    of: int
    duration: float
    sampling_rate: float
    simulated: bool
    ecg: np.ndarray = dataclasses.field(repr=False)
    ecg_rate: int = SAMPLING_RATE

    @property
    def seconds(self) -> float:
        """Duration of the window, seconds; an int if it is a whole number."""
        return _quotient(len(self.ecg), self.ecg_rate)

    @property
    def name(self) -> str:
        """Name of the record, followed by the time of the window if the record has several."""
        return _window_name(self.record, self.start, self.of, self.seconds)


def read_any(
    path: str | os.PathLike,
    sampling_rate: float | None = None,
    unit: str | None = None,
    lead_names: Sequence[str] | None = None,
    derive_leads: bool = False,
) -> Record:
    r"""Read an ECG of any kind of file: see `ecg_tf.data.ecg_files.file_kinds.READABLE`.

    A file is recognised by its content, or by its ending if the content has no mark of its kind. A
    WFDB record may be named with or without its ending (.hea, .dat, .mat).

    Args:
        path: the file.
        sampling_rate: Hz, for a CSV file or arrays that do not state it; ignored for other kinds.
        unit: unit, such as "mV", for a CSV file or arrays that do not state it; ignored for other
            kinds. See `ecg_tf.data.ecg_files.units.millivolt`.
        lead_names: names of the leads in order, for arrays that do not state them; ignored for
            other kinds. See `array_record`.
        derive_leads: True to compute missing limb leads from I and II (`with_derived_leads`).

    Returns:
        A `Record`.

    Raises:
        RecordError: the file cannot be read.
        InputError: a package that reads such files is not installed.

    Examples:
        >>> import pathlib, tempfile
        >>> from ecg_tf.data.any_ecg import read_any
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = pathlib.Path(folder) / "ecg.csv"
        ...     _ = file.write_text("I,II\n0.1,0.2\n0.3,0.4\n")
        ...     record = read_any(file, sampling_rate=500, unit="mV")
        >>> record.leads, record.ecg.tolist()
        (('I', 'II'), [[0.1, 0.2], [0.3, 0.4]])
    """
    kind = kind_of(path)
    if kind == "WFDB":
        record = read_record(wfdb_name(path))
    elif kind == "CSV":
        record = read_csv(path, sampling_rate, unit)
    elif kind in ARRAYS:
        record = array_record(path, _ARRAYS[kind](path), sampling_rate, unit, lead_names)
    else:
        record = _DEVICES[kind](path)
    return with_derived_leads(record) if derive_leads else record


def read_12_leads(path: str | os.PathLike, **how: object) -> Record:
    """Read a record and keep only signals that are one of the 12 leads.

    Args:
        path: the file.
        **how: further arguments of `read_any`.

    Returns:
        A `Record` with standard lead names, those of `LEADS`.
    """
    record = read_any(path, **how)
    found = lead_names(record.leads)
    columns = [k for k, name in enumerate(found) if name in LEADS]
    leads = tuple(found[k] for k in columns)
    return dataclasses.replace(record, ecg=record.ecg[:, columns], leads=leads)


def windows(
    record: Record,
    leads: Sequence[str],
    sampling_rate: int = SAMPLING_RATE,
    samples: int = SAMPLES,
) -> Iterator[Window | RecordError]:
    """Split a record into windows as long as the input of a network; drop a shorter remainder.

    Leads are found by name (`lead_names`), and the whole record is resampled (`resample`) before it
    is split. A record of the length and the sampling rate of the network is one window with exactly
    the values of its file.

    Args:
        record: a `Record`.
        leads: names of the leads that the network takes. The record must have each of them once.
        sampling_rate: sampling rate that the network takes, Hz.
        samples: number of samples that the network takes.

    Yields:
        In order of time, a `Window`, or a RecordError for a window in which one of `leads` cannot
        be an ECG (see `ecg_tf.plausibility`). The error is not raised, so that the other windows
        can be used.

    Raises:
        RecordError: one of `leads` is missing or repeated, the record is shorter than a window, or
            its sampling rate is not within 50 and 20,000 Hz.

    Examples:
        >>> import numpy as np
        >>> from ecg_tf.data.any_ecg import windows
        >>> from ecg_tf.data.ecg_files.record import Record
        >>> time = np.arange(25 * 500) / 500  # 25 s at 500 Hz
        >>> ecg = np.sin(2 * np.pi * np.outer(time, [1, 2]))
        >>> record = Record("r", ecg, ("I", "II"), sampling_rate=500.0, simulated=False)
        >>> [(window.name, window.ecg.shape) for window in windows(record, ["I", "II"])]
        [('r, 0-10 s', (1000, 12)), ('r, 10-20 s', (1000, 12))]
    """
    name, rate = record.name, record.sampling_rate
    if not _LOWEST_RATE <= rate <= _HIGHEST_RATE:
        raise RecordError(f"{name}: {rate:g} Hz, expected {_LOWEST_RATE} to {_HIGHEST_RATE} Hz")
    columns = _columns(record, leads)
    places = [LEADS.index(lead) for lead in columns]
    recorded = record.ecg[:, list(columns.values())]
    duration, seconds = len(recorded) / rate, _quotient(samples, sampling_rate)
    count = resampled_length(len(recorded), rate, sampling_rate) // samples
    if not count:
        raise RecordError(f"{name}: {duration:.3f} s of ECG, expected at least {seconds:.6g} s")
    resampled = resample(recorded, rate, sampling_rate)
    for k in range(count):
        ecg = np.full((samples, len(LEADS)), np.nan, np.float32)
        ecg[:, places] = resampled[k * samples : (k + 1) * samples]
        start = _quotient(k * samples, sampling_rate)
        original = recorded[round(start * rate) : round((start + seconds) * rate)]
        refused = _problem(dict(zip(columns, original.T, strict=True)), ecg, leads, seconds)
        if refused:
            yield RecordError(f"{_window_name(name, start, count, seconds)}: {refused}")
        else:
            yield Window(name, start, count, duration, rate, record.simulated, ecg, sampling_rate)


def _columns(record: Record, leads: Sequence[str]) -> dict[str, int]:
    """Return {lead: column} of the leads of `LEADS` that the record has exactly once.

    Raises:
        RecordError: one of `leads` is not among them.
    """
    found = lead_names(record.leads)
    missing = [lead for lead in leads if lead not in found]
    repeated = [lead for lead in leads if found.count(lead) > 1]
    if missing or repeated:
        problems = (("missing", missing), ("more than once:", repeated))
        derived = missing and set(missing) <= set(derivable(found))
        raise RecordError(
            f"{record.name}: "
            + ", ".join(f"{words} {' '.join(names)}" for words, names in problems if names)
            + f"; found {' '.join(found)}, expected {' '.join(leads)}, the network's input"
            + ("; -derive_leads computes the missing ones from I and II" if derived else "")
        )
    return {lead: found.index(lead) for lead in LEADS if found.count(lead) == 1}


def _problem(
    original: dict[str, np.ndarray], ecg: np.ndarray, leads: Sequence[str], seconds: float
) -> str | None:
    """Describe the first problem of a window; None if there is no problem.

    Args:
        original: {lead: its samples before resampling}.
        ecg: (time, 12), the input of the network.
        leads: leads to check.
        seconds: duration of both.
    """
    # Both are checked: resampling smooths flat or clipped parts and spreads missing samples.
    for lead in leads:
        for samples in original[lead], ecg[:, LEADS.index(lead)]:
            found = problem(samples, lead, seconds)
            if found:
                return found
    return None


def _window_name(record: str, start: float, count: int, seconds: float) -> str:
    return record if count == 1 else f"{record}, {start:.10g}-{start + seconds:.10g} s"


def _quotient(samples: int, sampling_rate: int) -> float:
    """The duration of samples, seconds; an int if it is a whole number."""
    whole, rest = divmod(samples, sampling_rate)
    return samples / sampling_rate if rest else whole
