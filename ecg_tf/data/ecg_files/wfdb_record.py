"""Reading and checking WFDB records."""

import itertools
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ecg_tf.data.ecg_files.lead_names import lead_names
from ecg_tf.data.ecg_files.record import Record
from ecg_tf.data.ecg_files.units import VOLTAGES, millivolt
from ecg_tf.data.ecg_files.wfdb_header import Header, Signal, parse_header
from ecg_tf.data.ecg_files.wfdb_samples import MISSING, read_signals
from ecg_tf.errors import InputError, RecordError, quoted
from ecg_tf.files import check_inside, read_bytes
from ecg_tf.leads import LEADS, SAMPLES, SAMPLING_RATE

SIMULATED_COMMENT = "simulated ECG (ecg_tf)"  # the header comment of a simulated record

_LARGEST_HEADER = 2**20  # bytes
_LARGEST_STEP = 10  # mV: coarser than any ECG


def read_record(path: str | os.PathLike, name: str | None = None) -> Record:
    """Read a single-segment WFDB record with any leads, sampling rate, length and voltage unit.

    A signal file may be a .mat file (format 16+24), as in the PhysioNet challenges. If signals have
    several samples per frame, the record has the sampling rate of its leads, and other signals with
    another rate are dropped; leads of different rates are averaged over each frame. Skew is
    corrected: the missing end of a late signal is NaN.

    Args:
        path: the record without its ending; `path`.hea is the header, or a link to one. The signal
            files must be in the folder of the header. A signal file named with a folder or a URL,
            or a link that leads out of the folder, is refused before it is opened.
        name: name of the record in errors. Default: `path`.

    Returns:
        A `Record`.

    Raises:
        RecordError: the record does not exist, its header or a signal file cannot be read, a signal
            does not match its checksum, or a lead has no calibration or a unit that is not a
            voltage.

    Examples:
        >>> import pathlib, tempfile
        >>> from ecg_tf.data.ecg_files.wfdb_record import read_record
        >>> from ecg_tf.data.synthetic import write_folder
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_folder(pathlib.Path(folder) / "ptbxl", records=20)
        ...     record = read_record(f"{folder}/ptbxl/records100/00000/00001_lr")
        >>> record.ecg.shape, record.sampling_rate, record.simulated
        ((1000, 12), 100.0, True)
    """
    path, name = Path(path).absolute(), str(name or path)
    file = Path(f"{path}.hea")
    if not os.path.isfile(file):  # noqa: PTH113 - Path.is_file raises where a name is too long
        raise RecordError(f"{name}: no header {file}")
    try:
        header = _read_header(file, name)
        is_lead = [lead in LEADS for lead in lead_names(one.name for one in header.signals)]
        units = [_unit(*of, name) for of in zip(header.signals, is_lead, strict=True)]
        digital = _read_digital(file.resolve().parent, header, name)
    except RecordError:
        raise
    except InputError as error:
        raise RecordError(f"{name}: {error}") from error
    except OSError as error:
        raise RecordError(f"{name}: cannot be read: {error.strerror}") from error
    _check_sums(header, digital, name)
    per_frame = _per_frame(header.signals, is_lead)
    kept = [k for k, signal in enumerate(header.signals) if per_frame in (1, signal.per_frame)]
    ecg = np.empty((per_frame * len(digital[0]) // header.signals[0].per_frame, len(kept)))
    for column, k in zip(ecg.T, kept, strict=True):  # filled lead by lead, to take less memory
        column[:] = _physical(header.signals[k], digital[k], per_frame) * units[k]
    return Record(
        name=name,
        ecg=ecg,
        leads=tuple(header.signals[k].name for k in kept),
        sampling_rate=header.rate * per_frame,
        simulated=SIMULATED_COMMENT in header.comments,
    )


def standard_ecg(
    record: Record, sampling_rate: int = SAMPLING_RATE, samples: int = SAMPLES
) -> np.ndarray:
    """Return the ecg of a PTB-XL record with its leads in the order of `LEADS`.

    Args:
        record: a `Record` with the 12 leads in any order.
        sampling_rate: expected sampling rate, Hz.
        samples: expected number of samples.

    Returns:
        float32 (time, 12) millivolt.

    Raises:
        RecordError: leads are missing, unknown or repeated; the sampling rate or the number of
            samples is another; a sample is not finite.

    Examples:
        >>> import numpy as np
        >>> from ecg_tf.data.ecg_files.record import Record
        >>> from ecg_tf.data.ecg_files.wfdb_record import standard_ecg
        >>> from ecg_tf.leads import LEADS
        >>> record = Record("r", np.zeros((1000, 12)), LEADS[::-1], 100.0, simulated=False)
        >>> standard_ecg(record).shape
        (1000, 12)
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
    if record.sampling_rate != sampling_rate:
        raise RecordError(f"{name}: {record.sampling_rate:g} Hz, expected {sampling_rate} Hz")
    if len(record.ecg) != samples:
        raise RecordError(f"{name}: {len(record.ecg)} samples, expected {samples}")
    ecg = record.ecg[:, [found.index(lead) for lead in LEADS]].astype(np.float32)
    finite = np.isfinite(ecg).all(axis=0)
    if not finite.all():
        bad = [lead for lead, good in zip(LEADS, finite, strict=True) if not good]
        raise RecordError(f"{name}: samples that are not finite in {' '.join(bad)}")
    return ecg


def _read_header(file: Path, name: str) -> Header:
    """Read the `Header` in a file, which may be a link to another header."""
    if file.resolve().suffix.lower() != ".hea":
        raise RecordError(f"{name}: its header is a link to a file whose name does not end in .hea")
    return parse_header(read_bytes(file, _LARGEST_HEADER), name, file.stem)


def _unit(signal: Signal, is_lead: bool, name: str) -> float:
    """Return the size of a signal's unit in millivolt; 1 if it is neither a lead nor a voltage."""
    unit = millivolt(signal.unit)
    if not is_lead:
        return unit or 1.0
    if unit is None:
        raise RecordError(
            f"{name}: lead {signal.name}: unit {quoted(signal.unit)}, expected {VOLTAGES}"
        )
    if not signal.gain:
        raise RecordError(
            f"{name}: lead {signal.name} is not calibrated: its header gives no gain, or 0; "
            "expected steps per mV, such as 1000/mV"
        )
    if unit / abs(signal.gain) > _LARGEST_STEP:
        raise RecordError(
            f"{name}: lead {signal.name} has steps of {unit / abs(signal.gain):g} mV, "
            f"expected at most {_LARGEST_STEP} mV"
        )
    return unit


def _read_digital(folder: Path, header: Header, name: str) -> list[np.ndarray]:
    """Read the samples of the signal files: a list of int arrays (frames * per_frame,)."""
    groups = [
        (file, list(signals))
        for file, signals in itertools.groupby(header.signals, lambda signal: signal.file)
    ]
    files = [file for file, _ in groups]
    if len(set(files)) < len(files):
        raise RecordError(f"{name}: its header does not list the signals of a file together")
    digital = []
    for file, signals in groups:
        path = folder / file
        check_inside(folder, path, f"signal file {file}")
        if not path.is_file():
            raise RecordError(f"{name}: no signal file {path}")
        digital += read_signals(path, signals, header.frames, name)
    per_frame = [signal.per_frame for signal in header.signals]
    # Files may differ in length if the header does not state the number of frames.
    frames = min(len(found) // of for found, of in zip(digital, per_frame, strict=True))
    for signal in header.signals:
        if signal.skew >= frames:
            raise RecordError(
                f"{name}: signal {signal.name[:20]} is skewed by {signal.skew} of {frames} frames"
            )
    return [found[: frames * of] for found, of in zip(digital, per_frame, strict=True)]


def _check_sums(header: Header, digital: list[np.ndarray], name: str) -> None:
    """Compare the samples with the 16-bit checksums of the header, which old headers may lack.

    A checksum is the sum of the samples in the file, before frames are averaged or skew is
    corrected. If the header does not state the number of frames, 0 stands for an unknown checksum.
    """
    for signal, samples in zip(header.signals, digital, strict=True):
        stated = signal.checksum
        if stated is None or (header.frames is None and not stated):
            continue
        found = int(samples.sum(dtype=np.int64))
        if (found - stated) % 65536:
            raise RecordError(
                f"{name}: lead {signal.name[:20]} sums to {found % 65536}, its header states "
                f"{stated % 65536}; the header or the signal file is damaged"
            )


def _per_frame(signals: Sequence[Signal], is_lead: list[bool]) -> int:
    """Return the number of samples per frame of the leads, or 1 if the leads differ in it."""
    found = {signal.per_frame for signal in itertools.compress(signals, is_lead)}
    found = found or {signal.per_frame for signal in signals}
    return found.pop() if len(found) == 1 else 1


def _physical(signal: Signal, digital: np.ndarray, per_frame: int) -> np.ndarray:
    """Return a signal, float64 (time,), in its own unit, `per_frame` samples a frame, unskewed."""
    physical = digital.astype(np.float64)
    physical -= signal.baseline
    with np.errstate(over="ignore"):  # the gain of a signal that is not a lead may be any number
        physical /= signal.gain or np.nan
    physical[digital == MISSING[signal.format]] = np.nan
    if signal.per_frame != per_frame:
        physical = physical.reshape(-1, signal.per_frame).mean(axis=1)
    if signal.skew:
        late = signal.skew * per_frame
        physical = np.append(physical[late:], np.full(late, np.nan))
    return physical
