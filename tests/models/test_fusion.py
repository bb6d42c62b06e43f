import functools

import keras
import numpy as np
import pytest
from keras import layers

from ecg_tf.errors import InputError
from ecg_tf.layers import ECGImage, ECGSignal
from ecg_tf.models import (
    alexnet,
    band_resnet,
    bigru,
    early_fusion,
    gru,
    gru_attention,
    joint_fusion,
    late_fusion,
    resnet,
    resnet1d,
    weighted_fusion,
)

pytestmark = pytest.mark.usefixtures("few_blocks")

FUSIONS = (weighted_fusion, late_fusion, early_fusion, joint_fusion)


@pytest.fixture
def ecg(golden):
    return golden("inputs")["signal_uv"][:, :, [0, 1, 7]].astype(np.float32) / 1000


def small_bigru(classes=4):
    return bigru(classes=classes, num_layers=1, hidden_size=4)


def small_cnn(classes=4, size=96):
    """A small image network with the layers that fusions use."""
    x = image = keras.Input((size, size, 9), name="image")
    x = layers.Conv2D(4, 7, 8)(x)
    x = layers.BatchNormalization()(x)
    x = layers.SpatialDropout2D(0.5)(x)
    x = layers.Identity(name="feature_map")(x)
    x = layers.Dense(8, activation="relu")(layers.Flatten()(x))
    return keras.Model(image, layers.Dense(classes, name="logits")(x), name="cnn")


@pytest.mark.parametrize("fusion", FUSIONS)
@pytest.mark.parametrize(
    ("signal", "image"),
    [
        (functools.partial(gru, hidden_size=4), alexnet),
        (functools.partial(bigru, hidden_size=4), resnet),
        (functools.partial(gru_attention, hidden_size=4), band_resnet),
        (functools.partial(resnet1d, nb_filters=4, sliding_seconds=2), band_resnet),
    ],
)
def test_signal_networks_fuse_with_image_networks(fusion, signal, image):
    backbones = signal((1000, 2), 3), image((67, 67, 4), 3, nb_filters=1)
    network = fusion(*backbones, channels=("rp", "gaf"))
    assert network.name == fusion.__name__
    assert network.input_shape == (None, 1000, 2)
    assert network.output_shape == (None, 3)
    assert network.output.dtype == "float32"


def test_branches_have_the_same_inputs_as_single_networks(ecg):
    network = joint_fusion(small_bigru(), small_cnn())
    preprocessors = [network.get_layer(name).output for name in ("signal", "image")]
    signal, image = keras.Model(network.input, preprocessors)(ecg)
    np.testing.assert_array_equal(signal, ECGSignal()(ecg))
    np.testing.assert_array_equal(image, ECGImage(size=96)(ecg))


def fit(network, ecg):
    labels = np.eye(8, 4, dtype=np.float32)
    network.compile(keras.optimizers.SGD(0.1), "mse")
    network.fit(ecg, labels, batch_size=4, verbose=0)


@pytest.mark.parametrize("fusion", [weighted_fusion, late_fusion, early_fusion])
def test_training_does_not_change_frozen_backbones(fusion, ecg, tmp_path):
    fusion(small_bigru(), small_cnn()).save(tmp_path / "fusion.keras")
    network = keras.saving.load_model(tmp_path / "fusion.keras")
    backbones = [network.get_layer(name) for name in ("bigru", "cnn")]
    before = [[np.array(weight) for weight in backbone.weights] for backbone in backbones]
    head = network.get_layer("logits").get_weights()[0]
    fit(network, ecg)
    for backbone, weights in zip(backbones, before, strict=True):
        assert weights
        for one, other in zip(backbone.get_weights(), weights, strict=True):
            np.testing.assert_array_equal(one, other)
    assert (network.get_layer("logits").get_weights()[0] != head).any()


def test_frozen_backbones_run_in_inference_mode(ecg):
    network = late_fusion(small_bigru(), small_cnn())
    network.compile(keras.optimizers.SGD(0.0), "mse")
    data = ecg, np.eye(8, 4, dtype=np.float32)
    in_training = network.fit(*data, batch_size=8, verbose=0).history["loss"][0]
    in_inference = network.evaluate(*data, batch_size=8, verbose=0)
    np.testing.assert_allclose(in_training, in_inference, rtol=1e-6)


