"""The ECG in an HL7 annotated ECG (aECG), version 3.

The format is plain XML. The FDA's package aecg, which also reads it, needs Python 3.12.

References:
    HL7 Version 3 Standard: Annotated ECG, Release 1 (ANSI/HL7 V3 ECG, R1-2004)
    Brown and Badilini, HL7 aECG Implementation Guide, 2005
"""

import os
from xml.etree.ElementTree import Element

import numpy as np

from ecg_tf.data.ecg_files.lead_names import lead_name
from ecg_tf.data.ecg_files.record import Record, record_of_leads
from ecg_tf.data.ecg_files.units import VOLTAGES, millivolt
from ecg_tf.data.ecg_files.xml_tree import number
from ecg_tf.errors import RecordError, quoted
from ecg_tf.leads import LEADS

_TIMES = ("TIME_ABSOLUTE", "TIME_RELATIVE")
_SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6}
_DIGITS = frozenset("0123456789+-.eE \t\r\nnNaA")  # of numbers and NaN


def aecg_record(path: str | os.PathLike, root: Element) -> Record:
    """Return the ECG in an aECG.

    Of several sequence sets (rhythm, derived beats, …), the one with the most of the 12 leads is
    read, and of these the longest. A lead whose values have a nullFlavor is missing throughout, and
    NaN is a missing sample.

    Args:
        path: name of the file in errors.
        root: the element AnnotatedECG.

    Returns:
        A `Record`.

    Raises:
        RecordError: there is no waveform, no positive increment of time, or a lead has no scale,
            a scale of 0 or a unit that is not a voltage.
    """
    best = max(root.iter("sequenceSet"), key=_size, default=None)
    if best is None or not _size(best)[1]:
        raise RecordError(f"{path}: an aECG without a waveform")
    signals = {
        _code(sequence): _signal(path, sequence)
        for sequence in best.iter("sequence")
        if _code(sequence) not in _TIMES
    }
    longest = max(len(signal) for signal in signals.values() if signal is not None)
    missing = np.full(longest, np.nan)
    return record_of_leads(
        path,
        [code.removeprefix("MDC_ECG_LEAD_") for code in signals],
        [missing if signal is None else signal for signal in signals.values()],
        _sampling_rate(path, best),
    )


def _code(sequence: Element) -> str:
    code = sequence.find("code")
    return code.get("code", "") if code is not None else ""


def _size(sequences: Element) -> tuple[int, int]:
    """Return how many of the 12 leads a sequence set has, and the length of its digits."""
    leads = {lead_name(_code(sequence)) for sequence in sequences.iter("sequence")} & set(LEADS)
    return len(leads), sum(len(digits.text or "") for digits in sequences.iter("digits"))


def _sampling_rate(path: str | os.PathLike, sequences: Element) -> float:
    """Return the sampling rate, Hz, of the increment in the sequence of times."""
    for sequence in sequences.iter("sequence"):
        step = sequence.find("value/increment")
        if _code(sequence) in _TIMES and step is not None:
            seconds = _SECONDS.get(step.get("unit", ""))
            increment = number(path, step.get("value"), "its increment of time")
            if seconds is None or increment <= 0:
                raise RecordError(
                    f"{path}: its increment of time is {increment:g} {step.get('unit', '')[:20]}, "
                    f"expected more than 0 {', '.join(_SECONDS)}"
                )
            return round(1 / (increment * seconds), 6)
    raise RecordError(f"{path}: an aECG without the increment of time, and so no sampling rate")


def _signal(path: str | os.PathLike, sequence: Element) -> np.ndarray | None:
    """Return the samples of a lead, float64 (time,) millivolt; None if they have a nullFlavor."""
    name, value = _code(sequence)[:30], sequence.find("value")
    digits = value.find("digits") if value is not None else None
    if (
        value is None
        or value.get("nullFlavor")
        or (digits is not None and digits.get("nullFlavor"))
    ):
        return None
    text = digits.text or "" if digits is not None else ""
    if not _DIGITS.issuperset(text):
        raise RecordError(f"{path}: {name} has digits that are no numbers")
    try:
        samples = np.array(text.split(), np.float64)
    except ValueError as error:
        raise RecordError(f"{path}: {name} has digits that are no numbers: {error}") from error
    origin = _quantity(path, value.find("origin"), f"the origin of {name}")
    scale = _quantity(path, value.find("scale"), f"the scale of {name}")
    if not scale:
        raise RecordError(f"{path}: {name} is not calibrated: its scale is 0")
    return samples * scale + origin


def _quantity(path: str | os.PathLike, element: Element | None, what: str) -> float:
    """Return a quantity of voltage in millivolt."""
    if element is None:
        raise RecordError(f"{path}: no element for {what}")
    unit = millivolt(element.get("unit", ""))
    if unit is None:
        raise RecordError(
            f"{path}: {what} is in {quoted(element.get('unit', ''))}, expected {VOLTAGES}"
        )
    return number(path, element.get("value"), what) * unit
