import keras
import numpy as np
import reference

from ecg_tf.layers import MinMax, ZScore


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
