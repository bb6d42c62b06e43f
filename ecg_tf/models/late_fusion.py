"""Late fusion: what a signal and an image network answer, joined."""

import keras
from keras import layers

from ecg_tf.models.branches import branches, check_backbones
from ecg_tf.preprocessing import CHANNELS, SCALINGS


def late_fusion(
    signal,
    image,
    hidden=512,
    dropout=0.0,
    frozen=("signal", "image"),
    channels=CHANNELS,
    scaling=SCALINGS[0],
):
    """The probabilities of both networks, and a dense layer that weighs them up.

    Args:
        signal: a signal network, such as `bigru()`; its weights are shared, not copied.
        image: an image network of the same leads and classes, such as `alexnet()`; likewise.
        hidden: units of the dense layer.
        dropout: share of its units dropped.
        frozen: which backbones stay as they are (see `Frozen`), as in the study: "signal", "image".
        channels: the images that `image` looks at, of each lead.
        scaling: of images and signals, see `ecg_tf.preprocessing.SCALINGS`.

    Returns:
        keras.Model from ecg (batch, 1000, lead) millivolt, unfiltered, to float32 logits
        (batch, class).

    Raises:
        InputError: backbones that do not fit together.
    """
    classes = check_backbones(signal, image, channels)
    ecg, *logits = branches(signal, image, channels, frozen, scaling)
    probabilities = [layers.Activation("sigmoid", dtype="float32")(x) for x in logits]
    x = layers.Concatenate(name="probabilities")(probabilities)
    x = layers.Dense(hidden, activation="relu", name="hidden")(x)
    x = layers.Dropout(dropout)(x)
    logits = layers.Dense(classes, dtype="float32", name="logits")(x)
    return keras.Model(ecg, logits, name="late_fusion")
