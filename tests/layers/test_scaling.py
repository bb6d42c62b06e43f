import keras
import numpy as np
import reference

from ecg_tf.layers import ECGSignal, FieldImages, Gain, MinMax, Squash, ZScore


def test_min_max_is_the_reference(ecg):
    scaled = keras.ops.convert_to_numpy(MinMax()(ecg))
    np.testing.assert_allclose(scaled, reference.min_max(ecg.astype(float)), atol=1e-6)
    assert (scaled.min(axis=1) == 0).all()
    assert (scaled.max(axis=1) == 1).all()


def test_z_score_is_the_reference(ecg):
    scaled = keras.ops.convert_to_numpy(ZScore()(ecg))
    np.testing.assert_allclose(scaled, reference.z_score(ecg.astype(float)), atol=1e-5)


def test_constant_lead_becomes_zero_and_leaves_the_others(ecg):
    flat = ecg.copy()
    flat[0, :, 1] = 0.5
    for layer in (MinMax(), ZScore()):
        scaled, expected = (keras.ops.convert_to_numpy(layer(x)).copy() for x in (flat, ecg))
        expected[0, :, 1] = 0
        np.testing.assert_array_equal(scaled, expected)


def test_scaling_by_millivolt_keeps_the_amplitude():
    ecg = np.array([-3.0, -1.0, 0.0, 0.1, 2.0], np.float32)[None, :, None]
    squashed = keras.ops.convert_to_numpy(Squash()(ecg))
    expected = 1 / (1 + np.exp(-2 * ecg.astype(float)))  # which (1 + tanh x) / 2 is
    np.testing.assert_allclose(squashed, expected, atol=1e-6)
    np.testing.assert_allclose(keras.ops.convert_to_numpy(Gain()(ecg)), 5 * ecg, rtol=1e-6)


def test_images_and_signal_by_millivolt_agree_with_the_reference(ecg):
    filtered = reference.bandpassed(ecg)
    signal = keras.ops.convert_to_numpy(ECGSignal(scaling="millivolt")(ecg))
    np.testing.assert_allclose(signal, filtered / 0.2, atol=1e-4)
    x = 1 / (1 + np.exp(-2 * filtered))
    images = FieldImages(size=64, scaling="millivolt")(filtered.astype(np.float32))
    images = keras.ops.convert_to_numpy(images).reshape(-1, 64, 64, ecg.shape[2], 3)
    for k, name in enumerate(reference.CHANNELS):
        expected = np.floor(255 * reference.field(name, x, 64))
        assert (np.rint(255 * images[..., k]) == expected).mean() >= 0.99
