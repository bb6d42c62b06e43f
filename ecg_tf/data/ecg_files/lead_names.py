"""Recognising the lead names that different devices and formats use."""

import re
from collections.abc import Iterable

# What devices write around a lead's name: MDC_ECG_LEAD_II (ISO/IEEE 11073), "ECG I-Ref" (EDF).
_NAME = re.compile(
    r"""
    (?:MDC[\s_]*)? (?:E[CK]G(?:-|[\s_:]*))? (?:LEAD(?:-|[\s_:]*))?
    (?P<lead> D?I{1,3} | D[\s_]*(?:I{1,3}|[123]) | (?<!-)A[\s_]*V[\s_]*[RLF] | [VC][\s_]*[1-6])
    (?:[\s_-]*REF)? [\s_:;,.+]*
    """,
    re.VERBOSE,
)
_ALIASES = {"DI": "I", "DII": "II", "DIII": "III", "D1": "I", "D2": "II", "D3": "III"}
# Electrodes of an electroencephalogram. In a file with one of these, C3 and C4 are electrodes, too.
_EEG = re.compile(r"(?:EEG[\s_]*)?(?:FP[12Z]|[FCPTO]Z|[FTPO][1-8]|[AM][12])(?![A-Z0-9])")


def lead_name(name: str) -> str:
    """Return the lead of `ecg_tf.leads.LEADS` that `name` stands for, or `name` in upper case.

    Names with a single possible meaning are recognised, such as "aVR", "lead_II", "ECG V1", "V 2",
    "DIII", "D1", "C4" (V4), "MDC_ECG_LEAD_II", "II:", "I+" and "ECG I-Ref". Names of other leads,
    such as MLII, -aVR or V1R, are not changed.

    Args:
        name: the name of a signal in a file.

    Examples:
        >>> from ecg_tf.data.ecg_files.lead_names import lead_name
        >>> [lead_name(name) for name in ("aVR", "MDC_ECG_LEAD_II", "C4", "MLII")]
        ['AVR', 'II', 'V4', 'MLII']
    """
    text = name.strip().upper()
    match = _NAME.fullmatch(text)
    if not match:
        return text
    lead = re.sub(r"[\s_]", "", match["lead"])
    if lead[0] == "C":
        lead = f"V{lead[1]}"
    return _ALIASES.get(lead, lead)


def lead_names(names: Iterable[str]) -> list[str]:
    """Apply `lead_name` to all names of a file, in their order.

    In a file with electrodes of an electroencephalogram (Fz, O1, M2, …), C1 to C6 are electrodes as
    well, and are not changed.

    Args:
        names: the names of all signals of a file.

    Examples:
        >>> from ecg_tf.data.ecg_files.lead_names import lead_names
        >>> lead_names(["I", "C4"]), lead_names(["I", "C4", "Fz"])
        (['I', 'V4'], ['I', 'C4', 'FZ'])
    """
    upper = [name.strip().upper() for name in names]
    eeg = any(map(_EEG.match, upper))
    return [name if eeg and name.startswith("C") else lead_name(name) for name in upper]
