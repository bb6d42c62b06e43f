import numpy as np
import pytest
from matplotlib.figure import Figure

from ecg_tf.leads import LEADS
from ecg_tf.plots.ecg_sheet import ECGSheet


def drawn(ecg, **how):
    """The sheet of an ECG, and its axis in a picture of its proportions."""
    sheet = ECGSheet(ecg, main=("II",), **how)
    axis = Figure(figsize=(10, 10 * sheet.height)).add_axes((0, 0, 1, 1))
    sheet.draw(axis)
    return sheet, axis


def lines(axis):
    """(seconds, millivolt above the zero of its lead) of each line of an axis."""
    levels = np.repeat(axis.get_yticks(), 2)
    return [
        (line.get_xdata(), line.get_ydata() - level)
        for line, level in zip(axis.get_lines(), levels, strict=True)
    ]


@pytest.fixture
def ecg():
    return np.random.default_rng(0).normal(0, 0.1, (1000, 12))


def test_each_lead_has_a_pulse_of_a_millivolt_for_a_fifth_of_a_second(ecg):
    sheet, axis = drawn(ecg, start=20.0)
    assert sheet.scale == "a square: 0.2 s and 0.5 mV; pulse at the left: 0.2 s and 1 mV"
    for seconds, millivolt in lines(axis)[1::2]:
        up = seconds[np.isclose(millivolt, 1)]
        assert up[1] - up[0] == pytest.approx(0.2)
        assert seconds.max() < 20


def test_a_square_of_the_grid_is_a_square_of_the_picture(ecg):
    _, axis = drawn(ecg)
    (x0, y0), (x1, y1) = axis.transData.transform([(0, 0), (0.2, 0.5)])
    assert x1 - x0 == pytest.approx(y1 - y0)


def test_traces_are_those_of_the_ecg_without_offset(ecg):
    sheet, axis = drawn(ecg + 3)
    assert sheet.leads == LEADS
    for (_, millivolt), lead in zip(lines(axis)[::2], ecg.T, strict=True):
        np.testing.assert_allclose(millivolt, lead - np.median(lead), atol=1e-9)


def test_a_lead_that_is_not_there_is_left_out(ecg):
    ecg[:, 3] = np.nan
    assert "AVR" not in ECGSheet(ecg, main=()).leads
