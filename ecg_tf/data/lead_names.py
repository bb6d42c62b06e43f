"""The names that files give to the leads of an ECG."""

import re

from ecg_tf.leads import LEADS

_IGNORED = re.compile(r"[\s_]")
_ALIASES = {"DI": "I", "DII": "II", "DIII": "III"}


def lead_name(name):
    """The lead of `ecg_tf.leads.LEADS` that a file means by `name`, or `name` in upper case.

    "aVR", "avr", "Lead I", "lead_II", "ECG V1", "V 2" and "DIII" are understood. Names of other
    leads, such as MLII or -aVR, are left alone.
    """
    text = _IGNORED.sub("", name.upper())
    for prefix in ("LEAD", "ECG"):
        text = text.removeprefix(prefix)
    text = _ALIASES.get(text, text)
    return text if text in LEADS else name.strip().upper()
