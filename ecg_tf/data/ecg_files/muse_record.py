"""The ECG in an XML file of GE Muse.

The samples are 16-bit integers, little-endian, in base64, with a CRC-32: the standard library reads
them. The elements are those of restecg.dtd, the document type that GE delivers with Muse.
"""

import base64
import binascii
import os
import zlib
from xml.etree.ElementTree import Element

import numpy as np

from ecg_tf.data.ecg_files.record import Record, record_of_leads
from ecg_tf.data.ecg_files.units import VOLTAGES, millivolt
from ecg_tf.data.ecg_files.xml_tree import number, text_of
from ecg_tf.errors import RecordError, quoted

_RHYTHM = "rhythm"


def muse_record(path: str | os.PathLike, root: Element) -> Record:
    """Return the ECG in a Muse XML file: the waveform of the type Rhythm.

    Such files hold 8 leads as a rule: I, II and V1 to V6.

    Args:
        path: name of the file in errors.
        root: the element RestingECG.

    Returns:
        A `Record`.

    Raises:
        RecordError: there is no rhythm, or its sampling rate, or a lead's samples, calibration
            or unit are missing, damaged or contradict each other.
    """
    waveforms = [
        waveform
        for waveform in root.iter("Waveform")
        if text_of(path, waveform, "WaveformType").lower() == _RHYTHM
    ]
    if len(waveforms) != 1:
        raise RecordError(f"{path}: {len(waveforms)} waveforms of the type Rhythm, expected 1")
    base, exponent = (
        number(path, text_of(path, waveforms[0], name), name)
        for name in ("SampleBase", "SampleExponent")
    )
    if not -6 <= exponent <= 6:
        raise RecordError(f"{path}: SampleExponent is {exponent:g}, expected 0 or a small number")
    leads = waveforms[0].findall("LeadData")
    return record_of_leads(
        path,
        [text_of(path, lead, "LeadID") for lead in leads],
        [_signal(path, lead) for lead in leads],
        base * 10**exponent,
    )


def _signal(path: str | os.PathLike, lead: Element) -> np.ndarray:
    """Return the samples of a lead, float64 (time,) millivolt."""
    name = text_of(path, lead, "LeadID")[:20]
    size = number(path, text_of(path, lead, "LeadSampleSize"), f"LeadSampleSize of {name}")
    count = number(path, text_of(path, lead, "LeadSampleCountTotal"), f"the length of {name}")
    gain = number(path, text_of(path, lead, "LeadAmplitudeUnitsPerBit"), f"the gain of {name}")
    unit = text_of(path, lead, "LeadAmplitudeUnits")
    scale = millivolt(unit)
    if scale is None:
        raise RecordError(f"{path}: lead {name}: unit {quoted(unit)}, expected {VOLTAGES}")
    if not gain:
        raise RecordError(f"{path}: lead {name} is not calibrated: LeadAmplitudeUnitsPerBit is 0")
    try:
        data = base64.b64decode("".join(text_of(path, lead, "WaveFormData").split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise RecordError(f"{path}: lead {name}: no base64: {error}") from error
    if size != 2 or len(data) != 2 * count:
        raise RecordError(
            f"{path}: lead {name} has {len(data)} bytes, expected {count:g} samples of 2 bytes"
        )
    checksum = lead.findtext("LeadDataCRC32")
    if checksum and number(path, checksum, f"LeadDataCRC32 of {name}") != zlib.crc32(data):
        raise RecordError(f"{path}: lead {name} does not match its checksum, LeadDataCRC32")
    return np.frombuffer(data, "<i2") * (gain * scale)
