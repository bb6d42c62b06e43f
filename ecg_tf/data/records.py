"""Read one WFDB record and check that it is the ECG it should be."""

import dataclasses
import re
from pathlib import Path

import numpy as np

from ecg_tf.errors import RecordError
from ecg_tf.leads import LEADS, MILLIVOLT, SAMPLES, SAMPLING_RATE

SIMULATED_COMMENT = "simulated ECG (ecg_tf)"  # the header comment of a simulated record

_BARE_NAME = re.compile(r"[\w.-]+")
_16_BIT = re.compile(r"16(?:\+(\d+))?")  # a format, with the bytes before the first sample
_MICROVOLT = re.compile(rb"/(?:\xc2\xb5|\xce\xbc|\xb5)V\b")  # UTF-8, two characters, or Latin-1


@dataclasses.dataclass(frozen=True)
class Record:
    """One ECG as its file holds it.

    Attributes:
        name: the record's path without ending, as it was asked for; errors begin with it.
        ecg: float64 (time, lead) millivolt; NaN where the file marks a sample as invalid.
        leads: upper-case lead names in the file's order.
        sampling_rate: Hz.
        simulated: True where the header's comments say so.
    """

    name: str
    ecg: np.ndarray
    leads: tuple
    sampling_rate: float
    simulated: bool


def read_record(path, name=None):
    """Read a single-segment WFDB record, whatever its leads, rate, length and voltage unit.

    Its signal file may be a .mat file (format 16+24), as in the PhysioNet challenges.

    Args:
        path: the record without ending; `path`.hea is its header. Its signal files must lie
            beside the header: a name with a folder or a URL is refused before it is opened.
        name: what errors call the record; `path` by default.

    Raises:
        RecordError: no such record, a header or signal file that cannot be read, a signal that
            does not match its checksum, a unit that is not a voltage.
    """
    path, name = Path(path).absolute(), str(name or path)
    header = Path(f"{path}.hea")
    if "::" in str(path):
        raise RecordError(f"{name}: '::' in its path, which wfdb would take for an address")
    if not header.is_file():
        raise RecordError(f"{name}: no header {header}")
    signals = _check_header(header, name)
    import wfdb

    try:
        record = wfdb.rdrecord(str(path), physical=False)
    except Exception as error:  # wfdb raises whatever its parsing trips over
        raise RecordError(f"{name}: wfdb cannot read it: {error}") from error
    _check_sums(record, name)
    units = _units(record, signals)
    unknown = sorted(set(units) - set(MILLIVOLT))
    if unknown:
        raise RecordError(f"{name}: unit {', '.join(unknown)}, expected {', '.join(MILLIVOLT)}")
    return Record(
        name=name,
        ecg=record.dac() * [MILLIVOLT[unit] for unit in units],
        leads=tuple((lead or "?").upper() for lead in record.sig_name),
        sampling_rate=float(record.fs),
        simulated=SIMULATED_COMMENT in record.comments,
    )


def standard_ecg(record):
    """The ecg of a PTB-XL record: float32 (1000, 12) millivolt, leads in the order of `LEADS`.

    Leads are found by name, so any order in the file will do.

    Raises:
        RecordError: missing, further or repeated leads; another rate or length than 100 Hz and
            1000 samples; a sample that is not finite.
    """
    name, found = record.name, record.leads
    if sorted(found) != sorted(LEADS):
        missing = [lead for lead in LEADS if lead not in found]
        other = [lead for k, lead in enumerate(found) if lead not in LEADS or lead in found[:k]]
        raise RecordError(
            f"{name}: {len(found)} leads ({' '.join(found)}), expected the 12 of PTB-XL"
            + (f"; missing {' '.join(missing)}" if missing else "")
            + (f"; unknown or repeated {' '.join(other)}" if other else "")
        )
    if record.sampling_rate != SAMPLING_RATE:
        raise RecordError(f"{name}: {record.sampling_rate:g} Hz, expected {SAMPLING_RATE} Hz")
    if len(record.ecg) != SAMPLES:
        raise RecordError(f"{name}: {len(record.ecg)} samples, expected {SAMPLES}")
    ecg = record.ecg[:, [found.index(lead) for lead in LEADS]].astype(np.float32)
    finite = np.isfinite(ecg).all(axis=0)
    if not finite.all():
        bad = [lead for lead, good in zip(LEADS, finite, strict=True) if not good]
        raise RecordError(f"{name}: samples that are not finite in {' '.join(bad)}")
    return ecg


def _check_header(header, name):
    """Refuse, before wfdb opens a signal file, what wfdb would follow, guess or get wrong.

    Returns:
        The words of each signal's line, µV written uV.
    """
    try:
        content = header.read_bytes()
    except OSError as error:
        raise RecordError(f"{name}: cannot read {header}: {error.strerror}") from error
    text = _MICROVOLT.sub(b"/uV", content).decode("ascii", errors="replace")
    lines = [line.strip() for line in text.splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")]
    if not lines:
        raise RecordError(f"{name}: its header is empty")
    for line in lines:
        if not line.isascii():  # wfdb drops such a character, and the rest may mean something else
            raise RecordError(f"{name}: its header has {line!r}, expected ASCII")
    (record, *counts), *signals = (line.split() for line in lines)
    if "/" in record:
        raise RecordError(f"{name}: a record of several segments, expected a single one")
    if not signals or counts[:1] != [str(len(signals))]:
        raise RecordError(
            f"{name}: its header begins {lines[0]!r} and describes {len(signals)} signals"
        )
    if not counts[1:]:  # wfdb would take it for 250 Hz
        raise RecordError(f"{name}: its header begins {lines[0]!r}, without a sampling rate")
    for file in dict.fromkeys(words[0] for words in signals):
        if not _BARE_NAME.fullmatch(file):
            raise RecordError(
                f"{name}: its header points to {file!r}, expected a file beside the header"
            )
        if not header.with_name(file).is_file():
            raise RecordError(f"{name}: no signal file {header.with_name(file)}")
    _check_size(header, counts, signals, name)
    return signals


def _check_size(header, counts, signals, name):
    """A 16-bit signal file, PTB-XL's format, is at least as long as its header says."""
    files = {tuple(words[:2]) for words in signals}  # (name, format)
    samples = counts[2] if len(counts) > 2 else ""
    (file, *form), *others = files
    match = _16_BIT.fullmatch("".join(form))
    if others or not match or not samples.isdecimal():
        return  # wfdb finds out
    path = header.with_name(file)
    found = path.stat().st_size
    expected = int(match[1] or 0) + 2 * len(signals) * int(samples)
    if found < expected:
        raise RecordError(f"{name}: {path.name} holds {found} bytes, expected {expected}")


def _units(record, signals):
    """The unit of each signal; wfdb drops a micro sign and so reads µV as V."""
    return [
        "uV" if words[2:] and words[2].endswith("/uV") else unit
        for words, unit in zip(signals, record.units, strict=True)
    ]


def _check_sums(record, name):
    """The header's 16-bit checksums find a damaged signal file; old headers may lack them."""
    sums = record.d_signal.sum(axis=0, dtype=np.int64)
    for lead, found, stated in zip(record.sig_name, sums, record.checksum, strict=True):
        if stated is not None and (found - stated) % 65536:
            raise RecordError(
                f"{name}: lead {lead} sums to {found % 65536}, its header says {stated % 65536}; "
                "the header or the signal file is damaged"
            )
