"""ResNet-50 for images, with a quarter of the usual filters."""

import keras
from keras import layers

from ecg_tf.layers import BatchNormalization

BLOCKS = (3, 4, 6, 3)  # bottlenecks of each stage


def resnet(
    input_shape: tuple[int, int, int] = (256, 256, 9), classes: int = 4, nb_filters: int = 16
) -> keras.Model:
    """Build the ResNet-50 of the study, with a quarter of the usual filters.

    The 3 × 3 convolutions have the strides. All convolutions except the first have biases.

    Args:
        input_shape: (height, width, channel) of the images, float32 in [0, 1].
        classes: number of classes.
        nb_filters: number of filters f of the first convolution; the stages have 4f, 8f, 16f and
            32f.

    Returns:
        Model from images (batch, height, width, channel) to float32 logits (batch, class).

    References:
        H. Narotamo et al., Deep learning for ECG classification: A comparative study of 1D and 2D
        representations and multimodal fusion approaches, Biomedical Signal Processing and Control
        93 (2024) 106141, https://doi.org/10.1016/j.bspc.2024.106141
        K. He et al., Deep residual learning for image recognition, CVPR 2016,
        https://arxiv.org/abs/1512.03385

    Examples:
        >>> from ecg_tf.models import resnet
        >>> resnet((64, 64, 3), nb_filters=2).output_shape
        (None, 4)
    """
    x = image = keras.Input(input_shape, name="image")
    x = _conv(x, nb_filters, 7, "conv1", strides=2, use_bias=False)
    x = layers.ReLU()(x)
    x = layers.ZeroPadding2D(1)(
        x
    )  # values are not negative after the ReLU, so zeros do not change the maxima
    x = layers.MaxPooling2D(3, 2)(x)
    for stage, blocks in enumerate(BLOCKS, start=1):
        for block in range(1, blocks + 1):
            strides = 2 if stage > 1 and block == 1 else 1
            x = _bottleneck(x, nb_filters * 2 ** (stage - 1), strides, f"stage{stage}_block{block}")
    x = layers.Identity(name="feature_map")(x)
    x = layers.GlobalAveragePooling2D()(x)
    logits = layers.Dense(classes, dtype="float32", name="logits")(x)
    return keras.Model(image, logits, name="resnet")


def _bottleneck(x: keras.KerasTensor, width: int, strides: int, name: str) -> keras.KerasTensor:
    """A residual block; its shortcut is projected if the number of channels changes."""
    shortcut = x
    x = layers.ReLU()(_conv(x, width, 1, f"{name}_conv1"))
    x = layers.ReLU()(_conv(x, width, 3, f"{name}_conv2", strides))
    x = _conv(x, 4 * width, 1, f"{name}_conv3")
    if shortcut.shape[-1] != 4 * width:
        shortcut = _conv(shortcut, 4 * width, 1, f"{name}_shortcut", strides)
    return layers.ReLU(name=name)(layers.Add()([x, shortcut]))


def _conv(
    x: keras.KerasTensor,
    filters: int,
    size: int,
    name: str,
    strides: int = 1,
    use_bias: bool = True,
) -> keras.KerasTensor:
    """Convolution with equal padding on all sides, then batch normalisation."""
    if strides > 1 and size > 1:  # "same" would pad right and bottom more
        x = layers.ZeroPadding2D(size // 2)(x)
    padding = "same" if strides == 1 else "valid"
    x = layers.Conv2D(filters, size, strides, padding, use_bias=use_bias, name=name)(x)
    return BatchNormalization(momentum=0.9, epsilon=1e-5, name=f"{name}_norm")(x)
