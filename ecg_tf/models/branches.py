"""What the two-branch networks share: one ECG in, both branches, the taps of their backbones."""

import keras
from keras import layers

from ecg_tf.errors import InputError
from ecg_tf.layers import SIGNAL_SCALES, ECGFilter, FieldImages
from ecg_tf.leads import SAMPLES
from ecg_tf.models.frozen import Frozen
from ecg_tf.preprocessing import SCALINGS


def check_backbones(signal, image, channels):
    """The number of classes of two networks; an InputError unless they fit together.

    Args:
        signal: expected to take signals (batch, 1000, lead).
        image: expected to take images (batch, size, size, lead * channel) of the same leads.
        channels: the images of each lead.
    """
    shapes = signal.input_shape[1:], image.input_shape[1:]
    leads = shapes[0][-1]
    size = shapes[1][0]
    if shapes != ((SAMPLES, leads), (size, size, leads * len(channels))):
        raise InputError(
            f"backbones that do not fit together: {signal.name} looks at {shapes[0]}, expected "
            f"signals ({SAMPLES}, lead); {image.name} at {shapes[1]}, expected square images "
            f"(size, size, channel) with {len(channels)} ({', '.join(channels)}) for each such lead"
        )
    classes, others = signal.output_shape[-1], image.output_shape[-1]
    if classes != others:
        raise InputError(
            f"backbones that do not fit together: {signal.name} answers {classes} classes and "
            f"{image.name} answers {others} classes"
        )
    return classes


def branches(signal, image, channels, frozen=(), scaling=SCALINGS[0]):
    """One ECG, band-passed once, then through both backbones.

    Args:
        signal: keras.Model from signals (batch, 1000, lead); this and the next may be `tapped`.
        image: keras.Model from images (batch, size, size, lead * channel).
        channels: the images of each lead.
        frozen: which of "signal" and "image" are `Frozen`.
        scaling: of images and signals, see `ecg_tf.preprocessing.SCALINGS`.

    Returns:
        ecg: keras.Input (batch, 1000, lead) millivolt, unfiltered.
        signal_output: what the signal backbone makes of it.
        image_output: what the image backbone makes of it.
    """
    ecg = keras.Input(signal.input_shape[1:], name="ecg", dtype="float32")
    filtered = ECGFilter(name="filtered")(ecg)
    looked_at = {
        "signal": (signal, SIGNAL_SCALES[scaling](name="signal")(filtered)),
        "image": (
            image,
            FieldImages(channels, image.input_shape[1], scaling, name="image")(filtered),
        ),
    }
    outputs = []
    for branch, (backbone, x) in looked_at.items():
        freeze = branch in frozen
        # Layer by layer: Keras passes on no value that the model as a whole already has.
        for layer in (backbone, *backbone.layers):
            layer.trainable = not freeze
        outputs.append(Frozen(backbone, name=backbone.name)(x) if freeze else backbone(x))
    return ecg, *outputs


def tapped(backbone, output):
    """`backbone` up to `output`, one of its inner tensors; its weights are shared."""
    return keras.Model(backbone.input, output, name=backbone.name)


def features(network):
    """The numbers that a network's logits are computed from, (batch, feature)."""
    return network.get_layer("logits").input


def feature_map(image):
    """The last feature map of an image network, AlexNet's before its ReLU."""
    return image.get_layer("feature_map").output


def two_dense_layers(x, classes, dropout):
    """The head of early and joint fusion: 512, 256 and one logit per class."""
    for number, units in enumerate((512, 256), start=1):
        x = layers.Dense(units, activation="relu", name=f"dense{number}")(x)
        x = layers.Dropout(dropout)(x)
    return layers.Dense(classes, dtype="float32", name="logits")(x)
