"""Networks whose batch normalization is folded into the convolutions."""

import keras
import numpy as np
import pytest
from keras import layers

from ecg_tf.layers import BatchNormalization
from ecg_tf.models import alexnet, band_resnet, build, fold_batch_normalization, resnet, resnet1d

pytestmark = pytest.mark.usefixtures("few_blocks")

rng = np.random.default_rng(0)

NETWORKS = {
    "resnet": lambda: resnet((64, 64, 2), nb_filters=2),
    "resnet1d": lambda: resnet1d((200, 2), nb_filters=4),
    "band_resnet": lambda: band_resnet((64, 64, 2), nb_filters=4),
    "weighted_fusion": lambda: _fusion("weighted_fusion"),
    "late_fusion, frozen": lambda: _fusion("late_fusion", frozen=("signal", "image")),
}


def _fusion(name, **options):
    backbones = resnet1d((1000, 2), nb_filters=4), band_resnet((64, 64, 2), nb_filters=4)
    return build(name, signal=backbones[0], image=backbones[1], channels=("gaf",), **options)


def randomized(network):
    """The network with weights and statistics as if it had been trained."""
    for weight in network.weights:
        usual = np.asarray(weight)
        weight.assign(usual * rng.uniform(0.5, 2, usual.shape) + rng.normal(size=usual.shape) / 50)
    for weight in network.weights:
        if weight.name == "moving_variance":
            weight.assign(np.abs(weight) + 0.1)
    return network


def all_layers(network):
    for layer in network._flatten_layers():
        if not isinstance(layer, keras.Model):
            yield layer


@pytest.mark.parametrize("name", NETWORKS)
def test_predicts_the_same_without_batch_normalization(name):
    network = randomized(NETWORKS[name]())
    x = rng.random((3, *network.input_shape[1:]), dtype="float32")
    before = np.asarray(network(x))
    fold_batch_normalization(network)
    for layer in all_layers(network):
        if isinstance(layer, BatchNormalization):
            for weight in (layer.gamma, layer.moving_mean, layer.moving_variance):
                weight.assign(np.full(weight.shape, np.nan))  # is not used any more
    assert np.ptp(before) > 0.01
    np.testing.assert_allclose(np.asarray(network(x)), before, rtol=1e-4, atol=1e-5)


def test_a_network_without_batch_normalization_is_not_changed():
    network = alexnet((67, 67, 1), nb_filters=1)
    before = network.get_weights()
    fold_batch_normalization(network)
    for one, other in zip(network.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("activation", ["relu", None])
def test_where_folding_would_change_outputs_nothing_is_folded(activation):
    """After an activation, or if the convolution has another use."""
    x = keras.Input((20, 2))
    y = layers.Conv1D(3, 5, activation=activation)(x)
    normal = BatchNormalization()(y)
    outputs = normal if activation else layers.Add()([y, normal])
    network = randomized(keras.Model(x, outputs))
    signal = rng.random((2, 20, 2), dtype="float32")
    before = np.asarray(network(signal))
    fold_batch_normalization(network)
    np.testing.assert_array_equal(np.asarray(network(signal)), before)
