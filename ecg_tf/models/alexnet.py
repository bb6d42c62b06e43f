"""AlexNet for images."""

from collections.abc import Callable

import keras
from keras import layers

from ecg_tf.errors import InputError

MIN_SIZE = 67  # pixels; smaller images have no pixel left after the four strides
UNITS = (4096, 2048)  # of the dense layers before the logits


def alexnet(
    input_shape: tuple[int, int, int] = (256, 256, 9),
    classes: int = 4,
    nb_filters: int = 16,
    dropout: float = 0.0,
) -> keras.Model:
    """Build the AlexNet of the study: five convolutions and three dense layers.

    Args:
        input_shape: (height, width, channel) of the images, float32 in [0, 1]; height and width at
            least 67 pixels.
        classes: number of classes.
        nb_filters: number of filters f of the first convolution; the others have 2f, 4f, 8f and
            256.
        dropout: share of the feature maps dropped after each pooling.

    Returns:
        Model from images (batch, height, width, channel) to float32 logits (batch, class).

    Raises:
        InputError: the images are too small.

    References:
        H. Narotamo et al., Deep learning for ECG classification: A comparative study of 1D and 2D
        representations and multimodal fusion approaches, Biomedical Signal Processing and Control
        93 (2024) 106141, https://doi.org/10.1016/j.bspc.2024.106141
        A. Krizhevsky, I. Sutskever, G. Hinton, ImageNet classification with deep convolutional
        neural networks, Communications of the ACM 60 (2017) 84-90,
        https://doi.org/10.1145/3065386

    Examples:
        >>> from ecg_tf.models import alexnet
        >>> alexnet((96, 96, 3), nb_filters=2).output_shape
        (None, 4)
    """
    return alexnet_with(None, input_shape, classes, nb_filters, dropout, name="alexnet")


def alexnet_with(
    attention: Callable | None,
    input_shape: tuple[int, ...],
    classes: int,
    nb_filters: int,
    dropout: float,
    name: str,
) -> keras.Model:
    """AlexNet, with a layer `attention(name=…)` after conv1 and conv3 unless it is None."""
    if min(input_shape[:2]) < MIN_SIZE:
        raise InputError(
            f"{name}: images of {input_shape[0]} × {input_shape[1]}, expected {MIN_SIZE} or more"
        )
    x = image = keras.Input(input_shape, name="image")
    x = layers.Conv2D(nb_filters, 11, strides=4, activation="relu", name="conv1")(x)
    if attention:
        x = attention(name="attention1")(x)
    x = _pool(x, dropout)
    x = layers.Conv2D(2 * nb_filters, 5, padding="same", activation="relu", name="conv2")(x)
    x = _pool(x, dropout)
    x = layers.Conv2D(4 * nb_filters, 3, padding="same", activation="relu", name="conv3")(x)
    if attention:
        x = attention(name="attention3")(x)
    x = layers.Conv2D(8 * nb_filters, 3, padding="same", activation="relu", name="conv4")(x)
    x = layers.Conv2D(256, 3, padding="same", name="conv5")(x)
    x = layers.Identity(name="feature_map")(x)
    x = layers.ReLU()(x)
    x = _pool(x, dropout)
    x = layers.Flatten()(x)
    for number, units in enumerate(UNITS, start=1):
        x = layers.Dense(units, activation="relu", name=f"dense{number}")(x)
    logits = layers.Dense(classes, dtype="float32", name="logits")(x)
    return keras.Model(image, logits, name=name)


def _pool(x: keras.KerasTensor, dropout: float) -> keras.KerasTensor:
    x = layers.MaxPooling2D(3, 2)(x)
    return layers.SpatialDropout2D(dropout)(x)
