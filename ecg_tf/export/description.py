"""The description inside an export, and its checks.

Exports of older versions do not state the sampling rate and the number of samples of their input:
it is 10 s at 100 Hz.
"""

import math

from ecg_tf.errors import InputError, quoted
from ecg_tf.leads import LEADS, SAMPLES, SAMPLING_RATE, check_signal

KEYS = ("class_names", "thresholds", "leads", "simulated")
_NEWER = {"sampling_rate": SAMPLING_RATE, "samples": SAMPLES}  # {key: value in older exports}


def check_description(description, name):
    """Refuse a description that is not one of `ECGClassifier.description`.

    Args:
        description: the dictionary read from the export.
        name: what errors call the file.

    Raises:
        InputError: another set of entries, or a value of the wrong type, length or range.
    """
    if set(description) - set(_NEWER) != set(KEYS):
        found = ", ".join(sorted(quoted(str(key)) for key in description)[:8]) or "nothing"
        raise InputError(f"{name}: describes {found}; expected {', '.join((*KEYS, *_NEWER))}")
    class_names, thresholds, leads = (description[key] for key in KEYS[:3])
    if not _distinct(class_names):
        raise _error(name, "class_names", class_names, "a list of different names")
    if not isinstance(thresholds, list) or not all(map(_is_probability, thresholds)):
        raise _error(name, "thresholds", thresholds, "a list of numbers from 0 to 1")
    if len(thresholds) != len(class_names):
        raise InputError(
            f"{name}: {len(thresholds)} thresholds, expected one for each of the "
            f"{len(class_names)} classes"
        )
    if not _distinct(leads) or not set(leads) <= set(LEADS):
        raise _error(name, "leads", leads, f"a list of different leads of {' '.join(LEADS)}")
    if not isinstance(description["simulated"], bool):
        raise _error(name, "simulated", description["simulated"], "true or false")
    signal = {key: description.get(key, value) for key, value in _NEWER.items()}
    for key, value in signal.items():
        if type(value) is not int:
            raise _error(name, key, value, "a whole number")
    try:
        check_signal(**signal)
    except InputError as error:
        raise InputError(f"{name}: {error}") from error


def check_classes(count, description, name):
    """Refuse a network whose number of outputs is not that of the described classes.

    Raises:
        InputError: the numbers differ.
    """
    expected = len(description["class_names"])
    if count != expected:
        raise InputError(
            f"{name}: its network gives {count} probabilities, but {expected} classes are described"
        )


def _error(name, key, value, expected):
    return InputError(f"{name}: {key} is {quoted(str(value))}, expected {expected}")


def _distinct(names):
    return (
        isinstance(names, list)
        and len(names) > 0
        and all(isinstance(one, str) and one.strip() for one in names)
        and len(set(names)) == len(names)
    )


def _is_probability(value):
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and math.isfinite(value) and 0 <= value <= 1
