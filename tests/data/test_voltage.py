import pytest

from ecg_tf.data.voltage import millivolts
from ecg_tf.leads import MILLIVOLT


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        *((unit, 1.0) for unit in ("mV", "mv", "MV", "millivolt", "Millivolts", " mV ")),
        *((unit, 1e-3) for unit in ("uV", "uv", "UV", "µV", "μV", "ΜV", "microvolt", "MicroVolts")),
        *((unit, 1e-6) for unit in ("nV", "NV", "nanovolt")),
        *((unit, 1e3) for unit in ("V", "v", "volt", "Volts")),
        *((unit, None) for unit in ("", "mmHg", "NU", "mVV", "m", "kV", "mV/s", "1", "mVolt s")),
    ],
)
def test_a_unit_of_voltage_goes_by_several_names(unit, expected):
    assert millivolts(unit) == expected


def test_the_units_of_the_flag_are_among_them():
    assert all(millivolts(unit) == factor for unit, factor in MILLIVOLT.items())
