import keras
import numpy as np
import reference

from ecg_tf.layers import ECGSignal


def test_is_the_golden_signal(ecg, golden):
    signal = keras.ops.convert_to_numpy(ECGSignal()(ecg))
    assert signal.dtype == np.float32
    np.testing.assert_allclose(signal, golden("inputs")["zscored"], atol=1e-5)


def test_is_the_scaled_reference_at_another_sampling_rate(ecg):
    layer = ECGSignal.from_config(ECGSignal(sampling_rate=250).get_config())
    signal = keras.ops.convert_to_numpy(layer(ecg))
    np.testing.assert_allclose(signal, reference.z_score(reference.bandpassed(ecg, 250)), atol=1e-4)


def test_invalid_lead_becomes_zero_and_leaves_the_others(ecg):
    expected = keras.ops.convert_to_numpy(ECGSignal()(ecg)).copy()
    broken = ecg.copy()
    for record, value in enumerate((0.0, 0.3, np.nan, np.inf)):
        broken[record, :, 1] = value
        expected[record, :, 1] = 0
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(ECGSignal()(broken)), expected)
