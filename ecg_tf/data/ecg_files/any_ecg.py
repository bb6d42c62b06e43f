"""ECGs as they come: files of several kinds, any rate and length, cut into what networks take."""

import dataclasses

import numpy as np

from ecg_tf.data.ecg_files.csv_record import read_csv
from ecg_tf.data.ecg_files.file_kinds import check_readable, is_csv, wfdb_name
from ecg_tf.data.ecg_files.lead_names import lead_names
from ecg_tf.data.ecg_files.resample import resample, resampled_length
from ecg_tf.data.ecg_files.wfdb_record import read_record
from ecg_tf.errors import RecordError
from ecg_tf.leads import LEADS, SAMPLES, SAMPLING_RATE
from ecg_tf.plausibility import problem

SECONDS = SAMPLES // SAMPLING_RATE
_LOWEST_RATE, _HIGHEST_RATE = 50, 20_000  # Hz


@dataclasses.dataclass(frozen=True)
class Window:
    """10 s of an ECG.

    Attributes:
        record: the name of its record.
        start: its first sample, seconds from the beginning of the record.
        of: how many windows the record has.
        duration: of the record, seconds.
        sampling_rate: of the record, Hz.
        simulated: whether the record is.
        ecg: float32 (1000, 12) millivolt at 100 Hz, leads in the order of `LEADS`; NaN throughout
            where the record does not have a lead, or twice.
    """

    record: str
    start: int
    of: int
    duration: float
    sampling_rate: float
    simulated: bool
    ecg: np.ndarray = dataclasses.field(repr=False)

    @property
    def name(self):
        """The record's name, with the window's time if there is more than this one."""
        return _window_name(self.record, self.start, self.of)


def read_any(path, sampling_rate=None, unit=None):
    """Read a CSV file, or a WFDB record with or without its ending (.hea, .dat, .mat).

    Args:
        path: the file; a CSV file's name ends in .csv, .tsv, .csv.gz or .tsv.gz.
        sampling_rate: Hz, of a CSV file that does not say it; a WFDB record says its own.
        unit: millivolts or what else, of a CSV file that does not say it: see `read_csv`.

    Returns:
        A `Record`.

    Raises:
        RecordError: it cannot be read; see `check_readable`, `read_csv` and `read_record`.
    """
    check_readable(path)
    if is_csv(path):
        return read_csv(path, sampling_rate, unit)
    return read_record(wfdb_name(path))


def read_12_leads(path, sampling_rate=None, unit=None):
    """Read a record as `read_any` does, without signals that are none of `LEADS`.

    Returns:
        A `Record` whose leads are those of `LEADS` that it has, by these names.
    """
    record = read_any(path, sampling_rate, unit)
    found = lead_names(record.leads)
    columns = [k for k, name in enumerate(found) if name in LEADS]
    leads = tuple(found[k] for k in columns)
    return dataclasses.replace(record, ecg=record.ecg[:, columns], leads=leads)


def windows(record, leads):
    """Cut a record into windows of 10 s from its beginning; a shorter rest is left out.

    A record of 12 leads, 100 Hz and 10 s is one window, with the very numbers of its file.
    Otherwise leads are found by name (`lead_names`) and the whole record is resampled
    (`resample`) before it is cut.

    Args:
        record: a `Record`.
        leads: names of the leads that must be there, each once, and may be an ECG.

    Yields:
        In order of time a `Window`, or, where a lead of `leads` cannot be an ECG (see
        `ecg_tf.plausibility`), a RecordError (not raised, so that the other windows go on).

    Raises:
        RecordError: a lead of `leads` missing or repeated, a record shorter than 10 s, a sampling
            rate that is none.
    """
    name, rate = record.name, record.sampling_rate
    if not _LOWEST_RATE <= rate <= _HIGHEST_RATE:
        raise RecordError(f"{name}: {rate:g} Hz, expected {_LOWEST_RATE} to {_HIGHEST_RATE} Hz")
    columns = _columns(record, leads)
    places = [LEADS.index(lead) for lead in columns]
    recorded = record.ecg[:, list(columns.values())]
    duration = len(recorded) / rate
    count = resampled_length(len(recorded), rate) // SAMPLES
    if not count:
        raise RecordError(f"{name}: {duration:.3f} s of ECG, expected at least {SECONDS} s")
    resampled = resample(recorded, rate)
    for k in range(count):
        ecg = np.full((SAMPLES, len(LEADS)), np.nan, np.float32)
        ecg[:, places] = resampled[k * SAMPLES : (k + 1) * SAMPLES]
        start = k * SECONDS
        original = recorded[round(start * rate) : round((start + SECONDS) * rate)]
        refused = _problem(dict(zip(columns, original.T, strict=True)), ecg, leads)
        if refused:
            yield RecordError(f"{_window_name(name, start, count)}: {refused}")
        else:
            yield Window(name, start, count, duration, rate, record.simulated, ecg)


def _columns(record, leads):
    """{lead of `LEADS`: its column} of those that are there once.

    Raises:
        RecordError: one of `leads` is not among them.
    """
    found = lead_names(record.leads)
    missing = [lead for lead in leads if lead not in found]
    repeated = [lead for lead in leads if found.count(lead) > 1]
    if missing or repeated:
        problems = (("missing", missing), ("more than once:", repeated))
        raise RecordError(
            f"{record.name}: "
            + ", ".join(f"{words} {' '.join(names)}" for words, names in problems if names)
            + f"; found {' '.join(found)}, expected {' '.join(leads)}, which the network looks at"
        )
    return {lead: found.index(lead) for lead in LEADS if found.count(lead) == 1}


def _problem(original, ecg, leads):
    """What is wrong with a window, or None.

    Args:
        original: {lead: its samples before they were resampled}.
        ecg: (1000, 12) as the network would get it.
        leads: those that matter.
    """
    # Resampling smooths what is flat or clipped, and joins missing samples with their neighbours.
    for lead in leads:
        for samples in original[lead], ecg[:, LEADS.index(lead)]:
            found = problem(samples, lead)
            if found:
                return found
    return None


def _window_name(record, start, count):
    return record if count == 1 else f"{record}, {start}-{start + SECONDS} s"
