"""ResNet-50, narrow."""

import keras
from keras import layers

BLOCKS = (3, 4, 6, 3)  # bottlenecks of each stage


def resnet(input_shape=(256, 256, 9), classes=4, nb_filters=16):
    """ResNet-50 of the study (He et al. 2016), a quarter as wide as usual.

    Strides are on the 3 × 3 convolutions, and all convolutions but the first have biases.

    >>> sum(weight.numpy().size for weight in resnet().trainable_variables)
    1494356

    Args:
        input_shape: (height, width, channel) of the images, which are float32 in [0, 1].
        classes: number of classes.
        nb_filters: filters of the first convolution, f; the stages have 4f, 8f, 16f and 32f.

    Returns:
        keras.Model from images to float32 logits (batch, class).
    """
    x = image = keras.Input(input_shape, name="image")
    x = _conv(x, nb_filters, 7, "conv1", strides=2, use_bias=False)
    x = layers.ReLU()(x)
    x = layers.ZeroPadding2D(1)(x)  # below no value is less than 0, so zeros never win
    x = layers.MaxPooling2D(3, 2)(x)
    for stage, blocks in enumerate(BLOCKS, start=1):
        for block in range(1, blocks + 1):
            strides = 2 if stage > 1 and block == 1 else 1
            x = _bottleneck(x, nb_filters * 2 ** (stage - 1), strides, f"stage{stage}_block{block}")
    x = layers.Identity(name="feature_map")(x)
    x = layers.GlobalAveragePooling2D()(x)
    logits = layers.Dense(classes, dtype="float32", name="logits")(x)
    return keras.Model(image, logits, name="resnet")


def _bottleneck(x, width, strides, name):
    """A residual block; where it changes the number of channels, its shortcut is a projection."""
    shortcut = x
    x = layers.ReLU()(_conv(x, width, 1, f"{name}_conv1"))
    x = layers.ReLU()(_conv(x, width, 3, f"{name}_conv2", strides))
    x = _conv(x, 4 * width, 1, f"{name}_conv3")
    if shortcut.shape[-1] != 4 * width:
        shortcut = _conv(shortcut, 4 * width, 1, f"{name}_shortcut", strides)
    return layers.ReLU(name=name)(layers.Add()([x, shortcut]))


def _conv(x, filters, size, name, strides=1, use_bias=True):
    """Convolution, padded alike on all sides, and batch normalisation."""
    if strides > 1 and size > 1:  # where "same" would pad right and bottom more than left and top
        x = layers.ZeroPadding2D(size // 2)(x)
    padding = "same" if strides == 1 else "valid"
    x = layers.Conv2D(filters, size, strides, padding, use_bias=use_bias, name=name)(x)
    return layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=f"{name}_norm")(x)
