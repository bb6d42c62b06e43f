"""The 12 leads of an ECG: names, order, sampling rate, duration and units.

An `ecg` is a float32 array (batch, time, lead) in millivolt, with all leads in the order of `LEADS`
(PTB-XL's order), or with the chosen leads in the order in which they were named. By default it has
`SAMPLES` samples at `SAMPLING_RATE` Hz.
"""

import math
from collections.abc import Iterable

from ecg_tf.errors import InputError

LEADS = ("I", "II", "III", "AVR", "AVL", "AVF", "V1", "V2", "V3", "V4", "V5", "V6")
DEFAULT_LEADS = ("I", "II", "V2")  # the leads of the study

SAMPLING_RATE = 100  # Hz, of the study
SAMPLES = 1000  # 10 s
LOWEST_RATE, HIGHEST_RATE = 100, 1000  # Hz, that networks can have
SHORTEST, LONGEST = 2.5, 60  # seconds, of the ECGs of networks
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


def check_signal(sampling_rate: int, samples: int) -> None:
    """Raise an InputError unless networks can have ECGs of this sampling rate and length.

    Args:
        sampling_rate: Hz, a whole number from 100 to 1000.
        samples: number of samples, 2.5 to 60 s.

    Examples:
        >>> from ecg_tf.leads import check_signal
        >>> check_signal(500, 5000)
        >>> check_signal(500, 1000)
        Traceback (most recent call last):
        ...
        ecg_tf.errors.InputError: samples 1000: expected 1250 to 30000, 2.5 to 60 s at 500 Hz
    """
    check_sampling_rate(sampling_rate)
    least, most = math.ceil(SHORTEST * sampling_rate), LONGEST * sampling_rate
    if not _is_whole(samples, least, most):
        raise InputError(
            f"samples {samples}: expected {least} to {most}, {SHORTEST:g} to {LONGEST:g} s at "
            f"{sampling_rate} Hz"
        )


def check_sampling_rate(sampling_rate: int) -> None:
    """Raise an InputError unless networks can have this sampling rate: see `check_signal`."""
    if not _is_whole(sampling_rate, LOWEST_RATE, HIGHEST_RATE):
        raise InputError(
            f"sampling_rate {sampling_rate}: expected a whole number, {LOWEST_RATE} to "
            f"{HIGHEST_RATE} Hz"
        )


def _is_whole(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
