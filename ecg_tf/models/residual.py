"""Residual stages over time, shared by `resnet1d` and `band_resnet`."""

import keras
from keras import layers

from ecg_tf.layers import BatchNormalization

BLOCKS = (2, 2, 2, 2)  # residual blocks of each stage
KERNEL = 5  # positions


def residual_stages(x: keras.KerasTensor, nb_filters: int) -> keras.KerasTensor:
    """Apply four residual stages; all but the first halve the time axis.

    Shortcuts are averaged over time before they are projected, as in T. He et al., Bag of tricks
    for image classification with convolutional neural networks, CVPR 2019,
    https://arxiv.org/abs/1812.01187

    Args:
        x: (batch, time, channel).
        nb_filters: number of filters f of the first stage; the others have 2f, 3f and 4f.

    Returns:
        (batch, time / 8, 4 f), with time / 8 rounded up.
    """
    for stage, blocks in enumerate(BLOCKS, start=1):
        for block in range(1, blocks + 1):
            strides = 2 if stage > 1 and block == 1 else 1
            x = _block(x, nb_filters * stage, strides, f"stage{stage}_block{block}")
    return x


def convolution(
    x: keras.KerasTensor, filters: int, size: int, name: str, strides: int = 1
) -> keras.KerasTensor:
    """Convolution over time, then batch normalisation."""
    x = layers.Conv1D(filters, size, strides, "same", use_bias=False, name=name)(x)
    return BatchNormalization(momentum=0.9, epsilon=1e-5, name=f"{name}_norm")(x)


def _block(x: keras.KerasTensor, filters: int, strides: int, name: str) -> keras.KerasTensor:
    """Two convolutions and a shortcut, which is projected if the shape changes."""
    shortcut = x
    x = layers.ReLU()(convolution(x, filters, KERNEL, f"{name}_conv1", strides))
    x = convolution(x, filters, KERNEL, f"{name}_conv2")
    if strides > 1:
        shortcut = layers.AveragePooling1D(strides, padding="same")(shortcut)
    if shortcut.shape[-1] != filters:
        shortcut = convolution(shortcut, filters, 1, f"{name}_shortcut")
    return layers.ReLU(name=name)(layers.Add()([x, shortcut]))
