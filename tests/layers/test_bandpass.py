import keras
import numpy as np
import pytest
import reference
from scipy import signal

from ecg_tf.layers import Bandpass
from ecg_tf.preprocessing import BAND, BAND_PASS_ORDER, butterworth


def assert_filtered(filtered, ecg):
    expected = reference.bandpassed(ecg)
    assert filtered.shape == expected.shape
    assert np.abs(filtered - expected).max() < 1e-5 * np.ptp(expected)


def test_is_scipys_sosfilt(ecg):
    assert_filtered(keras.ops.convert_to_numpy(Bandpass()(ecg)), ecg)


@pytest.mark.parametrize("time", [1, 2, 100, 2500])
def test_is_scipys_sosfilt_on_records_of_any_length(time):
    ecg = np.random.default_rng(0).normal(size=(2, time, 12)).cumsum(axis=1)
    assert_filtered(keras.ops.convert_to_numpy(Bandpass()(ecg)), ecg)


def test_large_offset_is_filtered_as_precisely(ecg):
    assert_filtered(keras.ops.convert_to_numpy(Bandpass()(ecg + 5)), ecg.astype(float) + 5)


def test_output_does_not_depend_on_later_samples(ecg):
    changed = ecg.copy()
    changed[:, 600:] = 3
    before, after = (keras.ops.convert_to_numpy(Bandpass()(x))[:, :600] for x in (ecg, changed))
    np.testing.assert_allclose(before, after, atol=1e-6)


def test_sections_are_those_of_scipy():
    expected = signal.butter(BAND_PASS_ORDER, BAND, "bandpass", fs=100, output="sos")
    np.testing.assert_allclose(butterworth(), expected, rtol=1e-12)
