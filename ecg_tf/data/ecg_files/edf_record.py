"""Reading an ECG from an EDF, EDF+, BDF or BDF+ file by edfio.

References:
    Kemp and Olivan, European data format 'plus' (EDF+), an EDF alike standard format for the
    exchange of physiological data, 2003. https://doi.org/10.1016/S1388-2457(03)00123-8
"""

import io
import os

from ecg_tf.data.ecg_files.lead_names import lead_names
from ecg_tf.data.ecg_files.numpy_arrays import content_of
from ecg_tf.data.ecg_files.record import Record, record_of_leads
from ecg_tf.data.ecg_files.units import VOLTAGES, millivolt
from ecg_tf.errors import InputError, RecordError, quoted
from ecg_tf.extras import import_extra
from ecg_tf.leads import LEADS

_HEADER = 256  # bytes of the header, and of its part for each signal
_BDF = b"\xff"  # the first byte


def read_edf(path: str | os.PathLike) -> Record:
    """Read an EDF or BDF file.

    Only the leads are read, those whose label is the name of one of the 12 leads; in a file without
    any, all signals. The names, units, calibration and sampling rate are those of the file.

    Args:
        path: the file.

    Returns:
        A `Record`.

    Raises:
        RecordError: the file cannot be read, is damaged, incomplete or discontinuous (EDF+D), its
            leads differ in their sampling rate, or a lead has no calibration or a unit that is not
            a voltage.
        InputError: edfio is not installed.
    """
    content = content_of(path)
    edfio = import_extra("edfio", "formats")
    try:
        _check(path, content)
        read = edfio.read_bdf if content.startswith(_BDF) else edfio.read_edf
        signals = read(io.BytesIO(content), header_encoding="latin-1").signals
        is_lead = [name in LEADS for name in lead_names(signal.label for signal in signals)]
        signals = [
            signal for signal, one in zip(signals, is_lead, strict=True) if one or not any(is_lead)
        ]
        rates = {signal.sampling_frequency for signal in signals}
        if len(rates) > 1:
            found = " and ".join(f"{rate:g}" for rate in sorted(rates))
            raise RecordError(f"{path}: leads of {found} Hz, expected one sampling rate")
        return record_of_leads(
            path,
            [signal.label for signal in signals],
            [_scale(path, signal) * signal.data for signal in signals],
            next(iter(rates), 0.0),
        )
    except InputError:
        raise
    except Exception as error:  # edfio raises many kinds of errors
        raise RecordError(
            f"{path}: cannot be read as EDF or BDF: {type(error).__name__}: {error!s:.80}"
        ) from error


def _check(path, content):
    """Check that a recording is continuous and as long as its header states.

    edfio takes a recording with interruptions for a continuous one, and shortens a truncated one.
    """
    if content[192:197] in (b"EDF+D", b"BDF+D"):
        raise RecordError(f"{path}: a recording with interruptions (EDF+D), expected one without")
    records, number = int(content[236:244]), int(content[252:256])
    lengths = content[_HEADER + 216 * number : _HEADER + 224 * number]  # samples per data record
    width = sum(int(lengths[8 * k : 8 * k + 8]) for k in range(number))
    width *= 3 if content.startswith(_BDF) else 2
    expected = _HEADER * (number + 1) + width * records
    if records < 1 or len(content) != expected:
        raise RecordError(
            f"{path}: {len(content)} bytes, its header states {expected}; the file is damaged or "
            "incomplete"
        )


def _scale(path, signal):
    """Return the size of a signal's unit in millivolt, after checking its calibration."""
    name, unit = signal.label[:20], signal.physical_dimension
    if signal.digital_min >= signal.digital_max or signal.physical_min == signal.physical_max:
        raise RecordError(
            f"{path}: lead {name} is not calibrated: {signal.physical_min:g} to "
            f"{signal.physical_max:g} {unit} are {signal.digital_min} to {signal.digital_max}"
        )
    scale = millivolt(unit)
    if scale is None:
        raise RecordError(f"{path}: lead {name}: unit {quoted(unit)}, expected {VOLTAGES}")
    return scale
