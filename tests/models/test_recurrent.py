import keras
import numpy as np
import pytest

from ecg_tf.models import bigru, gru, gru_attention


@pytest.mark.parametrize(
    ("network", "parameters"), [(gru, 249_732), (bigru, 399_620), (gru_attention, 399_877)]
)
def test_has_the_parameters_of_the_study(network, parameters):
    assert network().count_params() == parameters


@pytest.mark.parametrize("network", [gru, bigru, gru_attention])
def test_has_the_requested_layers_leads_and_classes(network):
    found = network((50, 12), classes=5, num_layers=4, hidden_size=3)
    assert found.output_shape == (None, 5)
    assert found.input_shape == (None, 50, 12)
    wanted = (layer for layer in found.layers if layer.name in ("gru1", "gru2", "gru3", "gru4"))
    units = 3 if network is gru else 6
    assert [layer.output.shape for layer in wanted] == 4 * [(None, 50, units)]


def test_dropout_is_between_the_grus_only():
    for network in (gru, bigru, gru_attention):
        names = [layer.name.split("_")[0] for layer in network(num_layers=3, dropout=0.1).layers]
        assert names[1:6] == ["gru1", "dropout", "gru2", "dropout", "gru3"]
        assert "dropout" not in names[6:]


def test_bigru_uses_the_final_state_of_each_direction():
    network = bigru((20, 2), num_layers=1, hidden_size=3)
    sequence, states = keras.Model(
        network.input, [network.get_layer("gru1").output, network.get_layer("logits").input]
    )(np.random.default_rng(0).normal(size=(5, 20, 2)))
    sequence = np.asarray(sequence)
    expected = np.concatenate([sequence[:, 19, :3], sequence[:, 0, 3:]], axis=1)
    np.testing.assert_array_equal(states, expected)


def test_attention_pooling_is_a_weighted_mean_over_time():
    network = gru_attention((20, 2), num_layers=1, hidden_size=3)
    sequence, pooled = keras.Model(
        network.input, [network.get_layer("gru1").output, network.get_layer("logits").input]
    )(np.random.default_rng(0).normal(size=(5, 20, 2)))
    kernel, bias = network.get_layer("attention").get_weights()
    weight = np.exp(np.asarray(sequence) @ kernel + bias)
    expected = (weight * np.asarray(sequence)).sum(axis=1) / weight.sum(axis=1)
    np.testing.assert_allclose(pooled, expected, rtol=1e-5, atol=1e-6)
