"""The 12 leads of an ECG: names, order, sampling rate, duration and units.

An `ecg` is a float32 array (batch, time, lead) in millivolt, `SAMPLES` samples at `SAMPLING_RATE`
Hz, its leads in the order of `LEADS` (PTB-XL's) or a chosen part of them.
"""

from ecg_tf.errors import InputError

LEADS = ("I", "II", "III", "AVR", "AVL", "AVF", "V1", "V2", "V3", "V4", "V5", "V6")
DEFAULT_LEADS = ("I", "II", "V2")  # the leads of the study

SAMPLING_RATE = 100  # Hz
SAMPLES = 1000  # 10 s
UNIT = "mV"
MILLIVOLT = {"mV": 1.0, "uV": 1e-3, "V": 1e3}  # of one unit


def lead_indices(leads):
    """The positions of `leads` in `LEADS`.

    Args:
        leads: lead names in any order, none twice.

    Raises:
        InputError: no lead, an unknown one (names are upper-case: AVR) or one named twice.
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
