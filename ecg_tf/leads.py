"""The 12 leads of an ECG: names, order, sampling rate, duration and units.

An `ecg` is a float32 array (batch, time, lead) in millivolt: `SAMPLES` samples at `SAMPLING_RATE`
Hz, with all leads in the order of `LEADS` (PTB-XL's order), or with the chosen leads in the order
in which they were named.
"""

from collections.abc import Iterable

from ecg_tf.errors import InputError

LEADS = ("I", "II", "III", "AVR", "AVL", "AVF", "V1", "V2", "V3", "V4", "V5", "V6")
DEFAULT_LEADS = ("I", "II", "V2")  # the leads of the study

SAMPLING_RATE = 100  # Hz
SAMPLES = 1000  # 10 s
UNIT = "mV"
MILLIVOLT = {"mV": 1.0, "uV": 1e-3, "V": 1e3}  # {unit: its size in millivolt}


def lead_indices(leads: Iterable[str]) -> list[int]:
    """Return the positions of leads in `LEADS`.

    Args:
        leads: lead names in any order, each once. Names are upper-case: "AVR".

    Raises:
        InputError: no lead, an unknown lead, or a lead named twice.

    Examples:
        >>> from ecg_tf.leads import lead_indices
        >>> lead_indices(["I", "II", "V2"])
        [0, 1, 7]
    """
    leads = list(leads)
    unknown = [name for name in leads if name not in LEADS]
    if unknown or not leads or len(set(leads)) < len(leads):
        raise InputError(
            f"leads {','.join(leads)!r}: "
            + (f"unknown {', '.join(unknown)}; " if unknown else "")
            + f"expected one or more of {', '.join(LEADS)}, none twice"
        )
    return [LEADS.index(name) for name in leads]
