"""Recognising the names of units of voltage."""

import re

VOLTAGES = "mV, uV, nV or V"  # what errors expect
_NAME = re.compile(r"(milli|m|micro|u|μ|nano|n|)(?:volts?|v)")
_MILLIVOLT = {"m": 1.0, "u": 1e-3, "n": 1e-6, "": 1e3}  # {prefix: size of the unit in millivolt}
_PREFIXES = {"milli": "m", "micro": "u", "μ": "u", "nano": "n"}


def millivolt(unit: str) -> float | None:
    """Return the size of a unit in millivolt, or None if it is not a unit of voltage.

    Upper and lower case are equivalent: files use MV for millivolt, never for megavolt.

    Args:
        unit: name of a unit, such as "mV", "uv", "µV", "nV", "V", "millivolts" or "microvolt".

    Examples:
        >>> from ecg_tf.data.ecg_files.units import millivolt
        >>> millivolt("mV"), millivolt("MV"), millivolt("microvolts"), millivolt("mmHg")
        (1.0, 1.0, 0.001, None)
    """
    match = _NAME.fullmatch(unit.casefold())  # casefold() makes the two micro signs equal
    if match is None:
        return None
    return _MILLIVOLT[_PREFIXES.get(match[1], match[1])]
