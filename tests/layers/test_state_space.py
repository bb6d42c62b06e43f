"""The state-space layer against its recurrence."""

import keras
import numpy as np
import pytest
import scipy.signal
from state_space_steps import by_steps

from ecg_tf.errors import InputError
from ecg_tf.layers import StateSpace
from ecg_tf.layers.portable import portable

tf = pytest.importorskip("tensorflow")

CHANNELS = 5


def signal(time, channels=CHANNELS):
    return np.random.default_rng(time).normal(size=(2, time, channels)).astype("float32")


@pytest.fixture
def layer():
    """A layer after some training: no two weights are equal."""
    layer = StateSpace(6)
    layer.build((None, None, CHANNELS))
    rng = np.random.default_rng(0)
    for weight in layer.weights:
        weight.assign(weight + 0.3 * rng.normal(size=weight.shape))
    return layer


def test_begins_with_s4d_lin():
    keras.utils.set_random_seed(0)
    layer = StateSpace(8)
    layer.build((None, None, 4000))
    a = -np.exp(layer.log_decay) + 1j * np.asarray(layer.frequency)
    np.testing.assert_allclose(a, np.tile(-0.5 + 1j * np.pi * np.arange(4), (4000, 1)), rtol=1e-6)
    steps = np.log10(np.exp(layer.log_step))
    assert steps.min() >= -3.0001
    assert steps.max() <= -0.9999
    assert np.quantile(steps, [0.25, 0.5, 0.75]) == pytest.approx([-2.5, -2, -1.5], abs=0.1)
    c = np.asarray(layer.readout[0]) + 1j * np.asarray(layer.readout[1])
    assert np.mean(np.abs(c) ** 2) == pytest.approx(1, rel=0.05)


@pytest.mark.parametrize("time", [1, 2, 37, 1000])
def test_equals_the_recurrence_at_every_length(layer, time):
    x = signal(time)
    expected = by_steps(layer, x)
    for call in (layer, tf.function(layer), tf.function(layer, jit_compile=True)):
        np.testing.assert_allclose(call(x), expected, atol=1e-5 * np.abs(expected).max())


def test_equals_scipys_zero_order_hold():
    """One channel with one pair of states, as a real system of two states."""
    layer = StateSpace(2)
    layer.build((None, None, 1))
    decay, frequency, step, c = 0.8, 2.5, 0.07, 0.6 - 1.1j
    values = {
        "log_step": [np.log(step)],
        "log_decay": [[np.log(decay)]],
        "frequency": [[frequency]],
        "readout": np.reshape([c.real, 0, c.imag, 0], (2, 2, 1, 1)),  # nothing backwards
        "skip": [0.4],
    }
    for weight in layer.weights:
        weight.assign(values[weight.name])
    system = (
        [[-decay, -frequency], [frequency, -decay]],
        [[1], [0]],
        [[2 * c.real, -2 * c.imag]],
        [[0]],
    )
    continuous = tuple(map(np.array, system))
    discrete = scipy.signal.cont2discrete(continuous, step, method="zoh")
    x = signal(50, channels=1)
    for one, found in zip(x, np.asarray(layer(x)), strict=True):
        # SciPy's output is that of the state before a sample, the layer's of the state after it.
        _, after, _ = scipy.signal.dlsim(discrete, np.vstack([one, [[0]]]))
        np.testing.assert_allclose(found, after[1:] + 0.4 * one, atol=1e-5)


def test_without_fourier_transforms_the_numbers_are_the_same(layer):
    x = signal(250)
    expected = layer(x)
    with portable(gru=len):
        found = layer(x)
        graph = tf.function(layer).get_concrete_function(tf.TensorSpec((None, 250, CHANNELS))).graph
    np.testing.assert_allclose(found, expected, atol=1e-5 * np.abs(expected).max())
    assert "FFT" not in str(graph.as_graph_def())


@pytest.mark.parametrize("policy", ["float16", "mixed_float16", "mixed_bfloat16"])
def test_computes_in_float32_under_every_policy(layer, policy):
    half = StateSpace(6, dtype=policy)
    half.build((None, None, CHANNELS))
    half.set_weights(layer.get_weights())
    assert {weight.dtype for weight in half.weights} == {"float32"}
    x = tf.cast(signal(250), half.compute_dtype)
    with keras.src.backend.AutocastScope(half.compute_dtype):  # as inside a network
        found = half(x)
    expected = tf.cast(layer(tf.cast(x, "float32")), half.compute_dtype)
    np.testing.assert_array_equal(found, expected)


def test_has_finite_gradients(layer):
    x = tf.constant(signal(1000))
    with tf.GradientTape() as tape:
        tape.watch(x)
        loss = tf.reduce_sum(tf.sin(layer(x)))
    for gradient in tape.gradient(loss, [x, *(weight.value for weight in layer.weights)]):
        assert np.isfinite(gradient).all()
        assert np.all(gradient != 0)


def test_is_loaded_as_it_was_saved(layer, tmp_path):
    network = keras.Sequential([keras.Input((250, CHANNELS)), layer])
    network.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded(signal(250)), network(signal(250)))


@pytest.mark.parametrize("state_size", [0, 7])
def test_an_odd_number_of_states_is_refused(state_size):
    with pytest.raises(InputError, match=rf"state_size {state_size}: expected an even number"):
        StateSpace(state_size)
