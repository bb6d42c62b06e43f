"""A residual network on the part of the images along their diagonal."""

import keras
from keras import layers

from ecg_tf.errors import InputError
from ecg_tf.layers import DiagonalBand
from ecg_tf.models.residual import convolution, residual_stages

BAND = 64  # columns: 2.5 s of an image of 256 × 256


def band_resnet(input_shape=(256, 256, 9), classes=4, nb_filters=64, dropout=0.2):
    """Residual CNN that looks at each moment of the ECG against itself and the 2.5 s after it.

    An image of an ECG shows the same beats again and again, pair by pair; along the diagonal each
    lies once against itself and its successors. An ECG may be moved in time and is the same, so
    the network is convolutional there; a lag is not another lag, so these are channels.

    >>> band_resnet().count_params()
    2627076

    Args:
        input_shape: (height, width, channel) of the images, which are float32 in [0, 1].
        classes: number of classes.
        nb_filters: filters of the first stage, f; the others have 2f, 3f and 4f.
        dropout: share of the features dropped before the last layer.

    Returns:
        keras.Model from images to float32 logits (batch, class).

    Raises:
        InputError: images that are too small.
    """
    size, _, channels = input_shape
    if size < BAND:
        raise InputError(f"band_resnet: images of {size}², expected {BAND} or more")
    image = keras.Input(input_shape, name="image")
    x = DiagonalBand(BAND, name="band")(image)
    x = layers.Reshape((size, BAND * channels))(x)
    x = layers.ReLU()(convolution(x, nb_filters, 7, "conv1", strides=2))
    x = residual_stages(x, nb_filters)
    x = layers.Identity(name="feature_map")(x)
    x = layers.GlobalAveragePooling1D()(x)
    x = layers.Dropout(dropout)(x)
    logits = layers.Dense(classes, dtype="float32", name="logits")(x)
    return keras.Model(image, logits, name="band_resnet")
