"""The names that files give to units of voltage."""

import re

VOLTAGES = "mV, uV, nV or V"  # what errors expect
_NAME = re.compile(r"(milli|m|micro|u|μ|nano|n|)(?:volts?|v)")
_MILLIVOLT = {"m": 1.0, "u": 1e-3, "n": 1e-6, "": 1e3}  # of one unit, by its prefix
_PREFIXES = {"milli": "m", "micro": "u", "μ": "u", "nano": "n"}


def millivolt(unit):
    """How many millivolt one `unit` is, or None where it is no unit of voltage.

    Upper and lower case mean nothing: MV is found in files for millivolt, never for megavolt.

    Args:
        unit: str, such as "mV", "uv", "µV", "nV", "V", "millivolts" or "microvolt".

    Examples:
        >>> millivolt("mV"), millivolt("MV"), millivolt("microvolts"), millivolt("mmHg")
        (1.0, 1.0, 0.001, None)
    """
    match = _NAME.fullmatch(unit.casefold())  # which makes one character of the two micro signs
    if match is None:
        return None
    return _MILLIVOLT[_PREFIXES.get(match[1], match[1])]
