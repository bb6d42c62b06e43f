import keras
import numpy as np
from scipy.special import erf
from state_space_steps import by_steps

from ecg_tf.models import build, s4
from ecg_tf.training.optimizers import optimizer


def signal(*shape):
    return np.random.default_rng(0).normal(size=shape).astype("float32")


def test_equals_its_formulas():
    network = build("s4", (200, 3), 5, nb_filters=6, num_layers=2, state_size=4)
    rng = np.random.default_rng(1)
    for weight in network.weights:  # also biases and scales that are not 0 and 1
        weight.assign(weight + 0.1 * rng.normal(size=weight.shape))

    def linear(x, name):
        kernel, bias = (np.asarray(w, np.float64) for w in network.get_layer(name).weights)
        return x @ kernel.reshape(kernel.shape[-2:]) + bias

    x = linear(signal(2, 200, 3), "conv1")
    for block in (1, 2):
        y = by_steps(network.get_layer(f"state_space{block}"), x)
        y = linear(y * (1 + erf(y / np.sqrt(2))) / 2, f"mixing{block}")
        x = x + y[..., :6] / (1 + np.exp(-y[..., 6:]))
        scale, shift = (np.asarray(w) for w in network.get_layer(f"norm{block}").weights)
        centred = x - x.mean(axis=-1, keepdims=True)
        x = centred / np.sqrt(x.var(axis=-1, keepdims=True) + 1e-5) * scale + shift
    expected = linear(x.mean(axis=1), "logits")
    np.testing.assert_allclose(network(signal(2, 200, 3)), expected, atol=1e-4)


def test_sliding_windows_are_averaged():
    sliding = s4((1000, 3), nb_filters=4, num_layers=1, sliding_seconds=2.5)
    one = s4((250, 3), nb_filters=4, num_layers=1)
    one.set_weights(sliding.get_weights())
    x = signal(2, 1000, 3)
    logits = [one(x[:, start : start + 250]) for start in range(0, 751, 125)]
    np.testing.assert_allclose(sliding(x), np.mean(logits, axis=0), rtol=1e-4, atol=1e-6)


def test_learns_to_tell_slow_from_fast_waves():
    keras.utils.set_random_seed(0)
    network = s4((100, 1), classes=1, nb_filters=8, num_layers=1, dropout=0.0)
    fast = np.arange(64) % 2
    phases = np.random.default_rng(0).uniform(0, 2 * np.pi, 64)
    waves = np.sin(np.outer(0.2 + 0.1 * fast, np.arange(100)) + phases[:, None])
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    network.compile(optimizer("adamw", 0.02, 0.01), loss, metrics=["accuracy"])
    history = network.fit(waves[..., None], fast[:, None], batch_size=64, epochs=20, verbose=0)
    losses = history.history["loss"]
    assert losses[-1] < 0.5 * losses[0]
