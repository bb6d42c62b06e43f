"""The names that files give to the leads of an ECG."""

import re

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
# Electrodes of an electroencephalogram: beside them C3 and C4 are two more of these.
_EEG = re.compile(r"(?:EEG[\s_]*)?(?:FP[12Z]|[FCPTO]Z|[FTPO][1-8]|[AM][12])(?![A-Z0-9])")


def lead_name(name):
    """The lead of `ecg_tf.leads.LEADS` that a file means by `name`, or `name` in upper case.

    Names that can mean one lead only are understood, such as "aVR", "lead_II", "ECG V1", "V 2",
    "DIII", "D1", "C4" (V4), "MDC_ECG_LEAD_II", "II:", "I+" and "ECG I-Ref". Names of other leads,
    such as MLII, -aVR or V1R, are left alone.
    """
    text = name.strip().upper()
    match = _NAME.fullmatch(text)
    if not match:
        return text
    lead = re.sub(r"[\s_]", "", match["lead"])
    if lead[0] == "C":
        lead = f"V{lead[1]}"
    return _ALIASES.get(lead, lead)


def lead_names(names):
    """`lead_name` of all names of a file, in their order.

    Beside electrodes of an electroencephalogram (Fz, O1, M2, ...) C1 to C6 are left alone: there
    they are electrodes, too.
    """
    upper = [name.strip().upper() for name in names]
    eeg = any(map(_EEG.match, upper))
    return [name if eeg and name.startswith("C") else lead_name(name) for name in upper]
