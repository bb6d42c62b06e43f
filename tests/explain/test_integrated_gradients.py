import keras
import numpy as np
import pytest
import tensorflow as tf

from ecg_tf.explain.integrated_gradients import integrated_gradients
from ecg_tf.export.gru_loop import gru_loop
from ecg_tf.layers.portable import portable
from ecg_tf.models import build


def test_of_a_linear_function_each_number_adds_its_product():
    x, weights = np.random.default_rng(0).normal(size=(2, 5, 3)).astype(np.float32)

    def function(points):
        return tf.reduce_sum(points * weights, axis=(1, 2)) + 7

    np.testing.assert_allclose(integrated_gradients(function, x), x * weights, rtol=1e-5)


def test_of_a_square_each_number_adds_its_square():
    x = np.array([1.0, -2.0, 3.0], np.float32)
    relevance = integrated_gradients(lambda points: tf.reduce_sum(points**2, axis=1), x, steps=10)
    np.testing.assert_allclose(relevance, x**2, rtol=1e-6)


def test_attributions_of_a_recurrent_network_add_up():
    keras.utils.set_random_seed(0)
    network = build("bigru", (60, 3), 4, num_layers=1, hidden_size=8)
    network.get_layer("logits").kernel.assign(network.get_layer("logits").kernel * 5)
    x = np.random.default_rng(1).normal(size=(60, 3)).astype(np.float32)

    def logit(signals):
        return network(signals)[:, 2]

    relevance = integrated_gradients(logit, x)
    at_x, at_zero = np.asarray(logit(np.stack([x, np.zeros_like(x)])))
    assert abs(at_x - at_zero) > 0.1
    assert relevance.sum() == pytest.approx(at_x - at_zero, rel=0.001)
    with portable(gru_loop):
        expected = integrated_gradients(tf.function(logit), x)
    np.testing.assert_allclose(relevance, expected, atol=1e-4 * np.abs(expected).max())
