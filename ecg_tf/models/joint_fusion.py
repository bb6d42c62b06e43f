"""Joint fusion: an image and a signal network trained together."""

import keras
from keras import layers

from ecg_tf.models.branches import branches, check_backbones, features, tapped, two_dense_layers
from ecg_tf.preprocessing import CHANNELS, SCALINGS


def joint_fusion(signal, image, dropout=0.0, channels=CHANNELS, scaling=SCALINGS[0]):
    """What both networks compute their logits from, and dense layers on both; all is trained.

    Args:
        signal: a signal network, such as `bigru()`; its weights are shared, not copied.
        image: an image network of the same leads and classes, such as `alexnet()`; likewise.
        dropout: share of the units dropped after each dense layer on both.
        channels: the images that `image` looks at, of each lead.
        scaling: of images and signals, see `ecg_tf.preprocessing.SCALINGS`.

    Returns:
        keras.Model from ecg (batch, 1000, lead) millivolt, unfiltered, to float32 logits
        (batch, class).

    Raises:
        InputError: backbones that do not fit together.
    """
    classes = check_backbones(signal, image, channels)
    backbones = [tapped(network, features(network)) for network in (signal, image)]
    ecg, state, pixels = branches(*backbones, channels, scaling=scaling)
    pixels = layers.Dense(768, activation="relu", name="image_features")(pixels)
    both = layers.Concatenate()([state, pixels])
    return keras.Model(ecg, two_dense_layers(both, classes, dropout), name="joint_fusion")
