"""Networks compiled for predictions on CPUs, beside the same networks as Keras calls them."""

import gc

import numpy as np
import pytest
import tensorflow as tf

from ecg_tf.kernels.inference import compile_for_inference
from ecg_tf.layers import ECGImage, ECGSignal
from ecg_tf.models import alexnet, band_resnet, fold_batch_normalization, from_ecg, gru, resnet1d
from ecg_tf.runs.saved_network import dtype_policy

pytestmark = pytest.mark.usefixtures("few_blocks")

rng = np.random.default_rng(0)

NETWORKS = {
    "alexnet": lambda: alexnet((67, 67, 1), nb_filters=1),
    "resnet1d": lambda: resnet1d((200, 2), nb_filters=4),
    "resnet1d, windows": lambda: resnet1d((400, 2), nb_filters=4, sliding_seconds=2.5),
    "gru, raw ECGs": lambda: from_ecg(gru((1000, 2), hidden_size=4), ECGSignal(), (1000, 2)),
    "band_resnet, raw ECGs": lambda: from_ecg(
        band_resnet((64, 64, 6), nb_filters=4), ECGImage(size=64), (1000, 2)
    ),
}


def randomized(network):
    for weight in network.weights:
        if weight.dtype == "float32":
            weight.assign(np.asarray(weight) + np.abs(rng.normal(size=weight.shape)) / 50)
    return network


@pytest.mark.parametrize("folded", [False, True])
@pytest.mark.parametrize("name", NETWORKS)
def test_outputs_are_those_of_the_network(name, folded):
    network = randomized(NETWORKS[name]())
    if folded:
        fold_batch_normalization(network)
    x = rng.random((9, *network.input_shape[1:]), dtype="float32")
    compiled = compile_for_inference(network)
    # A pixel between two grey levels may be rounded to either of them.
    limits = {"rtol": 1e-5, "atol": 1e-4 if "band" in name else 1e-6}
    np.testing.assert_allclose(compiled(tf.constant(x)), network(x), **limits)
    np.testing.assert_allclose(compiled(tf.constant(x[:2])), network(x[:2]), **limits)


def test_large_batches_of_images_after_a_garbage_collection():
    """Large batches take another branch of the graph, which TensorFlow must still know."""
    network = randomized(NETWORKS["band_resnet, raw ECGs"]())
    x = rng.random((171, *network.input_shape[1:]), dtype="float32")  # 4.2 million values
    compiled = compile_for_inference(network)
    gc.collect()
    np.testing.assert_allclose(compiled(tf.constant(x)), network(x), rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("name", ["alexnet", "resnet1d"])
def test_outputs_in_bfloat16_are_those_of_the_network(name):
    with dtype_policy("mixed_bfloat16"):
        network = randomized(NETWORKS[name]())
    fold_batch_normalization(network)
    x = rng.random((3, *network.input_shape[1:]), dtype="float32")
    compiled = compile_for_inference(network)
    expected = np.asarray(network(x))
    largest = np.abs(expected).max()
    np.testing.assert_allclose(compiled(tf.constant(x)), expected, rtol=0, atol=0.02 * largest)


def test_the_height_of_signals_is_kept_between_convolutions():
    """Otherwise biases, sums and ReLU are not merged into the convolutions."""
    network = NETWORKS["resnet1d"]()
    fold_batch_normalization(network)
    compiled = compile_for_inference(network)
    found, waiting = set(), [compiled.outputs[0].op]
    while waiting:
        operation = waiting.pop()
        if operation not in found:
            found.add(operation)
            waiting += [tensor.op for tensor in operation.inputs]
    ranks = {(op.type, op.outputs[0].shape.rank) for op in found}
    assert {("Relu", 4), ("AddV2", 4), ("BiasAdd", 4), ("MaxPool", 4)} <= ranks
    assert not {("Relu", 3), ("AddV2", 3), ("BiasAdd", 3)} & ranks
    added = [op for op in found if op.type == "ExpandDims" and op.inputs[0].op.type != "Const"]
    assert len(added) == 1
