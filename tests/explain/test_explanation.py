import keras
import numpy as np
import pytest
from keras import layers

from ecg_tf.data.synthetic import simulate_ecg
from ecg_tf.errors import InputError
from ecg_tf.explain.explanation import GRAD_CAM, INTEGRATED_GRADIENTS, explain
from ecg_tf.input_spec import InputSpec
from ecg_tf.leads import lead_indices
from ecg_tf.models import build

CHANNELS, SIZE = ("gaf", "rp"), 99  # at which early fusion still has something to pool


@pytest.fixture(scope="module")
def ecg():
    ecg = simulate_ecg(["MI"], np.random.default_rng(0))
    return ecg[:, lead_indices(["I", "V2"])]


@pytest.fixture(scope="module")
def backbones():
    keras.utils.set_random_seed(0)
    return {
        "signal": build("gru", (1000, 2), 4, num_layers=1, hidden_size=4),
        "image": build("alexnet", (SIZE, SIZE, 4), 4, nb_filters=1),
    }


def spec(kind, size):
    return InputSpec(kind, ("I", "V2"), channels=CHANNELS, image_size=size)


def looking_at(rows, columns):
    """A network whose logit is the mean of a patch of the images."""
    image = keras.Input((100, 100, 4))
    patch = np.zeros((100, 100, 1), np.float32)
    patch[rows, columns] = 1
    x = layers.Identity(name="conv2")(image * patch)
    return keras.Model(image, layers.Dense(1, "softplus")(layers.GlobalAveragePooling2D()(x)))


def test_a_patch_of_an_image_is_explained_by_its_two_times(ecg):
    network = looking_at(slice(20, 30), slice(70, 80))
    network.layers[-1].kernel.assign(np.ones((4, 1)))
    (view,) = explain(network, spec("image", 100), ecg, 0)
    assert view.method == GRAD_CAM
    assert view.relevance.shape == (1000, 1)
    bright = np.flatnonzero(view.relevance[:, 0] > 0.5 * view.relevance.max()) / 100  # s
    assert all(2 <= t <= 3 or 7 <= t <= 8 for t in bright)
    assert {int(t) for t in bright} == {2, 7}


@pytest.mark.parametrize("name", ["weighted_fusion", "late_fusion", "early_fusion", "joint_fusion"])
def test_each_branch_of_a_fusion_is_explained_by_its_own_method(name, backbones, ecg):
    network = build(name, **backbones, channels=CHANNELS)
    logits = network.get_layer("logits")
    logits.weights[0].assign(10 * logits.weights[0])
    of_signal, of_image = explain(network, spec("ecg", SIZE), ecg, 1)
    assert (of_signal.method, of_image.method) == (INTEGRATED_GRADIENTS, GRAD_CAM)
    assert of_signal.relevance.shape == (1000, 2)
    assert of_image.relevance.shape == (1000, 1)

    # Completeness: what the signal adds, where the images are those of this ECG.
    inner = [network.get_layer(part).output for part in ("signal", "image")]
    rest = keras.Model(inner, network.output)
    signal, image = keras.Model(network.input, inner)(ecg[None])
    added = (rest([signal, image]) - rest([0 * signal, image]))[0, 1]
    assert of_signal.relevance.sum() == pytest.approx(float(added), rel=0.01, abs=1e-5)


def test_a_network_without_a_feature_map_is_an_error(ecg):
    image = keras.Input((100, 100, 4))
    network = keras.Model(image, layers.Dense(1)(layers.Flatten(name="flat")(image)))
    with pytest.raises(InputError, match=r"layers .*flat.*; expected .*conv2 or stage1"):
        explain(network, spec("image", 100), ecg, 0)
