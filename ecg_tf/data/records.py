"""Read one WFDB record and check that it is the ECG it should be."""

import dataclasses
import re
from pathlib import Path

import numpy as np
import wfdb

from ecg_tf.errors import RecordError
from ecg_tf.leads import LEADS, SAMPLES, SAMPLING_RATE

SIMULATED_COMMENT = "simulated ECG (ecg_tf)"  # the header comment of a simulated record

_PER_MILLIVOLT = {"mV": 1.0, "uV": 1e-3, "µV": 1e-3, "V": 1e3}
_BARE_NAME = re.compile(r"[\w.-]+")


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

    Args:
        path: the record without ending; `path`.hea is its header. Its signal files must lie
            beside the header: a name with a folder or a URL is refused before it is opened.
        name: what errors call the record; `path` by default.

    Raises:
        RecordError: no such record, a header or signal file that cannot be read, a signal that
            does not match its checksum, a unit that is not a voltage.
    """
    path, name = Path(path), str(name or path)
    header = path.with_name(path.name + ".hea")
    if not header.is_file():
        raise RecordError(f"{name}: no header {header}")
    _check_header(header, name)
    try:
        record = wfdb.rdrecord(str(path), physical=False)
        digital = record.d_signal
    except FileNotFoundError as error:
        raise RecordError(f"{name}: no signal file {error.filename}") from error
    except Exception as error:  # wfdb raises whatever its parsing trips over
        raise RecordError(f"{name}: wfdb cannot read it: {error}") from error
    if digital is None:
        raise RecordError(f"{name}: its header lists no signal")
    _check_sums(record, name)
    try:
        scale = [_PER_MILLIVOLT[unit] for unit in record.units]
    except KeyError as error:
        raise RecordError(f"{name}: unit {error}, expected mV, uV or V") from error
    return Record(
        name=name,
        ecg=record.dac() * scale,
        leads=tuple(lead.upper() for lead in record.sig_name),
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
    """Refuse, before wfdb opens anything, files outside the header's folder and many segments."""
    lines = [line.split() for line in header.read_text("ascii", errors="replace").splitlines()]
    lines = [words for words in lines if words and not words[0].startswith("#")]
    if not lines:
        raise RecordError(f"{name}: its header is empty")
    if "/" in lines[0][0]:
        raise RecordError(f"{name}: a record of several segments, expected a single one")
    for words in lines[1:]:
        if not _BARE_NAME.fullmatch(words[0]):
            raise RecordError(
                f"{name}: its header points to {words[0]!r}, expected a file beside the header"
            )


def _check_sums(record, name):
    """The header's 16-bit checksums find a damaged signal file; old headers may lack them."""
    expected = record.checksum
    if expected is None or any(value is None for value in expected):
        return
    sums = record.d_signal.astype(np.int64).sum(axis=0)
    for lead, found, stated in zip(record.sig_name, sums, expected, strict=True):
        if (found - stated) % 65536:
            raise RecordError(
                f"{name}: lead {lead} sums to {found % 65536}, its header says {stated % 65536}; "
                "the signal file is damaged or truncated"
            )
