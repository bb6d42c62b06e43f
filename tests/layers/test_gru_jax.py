"""The GRU of JAX against Keras' own under TensorFlow."""

import keras
import numpy as np
import pytest

tf = pytest.importorskip("tensorflow")
jax = pytest.importorskip("jax", reason="jax is not installed")
from ecg_tf.kernels.gru_jax import gru  # noqa: E402  needs jax

UNITS = 16
rng = np.random.default_rng(0)
X = rng.normal(size=(7, 50, 5)).astype("float32")
STATE = rng.normal(size=(len(X), UNITS)).astype("float32")
NAMES = ("x", "initial state", "kernel", "recurrent kernel", "bias")


@pytest.fixture(scope="module", params=[False, True], ids=["forwards", "backwards"])
def case(request):
    """Whether the GRU runs backwards, its weights, and Keras' outputs and gradients."""
    layer = keras.layers.GRU(UNITS, return_sequences=True, go_backwards=request.param)
    layer.build(X.shape)
    layer.set_weights([rng.normal(size=weight.shape) / 2 for weight in layer.weights])
    x, state = tf.constant(X), tf.constant(STATE)
    with tf.GradientTape() as tape:
        tape.watch([x, state])
        outputs = layer(x, initial_state=state)
        loss = tf.reduce_sum(tf.sin(3 * outputs))
    gradients = tape.gradient(loss, [x, state, *(weight.value for weight in layer.weights)])
    return request.param, layer.get_weights(), np.array(outputs), list(map(np.array, gradients))


def outputs_and_gradients(backwards, weights, dtype):
    def loss(*arrays):
        outputs = gru(*arrays, backwards=backwards, dtype=dtype)
        return jax.numpy.sum(jax.numpy.sin(3 * outputs)), outputs

    step = jax.value_and_grad(loss, argnums=range(5), has_aux=True)
    (_, outputs), gradients = jax.jit(step)(X, STATE, *weights)
    assert {array.dtype.name for array in (outputs, *gradients)} == {"float32"}
    return outputs, gradients


def test_equals_keras_in_outputs_and_gradients(case):
    backwards, weights, expected, expected_gradients = case
    found, gradients = outputs_and_gradients(backwards, weights, "float32")
    np.testing.assert_allclose(found, expected, atol=1e-5)
    for name, gradient, wanted in zip(NAMES, gradients, expected_gradients, strict=True):
        np.testing.assert_allclose(gradient, wanted, atol=1e-4 * np.abs(wanted).max(), err_msg=name)


@pytest.mark.parametrize(("dtype", "most"), [("float16", 0.004), ("bfloat16", 0.03)])
def test_16_bits_round_little(case, dtype, most):
    backwards, weights, expected, expected_gradients = case
    found, gradients = outputs_and_gradients(backwards, weights, dtype)
    for value, wanted in zip((found, *gradients), (expected, *expected_gradients), strict=True):
        assert 0 < np.linalg.norm(value - wanted) < most * np.linalg.norm(wanted)
