"""The batch normalization layer against Keras' own and against PyTorch."""

import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from other_backend import environment

from ecg_tf.layers import BatchNormalization

tf = pytest.importorskip("tensorflow")

rng = np.random.default_rng(0)
ROOT = Path(__file__).parents[2]
SHAPES = [(6, 7, 5, 4), (6, 9, 4)]


def pair(shape, **options):
    """Our layer and Keras' with equal weights, none of them 0."""
    layers = [
        kind(momentum=0.9, epsilon=1e-5, **options)
        for kind in (BatchNormalization, keras.layers.BatchNormalization)
    ]
    for layer in layers:
        layer.build(shape)
    weights = [rng.uniform(0.5, 2, shape[-1:]) for _ in layers[0].weights]
    for layer in layers:
        layer.set_weights(weights)
    return layers


def array(shape):
    """Values whose means differ from 0 and whose variances differ from 1."""
    return (rng.normal(size=shape) * 3 + rng.normal(size=shape[-1]) * 5).astype("float32")


def is_fused(layer, shape, dtype="float32"):
    spec = tf.TensorSpec((None, *shape[1:]), dtype)
    graph = tf.function(layer).get_concrete_function(spec).graph
    return "FusedBatchNorm" in str(graph.as_graph_def())


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("shape", SHAPES)
def test_equals_keras_in_outputs_gradients_and_statistics(shape, training):
    ours, theirs = pair(shape)
    assert is_fused(ours, shape)
    assert not is_fused(theirs, shape)
    x = tf.constant(array(shape))

    @tf.function
    def outputs_and_gradients(layer):
        with tf.GradientTape() as tape:
            tape.watch(x)
            outputs = layer(x, training=training)
            loss = tf.reduce_sum(tf.sin(3 * outputs))
        return outputs, *tape.gradient(loss, [x, layer.gamma.value, layer.beta.value])

    found, expected = map(outputs_and_gradients, (ours, theirs))
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5 * np.abs(other).max())
    for one, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5)


@pytest.mark.torch
@pytest.mark.parametrize("shape", SHAPES)
def test_equals_pytorch_in_training(shape):
    torch = pytest.importorskip("torch")
    layer = BatchNormalization(epsilon=1e-5)
    x = array(shape)
    expected = torch.nn.functional.batch_norm(
        torch.from_numpy(np.moveaxis(x, -1, 1)), None, None, training=True, eps=1e-5
    )
    found = np.moveaxis(np.asarray(layer(x, training=True)), -1, 1)
    np.testing.assert_allclose(found, expected.numpy(), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("shape", SHAPES)
def test_in_bfloat16_only_inputs_and_outputs_are_rounded(shape):
    ours, theirs = pair(shape, dtype="mixed_bfloat16")
    assert is_fused(ours, shape, "bfloat16")
    x = tf.cast(array(shape), "bfloat16")
    np.testing.assert_allclose(
        *(tf.cast(layer(x, training=True), "float32") for layer in (ours, theirs)), rtol=2**-7
    )
    for one, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5)


@pytest.mark.parametrize("records", [0, 1])
def test_any_batch(records):
    ours, theirs = pair((None, 7, 4))
    x = array((records, 7, 4))
    np.testing.assert_allclose(*(layer(x) for layer in (ours, theirs)), rtol=1e-5)


def test_a_single_value_has_the_variance_0():
    ours, theirs = pair((1, 1, 4))
    x = array((1, 1, 4))
    np.testing.assert_allclose(ours(x, training=True)[0, 0], ours.beta, rtol=1e-6)
    theirs(x, training=True)
    np.testing.assert_allclose(ours.moving_variance, theirs.moving_variance, rtol=1e-6)


def test_a_frozen_layer_keeps_its_statistics():
    ours, theirs = pair((6, 9, 4))
    ours.trainable = theirs.trainable = False
    before, x = ours.get_weights(), array((6, 9, 4))
    np.testing.assert_allclose(*(layer(x, training=True) for layer in (ours, theirs)), rtol=1e-5)
    for one, other in zip(ours.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    "options",
    [
        {"axis": 1},
        {"scale": False},
        {"center": False},
        {"dtype": "float64"},
        {"synchronized": True},
    ],
    ids=str,
)
def test_keras_computes_what_the_operation_cannot(options):
    ours, theirs = pair((6, 4, 4), **options)
    assert not is_fused(ours, (6, 4, 4), ours.compute_dtype)
    x = array((6, 4, 4)).astype(ours.compute_dtype)
    np.testing.assert_array_equal(*(layer(x, training=True) for layer in (ours, theirs)))


