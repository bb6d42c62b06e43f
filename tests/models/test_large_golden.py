"""The two networks of 1 and 2 GB under their golden weights, which are never held as a whole.

Nearly all weights are those of the first dense layer. Its outputs are computed by numpy, a few
units at a time; the layers before and after it are Keras'.
"""

import concurrent.futures
import zlib

import golden_networks as golden
import keras
import numpy as np
import pytest
from golden.reference_weights import _tensor

from ecg_tf.convert.conversions import CONVERSIONS
from ecg_tf.models import build

UNITS = 64  # of the first dense layer at a time
FIRST_DENSE = {"vgg16": "fc1", "smallcnn16": "linear_1"}


@pytest.mark.parametrize("name", golden.LARGE)
def test_predicts_as_the_study(name):
    network = without_weights(golden.MODELS[name])
    assert network.count_params() == sum(map(np.prod, golden.shapes[name].values()))
    sources = CONVERSIONS[network.name].weights(network)
    assert set(sources) == {variable.path for variable in network.weights}

    first = network.get_layer("dense1")
    others = [v for v in network.weights if not v.path.startswith("dense1/")]
    weights = [(v, weight(name, sources[v.path])) for v in others]
    body = keras.Model(network.input, first.input)
    head = keras.Model(first.output, network.output)
    with keras.StatelessScope(weights):
        features = np.asarray(body(golden.inputs()["image"], training=False))
    hidden = dense(name, sources["dense1/kernel"], features, network.get_layer("feature_map"))
    bias = weight(name, sources["dense1/bias"])
    with keras.StatelessScope(weights):
        logits = np.asarray(head(np.maximum(hidden + bias, 0), training=False))
    golden.assert_golden(logits, name, atol=1e-5)


def without_weights(name):
    """A network of the default size. Keras would make its weights later, but for its own thread."""

    def make():
        with keras.StatelessScope(initialize_variables=False):
            return build(name, (256, 256, 9), 4)

    with concurrent.futures.ThreadPoolExecutor() as pool:
        return pool.submit(make).result()


def weight(name, source):
    shapes = golden.shapes[name]
    return source.weight(*(_tensor(name, part, shapes[part], shapes) for part in source.names))


def dense(name, source, features, feature_map):
    """Products of features with the kernel of the first dense layer, in the order of Keras."""
    (tensor,) = source.names
    outputs, inputs = golden.shapes[name][tensor]
    assert source.shapes((inputs, outputs)) == [(outputs, inputs)]
    maps = features.reshape(-1, *feature_map.output.shape[1:])
    as_pytorch_flattens = maps.transpose(0, 3, 1, 2).reshape(features.shape)
    products = []
    for kernel in drawn(name, tensor, outputs, inputs):
        products.append((kernel @ as_pytorch_flattens.T).T)  # 200 times as fast as x @ kernel.T
        if len(products) == 1:  # the others would only take longer
            converted = (source.weight(kernel).T @ features.T).T
            np.testing.assert_allclose(converted, products[0], rtol=1e-4, atol=1e-5)
    return np.concatenate(products, axis=1)


def drawn(name, tensor, outputs, inputs):
    """`golden.reference_weights.state_dict(name)[tensor]`, some rows at a time."""
    rng = np.random.default_rng(zlib.crc32(f"{name}/{tensor}".encode()))
    gain = np.float32(2 / np.sqrt(inputs))
    for _ in range(outputs // UNITS):
        rows = rng.random((UNITS, inputs), dtype=np.float32)
        rows *= np.float32(2)
        rows -= np.float32(1)
        rows *= gain
        yield rows
