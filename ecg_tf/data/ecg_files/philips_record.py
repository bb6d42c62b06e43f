"""The ECG in an XML file of Philips: SierraECG 1.03, PhilipsECG 1.04 and later.

References:
    Watford, sierra-ecg-tools: https://github.com/sixlettervariables/sierra-ecg-tools/wiki
"""

import base64
import binascii
import os
from xml.etree.ElementTree import Element

from ecg_tf.data.ecg_files.lead_names import lead_names
from ecg_tf.data.ecg_files.philips_xli import unpack_leads
from ecg_tf.data.ecg_files.record import Record, record_of_leads
from ecg_tf.data.ecg_files.xml_tree import number
from ecg_tf.errors import RecordError, quoted
from ecg_tf.leads import LEADS

_STANDARD = ("STD-12", "10-WIRE")  # acquisition types with the leads of `LEADS` in this order
_MOST_SAMPLES = 2**20  # of a lead
_MOST_LEADS = 16
_MILLIVOLT = 1e-3  # of the resolution, which is in µV


def philips_record(path: str | os.PathLike, root: Element) -> Record:
    """Return the ECG in a Philips XML file.

    Args:
        path: name of the file in errors.
        root: the element restingecgdata.

    Returns:
        A `Record`.

    Raises:
        RecordError: there are no waveforms, they are not 16-bit samples in base64 compressed by
            XLI, or their description or content is damaged.
    """
    waves = root.find(".//parsedwaveforms")
    about = root.find(".//signalcharacteristics")
    if waves is None or about is None:
        raise RecordError(f"{path}: a Philips XML file without waveforms")

    def stated(what, attributes, elements):
        """Return what an attribute of the waveforms or an element of their description states."""
        found = [waves.get(name) for name in attributes] + [about.findtext(n) for n in elements]
        text = next((text.strip() for text in found if text and text.strip()), None)
        if text is None:
            raise RecordError(f"{path}: a Philips XML file without its {what}")
        return text

    for what, attributes, elements, expected in (
        ("data encoding", ["dataencoding"], [], "Base64"),
        ("compression", ["compression", "compressmethod"], [], "XLI"),
        ("bits of a sample", ["bitspersample", "nbitspersample"], ["bitspersample"], "16"),
        ("offset", ["signaloffset"], ["signaloffset"], "0"),
    ):
        found = stated(what, attributes, elements)
        if found != expected:
            raise RecordError(f"{path}: {what}: {quoted(found)}, expected {expected}")
    rate, resolution, duration = (
        number(path, stated(what, attributes, elements), what)
        for what, attributes, elements in (
            ("sampling rate", ["samplespersecond"], ["samplingrate"]),
            ("resolution", ["resolution"], ["resolution", "signalresolution"]),
            ("duration", ["durationperchannel"], []),
        )
    )
    samples = rate * duration / 1000
    if not (2 < samples < _MOST_SAMPLES and resolution > 0):
        raise RecordError(
            f"{path}: {duration:g} ms at {rate:g} Hz with a resolution of {resolution:g} µV, "
            "expected positive numbers"
        )
    if waves.get("leadlabels"):
        names = lead_names(waves.get("leadlabels").split())
    elif stated("acquisition type", [], ["acquisitiontype"]) in _STANDARD:
        names = list(LEADS)
    else:
        names = []
    if tuple(names[:6]) != LEADS[:6] or len(names) > _MOST_LEADS:
        raise RecordError(
            f"{path}: leads {quoted(' '.join(names), 40)}, expected {' '.join(LEADS[:6])} and up "
            f"to {_MOST_LEADS - 6} others"
        )
    try:
        data = base64.b64decode("".join((waves.text or "").split()), validate=True)
        ecg = unpack_leads(data, len(names), round(samples))
    except (binascii.Error, ValueError) as error:
        raise RecordError(f"{path}: damaged waveforms: {error}") from error
    return record_of_leads(path, names, ecg * (resolution * _MILLIVOLT), rate)
