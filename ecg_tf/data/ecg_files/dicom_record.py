"""Reading an ECG from a DICOM waveform file by pydicom.

References:
    DICOM PS3.3, C.10.9 Waveform Module, and PS3.16, CID 3001 ECG Leads
"""

import io
import os

import numpy as np

from ecg_tf.data.ecg_files.lead_names import lead_name
from ecg_tf.data.ecg_files.numpy_arrays import content_of
from ecg_tf.data.ecg_files.record import Record, record_of_leads
from ecg_tf.data.ecg_files.scp_leads import SCP_LEADS
from ecg_tf.data.ecg_files.units import VOLTAGES, millivolt
from ecg_tf.errors import InputError, RecordError, quoted
from ecg_tf.extras import import_extra
from ecg_tf.leads import LEADS

_CODES = {"SCPECG": "5.6.3-9-", "MDC": "2:"}  # {scheme: what stands before the number of a lead}
_INTEGERS = ("SB", "UB", "SS", "US", "SL", "UL")  # sample interpretations, all but A-law and µ-law
_SYNTAXES = ("1.2.840.10008.1.2", "1.2.840.10008.1.2.1")  # little-endian, not packed


def read_dicom(path: str | os.PathLike) -> Record:
    """Read the ECG in a DICOM file of waveforms.

    Of several multiplex groups (rhythm, median beat, …), the one with the most of the 12 leads is
    read, and of these the longest. Leads are recognised by their codes (SCP-ECG or MDC), or by the
    meaning of the code. A sample of the padding value is missing; a padding value of 0 is ignored,
    because 0 is also a voltage.

    Args:
        path: the file.

    Returns:
        A `Record`.

    Raises:
        RecordError: the file cannot be read, is damaged, has no waveform, or a lead has no
            sensitivity or a unit that is not a voltage.
        InputError: pydicom is not installed.
    """
    content = content_of(path)
    pydicom = import_extra("pydicom", "formats")
    try:
        data = pydicom.dcmread(io.BytesIO(content))
        syntax = str(data.file_meta.get("TransferSyntaxUID"))
        if syntax not in _SYNTAXES:
            raise RecordError(
                f"{path}: DICOM in the transfer syntax {quoted(syntax, 40)}, expected "
                f"{' or '.join(_SYNTAXES)} (little-endian, not packed)"
            )
        groups = list(data.get("WaveformSequence") or ())
        if not groups:
            raise RecordError(f"{path}: a DICOM file without a waveform")
        names = [[_name(channel) for channel in _channels(group)] for group in groups]
        k = max(range(len(groups)), key=lambda k: (_leads(names[k]), _seconds(groups[k])))
        return _record(path, data, k, names[k])
    except InputError:
        raise
    except Exception as error:  # pydicom raises many kinds of errors
        raise RecordError(
            f"{path}: cannot be read as DICOM: {type(error).__name__}: {error!s:.80}"
        ) from error


def _channels(group):
    return group.get("ChannelDefinitionSequence") or ()


def _leads(names):
    """Return how many of the 12 leads are among the names."""
    return len({lead_name(name) for name in names} & set(LEADS))


def _seconds(group):
    rate = float(group.get("SamplingFrequency") or 0)
    return int(group.get("NumberOfWaveformSamples") or 0) / rate if rate > 0 else 0.0


def _name(channel):
    """Return the name of a channel: of the lead that its code stands for, or of its meaning."""
    source = (channel.get("ChannelSourceSequence") or [{}])[0]
    code = str(source.get("CodeValue") or "")
    prefix = _CODES.get(str(source.get("CodingSchemeDesignator") or ""))
    if prefix and code.startswith(prefix):
        number = code.removeprefix(prefix)
        lead = SCP_LEADS.get(int(number)) if number.isdecimal() else None
        if lead:
            return lead
    return str(source.get("CodeMeaning") or channel.get("ChannelLabel") or code).partition("(")[0]


def _record(path, data, k, names):
    """Return the `Record` of multiplex group `k`."""
    from pydicom.waveforms import multiplex_array

    group = data.WaveformSequence[k]
    if group.get("WaveformSampleInterpretation") not in _INTEGERS:
        raise RecordError(
            f"{path}: samples coded as {quoted(str(group.get('WaveformSampleInterpretation')))}, "
            f"expected {', '.join(_INTEGERS)}"
        )
    digital = multiplex_array(data, k, as_raw=True)
    if digital.shape[1] != len(names):
        raise RecordError(f"{path}: {digital.shape[1]} channels, but {len(names)} described")
    ecg = multiplex_array(data, k, as_raw=False)
    padding = _padding(group, digital.dtype)
    if padding is not None:
        ecg[digital == padding] = np.nan
    scales = [
        _scale(path, name, channel) for name, channel in zip(names, _channels(group), strict=True)
    ]
    return record_of_leads(path, names, (ecg * scales).T, float(group.SamplingFrequency))


def _padding(group, dtype):
    """Return the value of missing samples; None if there is none, or it is 0."""
    value = group.get("WaveformPaddingValue")
    if value is None or not isinstance(value, bytes | int):
        return None
    if isinstance(value, bytes):
        value = np.frombuffer(value[: dtype.itemsize], dtype)[0] if len(value) else 0
    return value or None


def _scale(path, name, channel):
    """Return the size of a channel's unit in millivolt, after checking its calibration."""
    sensitivity = channel.get("ChannelSensitivity")
    correction = channel.get("ChannelSensitivityCorrectionFactor", 1)
    if not sensitivity or not correction:
        raise RecordError(
            f"{path}: lead {name[:20]} is not calibrated: its sensitivity is "
            f"{sensitivity}, its correction factor {correction}"
        )
    units = channel.get("ChannelSensitivityUnitsSequence") or [{}]
    unit = str(units[0].get("CodeValue") or "")
    scale = millivolt(unit)
    if scale is None:
        raise RecordError(f"{path}: lead {name[:20]}: unit {quoted(unit)}, expected {VOLTAGES}")
    skew = channel.get("ChannelSampleSkew") or 0
    if skew:
        raise RecordError(f"{path}: lead {name[:20]} is skewed by {skew:g} samples, expected 0")
    return scale