@pytest.mark.parametrize(
    "fusion", [joint_fusion, lambda *backbones: late_fusion(*backbones, frozen=())]
)
def test_backbones_that_are_not_frozen_are_trained_completely(fusion, ecg):
    signal, image = small_bigru(), small_cnn()
    early_fusion(signal, image)  # which froze them
    network = fusion(signal, image)
    before = [np.array(weight) for weight in network.weights]
    fit(network, ecg)
    # A bias before a batch normalisation has no gradient.
    unchanged = {
        weight.path
        for weight, old in zip(network.weights, before, strict=True)
        if (np.array(weight) == old).all() and "conv" not in weight.path
    }
    assert unchanged == set()


def test_early_fusion_uses_the_final_state_of_each_direction(ecg):
    network = early_fusion(small_bigru(), small_cnn())
    _, backward = changed(network, ecg, sample=1)
    assert backward
    forward, _ = changed(network, ecg, sample=-2)
    assert forward


def test_early_fusion_can_use_the_last_sample_as_in_the_study(ecg):
    network = early_fusion(small_bigru(), small_cnn(), last_step=True)
    assert changed(network, ecg, sample=1) == (False, False)  # forward has forgotten it
    assert changed(network, ecg, sample=-2) == (True, False)
    assert changed(network, ecg, sample=-1) == (True, True)


def changed(network, ecg, sample):
    """Whether a change of one sample changes each half of the BiGRU's output."""
    backbone = keras.Model(*(network.get_layer(name).output for name in ("signal", "bigru")))
    before = ECGSignal()(ecg[:1])
    after = np.array(before)
    after[:, sample] *= -1
    outputs = backbone.predict(np.concatenate([before, after]), verbose=0)
    forward, backward = np.split(outputs[0] != outputs[1], 2)
    return forward.any(), backward.any()


def test_weighted_fusion_is_a_weighted_sum_initially_the_mean(ecg):
    signal, image = small_bigru(), small_cnn()
    of_signal, of_image = (
        np.asarray(network(preprocessor(ecg)))
        for network, preprocessor in ((signal, ECGSignal()), (image, ECGImage(size=96)))
    )
    network = weighted_fusion(signal, image)
    np.testing.assert_allclose(network(ecg), (of_signal + of_image) / 2, rtol=1e-5, atol=1e-6)
    shares, bias = np.float32([[1, 2, 3, 4], [0, -1, 1, 0.5]]), np.float32([1, 2, 3, 4])
    network.get_layer("logits").set_weights([shares, bias])
    expected = shares[0] * of_signal + shares[1] * of_image + bias
    np.testing.assert_allclose(network(ecg), expected, rtol=1e-5, atol=1e-5)


def test_the_head_has_the_sizes_and_the_dropout_asked_for():
    network = late_fusion(small_bigru(), small_cnn(), hidden=7, dropout=0.25)
    assert network.get_layer("hidden").units == 7
    rates = [x.rate for x in network.layers if isinstance(x, keras.layers.Dropout)]
    assert rates == [0.25]


@pytest.mark.parametrize("fusion", FUSIONS)
def test_backbones_of_other_classes_are_refused(fusion):
    with pytest.raises(InputError, match="bigru has 4 classes and cnn has 3 classes"):
        fusion(small_bigru(classes=4), small_cnn(classes=3))


@pytest.mark.parametrize("fusion", FUSIONS)
def test_backbones_of_other_leads_or_in_wrong_order_are_refused(fusion):
    with pytest.raises(InputError, match=r"do not fit together: bigru takes .1000, 2., exp"):
        fusion(bigru((1000, 2), hidden_size=4), small_cnn())
    with pytest.raises(InputError, match=r"do not fit together: cnn takes .96, 96, 9., exp"):
        fusion(small_cnn(), small_bigru())


def test_early_fusion_refuses_images_too_small_for_its_pooling():
    with pytest.raises(InputError, match="early_fusion: images of 16² are too small"):
        early_fusion(small_bigru(), small_cnn(size=16))
