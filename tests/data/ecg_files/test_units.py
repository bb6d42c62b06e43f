"""Names of units of voltage."""

import pytest

from ecg_tf.data.ecg_files.units import millivolt


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("mV mv MV Mv millivolt millivolts MilliVolts mvolt", 1),
        ("uV uv UV \u00b5V \u03bcV \u00b5v microvolt microvolts uVolts", 1e-3),
        ("nV nv NV nanovolt nanovolts", 1e-6),
        ("V v volt volts Volts", 1000),
    ],
)
def test_units_are_recognised_in_either_case(names, expected):
    assert {name: millivolt(name) for name in names.split()} == dict.fromkeys(
        names.split(), expected
    )


@pytest.mark.parametrize(
    "name", ["", "mmHg", "NU", "kV", "m", "mVs", "mV/mV", "megavolt", "pV", "m V", "%", "\u2126"]
)
def test_other_units_give_none(name):
    assert millivolt(name) is None