def test_a_mask_is_respected():
    ours, theirs = pair((6, 9, 4))
    x, mask = array((6, 9, 4)), rng.random((6, 9)) < 0.5
    np.testing.assert_array_equal(*(layer(x, training=True, mask=mask) for layer in (ours, theirs)))


def test_a_network_is_fitted_saved_and_loaded(tmp_path):
    x = keras.Input((9, 4))
    y = keras.layers.Dense(1)(keras.layers.Flatten()(BatchNormalization()(x)))
    network = keras.Model(x, y)
    network.compile("sgd", "mse")
    data = array((8, 9, 4))
    network.fit(data, data[:, :1, 0], verbose=0)
    network.save(tmp_path / "network.keras")
    again = keras.models.load_model(tmp_path / "network.keras")
    assert isinstance(again.layers[1], BatchNormalization)
    np.testing.assert_allclose(
        *(model.predict(data, verbose=0) for model in (network, again)), rtol=1e-6
    )


# Writes the outputs, gradients and statistics of our layer and of Keras' on two devices, and how
# often the devices of each talk to each other.
OVER_DEVICES = """
import sys
import jax, keras, numpy as np
from ecg_tf.layers import BatchNormalization

keras.distribution.set_distribution(keras.distribution.DataParallel(auto_shard_dataset=False))
rng = np.random.default_rng(0)
results = {}
for shape in ((6, 7, 5, 4), (6, 9, 4)):
    for training in (True, False):
        x = (rng.normal(size=shape) * 3 + rng.normal(size=4) * 5 + 300).astype("float32")
        layout = keras.distribution.distribution().get_data_layout(shape)
        kinds = {"ours": BatchNormalization, "keras": keras.layers.BatchNormalization}
        for name, kind in kinds.items():
            layer = kind(momentum=0.9, epsilon=1e-5)
            layer.build(shape)
            layer.set_weights([np.linspace(k, k + 1, 4) for k in (0.5, 1, 299, 2)])
            fixed = [v.value for v in layer.non_trainable_variables]

            def loss(x, weights):
                y, statistics = layer.stateless_call(weights, fixed, x, training=training)
                return jax.numpy.sum(jax.numpy.sin(3 * y)), (y, statistics)

            step = jax.jit(jax.grad(loss, argnums=(0, 1), has_aux=True))
            given = (
                keras.distribution.distribute_tensor(x, layout),
                [v.value for v in layer.trainable_variables],
            )
            key = f"{len(shape)} {training} {name}"
            compiled = step.lower(*given).compile()
            program = compiled.as_text()
            kinds_of_messages = ("all-reduce", "all-gather", "all-to-all", "collective-permute")
            results[f"{key} messages"] = sum(program.count(f" {one}(") for one in kinds_of_messages)
            for number, value in enumerate(jax.tree.leaves(compiled(*given))):
                results[f"{key} {number}"] = np.asarray(value)
np.savez(sys.argv[1], **results)
"""


def test_devices_under_jax_exchange_the_statistics_at_once(tmp_path):
    pytest.importorskip("jax")
    there = environment("jax", ROOT)
    there["XLA_FLAGS"] += " --xla_force_host_platform_device_count=2"
    file = tmp_path / "results.npz"
    subprocess.run([sys.executable, "-c", OVER_DEVICES, file], env=there, check=True)
    results = dict(np.load(file))
    compared = [key for key in results if " ours " in key and "messages" not in key]
    assert len(compared) == 4 * 6  # gradients by x, gamma and beta; outputs; mean and variance
    for key in compared:
        expected = results[key.replace("ours", "keras")]
        np.testing.assert_allclose(
            results[key], expected, rtol=1e-4, atol=1e-4 * np.abs(expected).max(), err_msg=key
        )
    for axes in (3, 4):
        ours, theirs = (
            results[f"{axes} True {name} messages"].item() for name in ("ours", "keras")
        )
        assert 0 < ours <= theirs / 2
