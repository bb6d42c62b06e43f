"""Parts shared by the fusion networks: branches, taps of backbones, dense layers."""

from collections.abc import Sequence

import keras
from keras import layers

from ecg_tf.errors import InputError
from ecg_tf.layers import SIGNAL_SCALES, ECGFilter, FieldImages
from ecg_tf.leads import SAMPLING_RATE
from ecg_tf.models.frozen import Frozen
from ecg_tf.preprocessing import SCALINGS


def check_backbones(signal: keras.Model, image: keras.Model, channels: Sequence[str]) -> int:
    """Check that two networks fit together, and return their number of classes.

    Args:
        signal: network that must take signals (batch, time, lead).
        image: network that must take images (batch, size, size, lead * channel) of the same leads.
        channels: the images of each lead.

    Raises:
        InputError: other inputs, or different numbers of classes.
    """
    shapes = signal.input_shape[1:], image.input_shape[1:]
    samples, leads = shapes[0][0], shapes[0][-1]
    size = shapes[1][0]
    if shapes != ((samples, leads), (size, size, leads * len(channels))):
        raise InputError(
            f"backbones that do not fit together: {signal.name} takes {shapes[0]}, expected "
            f"signals (time, lead); {image.name} takes {shapes[1]}, expected square images "
            f"(size, size, channel) with {len(channels)} channels ({', '.join(channels)}) per lead"
        )
    classes, others = signal.output_shape[-1], image.output_shape[-1]
    if classes != others:
        raise InputError(
            f"backbones that do not fit together: {signal.name} has {classes} classes and "
            f"{image.name} has {others} classes; expected the same number"
        )
    return classes


def branches(
    signal: keras.Model,
    image: keras.Model,
    channels: Sequence[str],
    frozen: Sequence[str] = (),
    scaling: str = SCALINGS[0],
    sampling_rate: int = SAMPLING_RATE,
) -> tuple:
    """Filter an ECG once and apply both backbones to it.

    Args:
        signal: keras.Model of signals (batch, time, lead); may be `tapped`.
        image: keras.Model of images (batch, size, size, lead * channel); may be `tapped`.
        channels: the images of each lead.
        frozen: the backbones that become `Frozen`: "signal", "image".
        scaling: scaling of images and signals: one of `ecg_tf.preprocessing.SCALINGS`.
        sampling_rate: sampling rate of the ECGs, Hz.

    Returns:
        ecg: keras.Input (batch, time, lead) millivolt, unfiltered.
        signal_output: output of the signal backbone.
        image_output: output of the image backbone.
    """
    ecg = keras.Input(signal.input_shape[1:], name="ecg", dtype="float32")
    filtered = ECGFilter(sampling_rate, name="filtered")(ecg)
    inputs = {
        "signal": (signal, SIGNAL_SCALES[scaling](name="signal")(filtered)),
        "image": (
            image,
            FieldImages(channels, image.input_shape[1], scaling, name="image")(filtered),
        ),
    }
    outputs = []
    for branch, (backbone, x) in inputs.items():
        freeze = branch in frozen
        # For each layer: Keras does not pass on a value that the model already has.
        for layer in (backbone, *backbone.layers):
            layer.trainable = not freeze
        outputs.append(Frozen(backbone, name=backbone.name)(x) if freeze else backbone(x))
    return ecg, *outputs


def tapped(backbone: keras.Model, output: keras.KerasTensor) -> keras.Model:
    """The part of `backbone` up to its inner tensor `output`; weights are shared."""
    return keras.Model(backbone.input, output, name=backbone.name)


def features(network: keras.Model) -> keras.KerasTensor:
    """The input of the last layer of a network, (batch, feature)."""
    return network.get_layer("logits").input


def feature_map(image: keras.Model) -> keras.KerasTensor:
    """The last feature map of an image network; in AlexNet, before the ReLU."""
    return image.get_layer("feature_map").output


def two_dense_layers(x: keras.KerasTensor, classes: int, dropout: float) -> keras.KerasTensor:
    """The last layers of early and joint fusion: 512 and 256 units, and the logits."""
    for number, units in enumerate((512, 256), start=1):
        x = layers.Dense(units, activation="relu", name=f"dense{number}")(x)
        x = layers.Dropout(dropout)(x)
    return layers.Dense(classes, dtype="float32", name="logits")(x)
