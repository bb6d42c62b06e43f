import numpy as np
import tensorflow as tf

from ecg_tf.explain.grad_cam import grad_cam


def test_it_is_the_formula():
    maps = np.random.default_rng(0).normal(size=(2, 3, 3, 5)).astype(np.float32)
    weights = np.random.default_rng(1).normal(size=(3, 3, 5)).astype(np.float32)
    found = grad_cam(lambda a: (a, tf.reduce_sum(a * weights, axis=(1, 2, 3))), maps)
    alpha = weights.mean(axis=(0, 1))
    np.testing.assert_allclose(found, maps @ alpha, rtol=1e-5, atol=1e-6)


def test_grad_cam_shows_evidence_for_and_against_the_class():
    maps = np.zeros((1, 4, 4, 2), np.float32)
    maps[0, 1, 2, 0] = maps[0, 3, 3, 1] = 1  # of the first channel for, of the second against
    found = grad_cam(lambda a: (a, tf.reduce_sum(a * [2.0, -1.0], axis=(1, 2, 3))), maps)
    expected = np.zeros((1, 4, 4))
    expected[0, 1, 2], expected[0, 3, 3] = 2, -1
    np.testing.assert_array_equal(found, expected)
