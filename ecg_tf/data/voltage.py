"""The names that files give to units of voltage."""

import re

_PREFIXES = {
    **dict.fromkeys(("M", "MILLI"), 1.0),
    **dict.fromkeys(("U", "MICRO", "\N{MICRO SIGN}".upper()), 1e-3),
    **dict.fromkeys(("N", "NANO"), 1e-6),
    "": 1e3,
}
_UNIT = re.compile(rf"({'|'.join(_PREFIXES)})(?:V|VOLTS?)")


def millivolts(unit):
    """How many millivolts one `unit` is, or None if it is no unit of voltage.

    Upper and lower case mean the same: files say mV, mv and MV for millivolt. Both micro signs of
    Unicode are understood.

    Examples:
        >>> millivolts("uV")
        0.001
        >>> millivolts("Millivolts")
        1.0
        >>> millivolts("mmHg") is None
        True
    """
    match = _UNIT.fullmatch(unit.strip().upper())
    return _PREFIXES[match[1]] if match else None
