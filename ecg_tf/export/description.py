"""The description inside an export, and its checks."""

import math

from ecg_tf.errors import InputError, quoted
from ecg_tf.leads import LEADS

KEYS = ("class_names", "thresholds", "leads", "simulated")


def check_description(description, name):
    """Refuse a description that is not one of `ECGClassifier.description`.

    Args:
        description: the dictionary read from the export.
        name: what errors call the file.

    Raises:
        InputError: another set of entries, or a value of the wrong type, length or range.
    """
    if set(description) != set(KEYS):
        found = ", ".join(sorted(quoted(str(key)) for key in description)[:8]) or "nothing"
        raise InputError(f"{name}: describes {found}; expected {', '.join(KEYS)}")
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
