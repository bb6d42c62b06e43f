"""Checks of single values read from JSON."""

import re

from ecg_tf.errors import InputError, quoted

_LONGEST_TEXT = 1000


def is_text(value):
    """True for a text of 1 to 1000 characters."""
    return isinstance(value, str) and 0 < len(value) <= _LONGEST_TEXT


def is_text_or_none(value):
    """True for null and for what `is_text` accepts."""
    return value is None or is_text(value)


def is_whole(value, low=0, high=2**63):
    """True for a whole number from `low` to `high`."""
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def is_number(value, low=-1e300, high=1e300):
    """True for a number from `low` to `high`."""
    return isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high


def is_list(value, of):
    """True for a list of values that the function `of` accepts."""
    return isinstance(value, list) and all(map(of, value))


def is_table(value, of):
    """True for an object of values that the function `of` accepts."""
    return isinstance(value, dict) and all(map(of, value.values()))


def is_sha256(value):
    """True for a SHA-256 in hexadecimal digits."""
    return isinstance(value, str) and re.fullmatch("[0-9a-f]{64}", value) is not None


def unexpected(key, found, expected):
    """The InputError for a value that fails its check."""
    return InputError(f"{key} {quoted(str(found))}, expected {expected}")
