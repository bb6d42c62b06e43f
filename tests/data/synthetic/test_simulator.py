"""Simulated ECGs: form, classes and reproducibility."""

import numpy as np
import pytest

from ecg_tf.data.synthetic import simulator
from ecg_tf.errors import InputError


def test_dower_matrix_inverts_to_the_published_inverse():
    # Edenbrandt & Pahlm 1988, J. Electrocardiol. 21(4):361-367; rows x, y, z, columns V1-V6, I, II.
    inverse = [
        [-0.172, -0.074, 0.122, 0.231, 0.239, 0.194, 0.156, -0.010],
        [0.057, -0.019, -0.106, -0.022, 0.041, 0.048, -0.227, 0.887],
        [-0.229, -0.310, -0.246, -0.063, 0.055, 0.108, 0.022, 0.102],
    ]
    dower = np.roll(simulator.DOWER, -2, axis=0)  # I and II last
    np.testing.assert_allclose(np.linalg.pinv(dower), inverse, atol=6e-4)


def test_simulated_ecg_is_float32_millivolt_in_lead_order():
    ecg = simulator.simulate_ecg((), np.random.default_rng(0))
    assert (ecg.shape, ecg.dtype) == ((1000, 12), np.float32)
    assert 0.5 < np.abs(ecg).max() < 5
    np.testing.assert_allclose(ecg[:, 2], ecg[:, 1] - ecg[:, 0], atol=1e-5)


def test_order_of_classes_does_not_matter():
    ecgs = [
        simulator.simulate_ecg(classes, np.random.default_rng(5))
        for classes in (("MI", "HYP"), ("HYP", "MI"), {"HYP", "MI"})
    ]
    np.testing.assert_array_equal(ecgs[0], ecgs[1])
    np.testing.assert_array_equal(ecgs[0], ecgs[2])


def test_unknown_class_is_an_error_that_lists_the_known():
    with pytest.raises(InputError, match=r"'AFIB'.*MI, STTC, CD, HYP"):
        simulator.simulate_ecg(["MI", "AFIB"], np.random.default_rng(0))


@pytest.mark.parametrize("name", ["MI", "STTC", "CD", "HYP"])
def test_one_beat_is_abnormal_and_the_others_are_similar(name):
    for seed in range(5):
        ecg, r_times, abnormal = simulator.simulate_one_abnormal_beat(
            name, np.random.default_rng(seed)
        )
        assert ecg.shape == (1000, 12)
        assert ecg.dtype == np.float32
        assert 0.3 < r_times[abnormal] < 9.4
        whole = np.flatnonzero((r_times > 0.3) & (r_times < 9.4))
        starts = np.rint(100 * r_times[whole]).astype(int) - 8
        beats = np.array([ecg[start : start + 60] for start in starts])
        beats = beats - beats.mean(axis=1, keepdims=True)
        distance = np.square(beats - np.median(beats, axis=0)).mean(axis=(1, 2))
        assert whole[distance.argmax()] == abnormal
