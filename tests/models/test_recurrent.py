import golden_networks as golden
import keras
import numpy as np
import pytest

from ecg_tf.convert.pytorch import from_pytorch
from ecg_tf.models import bigru, bilstm, cnn_gru, cnn_lstm, gru, gru_attention, lstm, rnn

NETWORKS = (gru, bigru, gru_attention, rnn, lstm, bilstm)
ONE_WAY = (gru, rnn, lstm)


def recurrent_layers(network):
    return [layer for layer in network.layers if layer.name[:-1] in ("gru", "lstm", "rnn")]


@pytest.mark.parametrize(
    ("network", "parameters"),
    [
        (gru, 249_732),
        (bigru, 399_620),
        (gru_attention, 399_877),
        (rnn, 50_564),
        (lstm, 200_708),
        (bilstm, 532_484),
        (cnn_gru, 61_584),
        (cnn_lstm, 81_296),
    ],
)
def test_has_the_parameters_of_the_study(network, parameters):
    assert network().count_params() == parameters


@pytest.mark.parametrize("network", NETWORKS)
def test_has_the_requested_layers_leads_and_classes(network):
    found = network((50, 12), classes=5, num_layers=4, hidden_size=3)
    assert found.output_shape == (None, 5)
    assert found.input_shape == (None, 50, 12)
    units = 3 if network in ONE_WAY else 6
    assert [layer.output.shape for layer in recurrent_layers(found)] == 4 * [(None, 50, units)]


def test_dropout_is_between_the_recurrent_layers_only():
    for network in NETWORKS:
        found = network(num_layers=3, dropout=0.1, hidden_size=2)
        names = [layer.name.split("_")[0] for layer in found.layers]
        first, second, third = (layer.name for layer in recurrent_layers(found))
        assert names[1:6] == [first, "dropout", second, "dropout", third]
        assert "dropout" not in names[6:]


@pytest.mark.parametrize("network", [bigru, bilstm])
def test_two_directions_end_in_the_final_state_of_each(network):
    network = network((20, 2), num_layers=1, hidden_size=3)
    (layer,) = recurrent_layers(network)
    sequence, states = keras.Model(
        network.input, [layer.output, network.get_layer("logits").input]
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


def test_rnn_is_the_formula_of_pytorch(tmp_path):
    """Half of its golden weights: under the whole ones, rounding errors grow at each step.

    PyTorch itself then gives logits that are up to 2 off the golden ones on another machine.
    """
    state = {key: tensor / 2 for key, tensor in golden.state("rnn2").items()}
    x = golden.inputs()["signal"].astype(float)
    for level in (0, 1):
        kernels = [state[f"rnn.weight_{part}_l{level}"].T for part in ("ih", "hh")]
        bias = sum(state[f"rnn.bias_{part}_l{level}"] for part in ("ih", "hh"))
        states = [np.zeros((len(x), 128))]
        for t in range(x.shape[1]):
            states.append(np.tanh(x[:, t] @ kernels[0] + states[-1] @ kernels[1] + bias))
        x = np.stack(states[1:], axis=1)
    expected = x[:, -1] @ state["fc.weight"].T + state["fc.bias"]
    network = from_pytorch("rnn", state)
    network.save(tmp_path / "model.keras")
    network = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(golden.logits(network), expected, atol=1e-5)
    assert network.count_params() == sum(map(np.size, state.values()))


@pytest.mark.parametrize("mixed", [False, True])
def test_only_mixing_spreads_a_lead_and_a_moment_over_all_features(mixed):
    network = cnn_gru((200, 3), hidden_size=2, mix_time_and_leads=mixed)
    features = keras.Model(network.input, network.get_layer("gru1").input)
    assert features.output.shape == (None, 21, 24)
    signal = np.zeros((2, 200, 3), np.float32)
    signal[1, -5:] = 1
    without, with_end = np.asarray(features(signal))
    changed = (without != with_end).any(axis=1)
    assert changed.any()
    assert changed[:10].any() == mixed  # steps of the first half


def test_lstm_forgets_nothing_at_first():
    biases = np.asarray(lstm((50, 2), num_layers=1, hidden_size=3).get_layer("lstm1").cell.bias)
    np.testing.assert_array_equal(biases, [[0] * 3 + [1] * 3 + [0] * 6, [0] * 12])
