"""The GRU against Keras' own."""

import keras
import numpy as np
import pytest

from ecg_tf.export.gru_loop import gru_loop
from ecg_tf.layers import GRU
from ecg_tf.layers.portable import portable

tf = pytest.importorskip("tensorflow")

UNITS = 16
rng = np.random.default_rng(0)
X = rng.normal(size=(7, 50, 5)).astype("float32")


def pair(**options):
    """Our GRU and Keras' with equal weights, none of them 0."""
    layers = [kind(UNITS, return_sequences=True, **options) for kind in (GRU, keras.layers.GRU)]
    for layer in layers:
        layer.build(X.shape)
    weights = [rng.normal(size=weight.shape) / 2 for weight in layers[0].weights]
    for layer in layers:
        layer.set_weights(weights)
    return layers


def is_fast(layer):
    """Whether its graph contains the loop compiled by XLA."""
    graph = tf.function(layer).get_concrete_function(tf.TensorSpec((None, 50, 5))).graph
    return "_XlaMustCompile" in str(graph.as_graph_def())


@pytest.mark.parametrize(
    ("records", "training"), [(len(X), True), (len(X), False), (1, False)], ids=str
)
@pytest.mark.parametrize("go_backwards", [True, False])
def test_equals_keras_in_outputs_and_gradients(go_backwards, records, training):
    ours, theirs = pair(go_backwards=go_backwards)
    assert is_fast(ours)
    assert not is_fast(theirs)
    state = tf.constant(rng.normal(size=(records, UNITS)).astype("float32"))

    def outputs_and_gradients(layer):
        x = tf.constant(X[:records])
        with tf.GradientTape() as tape:
            tape.watch([x, state])
            outputs = layer(x, initial_state=state, training=training)
            loss = tf.reduce_sum(tf.sin(3 * outputs))
        return outputs, *tape.gradient(loss, [x, state, *(w.value for w in layer.weights)])

    expected = tf.function(outputs_and_gradients)(theirs)
    for computed in (outputs_and_gradients, tf.function(outputs_and_gradients)):
        found = computed(ours)
        np.testing.assert_allclose(found[0], expected[0], atol=1e-5)
        for gradient, wanted in zip(found[1:], expected[1:], strict=True):
            np.testing.assert_allclose(gradient, wanted, atol=1e-4 * np.abs(wanted).max())


@pytest.mark.parametrize("batch", [1, 2, 3, 7])
def test_any_batch_in_one_graph(batch):
    ours, theirs = pair()
    x = keras.Input((50, 5))
    model = keras.Model(x, ours(x))
    np.testing.assert_allclose(
        model.predict(X, batch_size=batch, verbose=0), theirs(X), rtol=0, atol=1e-5
    )


def test_last_state_and_last_output():
    ours, theirs = pair(return_state=True)
    for found, expected in zip(ours(X), theirs(X), strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-5)


def test_bidirectional_gru_is_fitted_saved_and_cloned(tmp_path):
    def network(kind):
        keras.utils.set_random_seed(1)
        signal = keras.Input((50, 5))
        x = keras.layers.Bidirectional(kind(UNITS))(signal)
        return keras.Model(signal, keras.layers.Dense(4)(x))

    ours, theirs = network(GRU), network(keras.layers.GRU)
    theirs.set_weights(ours.get_weights())
    labels = rng.normal(size=(len(X), 4))
    histories = []
    for model in (ours, theirs):
        model.compile(keras.optimizers.SGD(0.1), "mse")
        history = model.fit(X, labels, batch_size=3, epochs=3, shuffle=False, verbose=0)
        histories.append(history.history["loss"])
    np.testing.assert_allclose(*histories, rtol=1e-4)

    ours.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    cloned = keras.models.clone_model(loaded)
    cloned.set_weights(loaded.get_weights())
    np.testing.assert_allclose(cloned.predict(X, verbose=0), ours.predict(X, verbose=0), atol=1e-6)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision(policy):
    ours, theirs = pair(dtype=policy)
    exact = pair()[1]
    exact.set_weights(theirs.get_weights())
    outputs = ours(X)
    assert outputs.dtype == policy.removeprefix("mixed_")
    errors = [np.abs(np.float32(layer(X)) - exact(X)).max() for layer in (ours, theirs)]
    assert errors[0] <= errors[1]


def test_one_record_in_bfloat16():
    layer = GRU(UNITS, return_sequences=True, dtype="mixed_bfloat16")
    expected = np.asarray(layer(X), "float32")[:1]
    for compute in (layer, tf.function(layer)):
        np.testing.assert_allclose(np.asarray(compute(X[:1]), "float32"), expected, atol=0.02)


def test_gradients_in_bfloat16_are_closer_than_those_of_keras():
    ours, theirs = pair(dtype="mixed_bfloat16")
    exact = pair()[1]
    exact.set_weights(theirs.get_weights())

    @tf.function
    def gradients(layer):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.sin(3 * tf.cast(layer(X, training=True), "float32")))
        return tape.gradient(loss, [weight.value for weight in layer.weights])

    found, others, wanted = map(gradients, (ours, theirs, exact))
    for one, other, right in zip(found, others, wanted, strict=True):
        error = np.linalg.norm(one - right) / np.linalg.norm(right)
        assert 0 < error < min(0.03, np.linalg.norm(other - right) / np.linalg.norm(right))


@pytest.mark.parametrize("go_backwards", [True, False])
def test_exports_without_xla(go_backwards):
    ours, theirs = pair(go_backwards=go_backwards)
    with portable(gru_loop):
        assert not is_fast(ours)
        np.testing.assert_allclose(ours(X), theirs(X), atol=1e-6)
    assert is_fast(ours)


@pytest.mark.parametrize("options", [{"dropout": 0.5}, {"unroll": True}, {"activation": "relu"}])
def test_leaves_the_rest_to_keras(options):
    ours, theirs = pair(**options)
    assert not is_fast(ours)
    np.testing.assert_allclose(ours(X), theirs(X), rtol=1e-5)
