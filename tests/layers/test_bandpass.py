import keras
import numpy as np
import pytest
import reference
from scipy import signal

from ecg_tf.errors import InputError
from ecg_tf.layers import Bandpass
from ecg_tf.preprocessing import BAND, BAND_PASS_ORDER, butterworth


def assert_filtered(filtered, ecg, rate=100):
    expected = reference.bandpassed(ecg, rate)
    assert filtered.shape == expected.shape
    assert np.abs(filtered - expected).max() < 1e-5 * np.ptp(expected)


def test_is_scipys_sosfilt(ecg):
    assert_filtered(keras.ops.convert_to_numpy(Bandpass()(ecg)), ecg)


@pytest.mark.parametrize("time", [1, 2, 100, 2500])
def test_is_scipys_sosfilt_on_records_of_any_length(time):
    ecg = np.random.default_rng(0).normal(size=(2, time, 12)).cumsum(axis=1)
    assert_filtered(keras.ops.convert_to_numpy(Bandpass()(ecg)), ecg)


@pytest.mark.parametrize(
    ("rate", "time"),
    [(125, 313), (250, 1000), (257, 643), (500, 5000), (500, 5003), (1000, 30011)],
)
def test_is_scipys_sosfilt_at_any_sampling_rate(rate, time):
    ecg = np.random.default_rng(0).normal(size=(2, time, 2)).cumsum(axis=1)
    layer = Bandpass.from_config(Bandpass(rate).get_config())
    assert_filtered(keras.ops.convert_to_numpy(layer(ecg)), ecg, rate)


def test_blocks_of_records_of_prime_length_are_short():
    layer = Bandpass(500)
    layer.build((None, 5003, 12))
    assert max(len(matrix) for matrix in layer._matrices) < 500


def test_large_offset_is_filtered_as_precisely(ecg):
    assert_filtered(keras.ops.convert_to_numpy(Bandpass()(ecg + 5)), ecg.astype(float) + 5)


def test_output_does_not_depend_on_later_samples(ecg):
    changed = ecg.copy()
    changed[:, 600:] = 3
    before, after = (keras.ops.convert_to_numpy(Bandpass()(x))[:, :600] for x in (ecg, changed))
    np.testing.assert_allclose(before, after, atol=1e-6)


@pytest.mark.parametrize("rate", [100, 101, 125, 250, 257, 500, 1000])
def test_sections_are_those_of_scipy(rate):
    expected = signal.butter(BAND_PASS_ORDER, BAND, "bandpass", fs=rate, output="sos")
    np.testing.assert_allclose(butterworth(rate), expected, rtol=1e-12)


def test_sections_at_100_hertz_are_constants():
    assert butterworth()[0, 0] == 0.765599987913459
    assert butterworth()[1, 4] == -1.9111684434225842


@pytest.mark.parametrize("rate", [99, 1001, 500.0])
def test_another_sampling_rate_is_refused(rate):
    with pytest.raises(InputError, match=f"sampling_rate {rate}: expected a whole number, 100 to"):
        Bandpass(rate)
