"""AlexNet, the study's image network."""

import keras
from keras import layers

from ecg_tf.errors import InputError

MIN_SIZE = 67  # what four strides leave nothing of if smaller


def alexnet(input_shape=(256, 256, 9), classes=4, nb_filters=16, dropout=0.0):
    """AlexNet of the study: five convolutions and three dense layers.

    >>> alexnet(nb_filters=8).count_params()
    46334468

    Args:
        input_shape: (height, width, channel) of the images, which are float32 in [0, 1]; height and
            width at least 67.
        classes: number of classes.
        nb_filters: filters of the first convolution, f; the next have 2f, 4f, 8f and 256.
        dropout: share of the feature maps dropped, each as a whole, after every pooling.

    Returns:
        keras.Model from images to float32 logits (batch, class).

    Raises:
        InputError: images that are too small.
    """
    return alexnet_with(None, input_shape, classes, nb_filters, dropout, name="alexnet")


def alexnet_with(attention, input_shape, classes, nb_filters, dropout, name):
    """AlexNet with a layer `attention(name=…)` after the ReLU of conv1 and conv3, or None."""
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
    x = layers.Dense(4096, activation="relu", name="dense1")(x)
    x = layers.Dense(2048, activation="relu", name="dense2")(x)
    logits = layers.Dense(classes, dtype="float32", name="logits")(x)
    return keras.Model(image, logits, name=name)


def _pool(x, dropout):
    x = layers.MaxPooling2D(3, 2)(x)
    return layers.SpatialDropout2D(dropout)(x)
