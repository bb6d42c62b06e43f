"""Early fusion: a feature map of an image network and the state of a signal network, joined."""

import keras
from keras import layers

from ecg_tf.errors import InputError
from ecg_tf.models.branches import (
    branches,
    check_backbones,
    feature_map,
    features,
    tapped,
    two_dense_layers,
)
from ecg_tf.preprocessing import CHANNELS, SCALINGS

POOL = 3  # of the feature map


def early_fusion(
    signal,
    image,
    dropout=0.0,
    frozen=("signal", "image"),
    last_step=False,
    channels=CHANNELS,
    scaling=SCALINGS[0],
):
    """The last feature map, pooled, and the state of the signal network, and dense layers on both.

    Of the backbones only what leads there becomes part of this network.

    Args:
        signal: a signal network, such as `bigru()`; its weights are shared, not copied.
        image: an image network of the same leads and classes, such as `alexnet()`; likewise.
        dropout: share of the units dropped after each dense layer on both.
        frozen: which backbones stay as they are (see `Frozen`), as in the study: "signal", "image".
        last_step: take the last GRU's output at the last sample, of whose backward half the other
            samples are still to come, as in the study's code.
        channels: the images that `image` looks at, of each lead.
        scaling: of images and signals, see `ecg_tf.preprocessing.SCALINGS`.

    Returns:
        keras.Model from ecg (batch, 1000, lead) millivolt, unfiltered, to float32 logits
        (batch, class).

    Raises:
        InputError: backbones that do not fit together, images that are too small.
    """
    classes = check_backbones(signal, image, channels)
    pixels = feature_map(image)
    if min(pixels.shape[1:-1]) < POOL:
        raise InputError(f"early_fusion: images of {image.input_shape[1]}² are too small for it")
    state = _last_output(signal) if last_step else features(signal)
    backbones = tapped(signal, state), tapped(image, pixels)
    ecg, state, pixels = branches(*backbones, channels, frozen, scaling)
    pool = layers.MaxPooling2D if len(pixels.shape) == 4 else layers.MaxPooling1D
    pixels = layers.Flatten()(pool(POOL)(pixels))
    pixels = layers.Dense(256, activation="relu", name="image_features")(pixels)
    both = layers.Concatenate()([state, pixels])
    return keras.Model(ecg, two_dense_layers(both, classes, dropout), name="early_fusion")


def _last_output(signal):
    *_, last_gru = (layer for layer in signal.layers if layer.name.startswith("gru"))
    return last_gru.output[:, -1]
