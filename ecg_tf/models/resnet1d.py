"""A residual network on the signal itself."""

import keras
from keras import layers

from ecg_tf.leads import SAMPLES

BLOCKS = (2, 2, 2, 2)  # residual blocks of each stage
KERNEL = 5  # samples


def resnet1d(input_shape=(SAMPLES, 3), classes=4, nb_filters=64, dropout=0.2):
    """Residual CNN of 18 layers over time.

    After He et al. 2016 and, for ECGs, Strodthoff et al. 2020 ("Deep learning for ECG analysis:
    benchmarks and insights from PTB-XL"). The first convolution sees 150 ms. Each later stage
    halves the resolution in time; shortcuts there are averages before they are projected (He et
    al. 2019, "Bag of tricks for image classification").

    >>> resnet1d().count_params()
    2371908

    Args:
        input_shape: (time, lead) of the signals.
        classes: number of classes.
        nb_filters: filters of the first stage, f; the others have 2f, 3f and 4f.
        dropout: share of the features dropped before the last layer.

    Returns:
        keras.Model from signals to float32 logits (batch, class).
    """
    x = signal = keras.Input(input_shape, name="signal")
    x = layers.ReLU()(_conv(x, nb_filters, 15, "conv1", strides=2))
    x = layers.MaxPooling1D(2)(x)
    for stage, blocks in enumerate(BLOCKS, start=1):
        for block in range(1, blocks + 1):
            strides = 2 if stage > 1 and block == 1 else 1
            x = _block(x, nb_filters * stage, strides, f"stage{stage}_block{block}")
    x = layers.GlobalAveragePooling1D()(x)
    x = layers.Dropout(dropout)(x)
    logits = layers.Dense(classes, dtype="float32", name="logits")(x)
    return keras.Model(signal, logits, name="resnet1d")


def _block(x, filters, strides, name):
    """Two convolutions beside a shortcut, which is projected where the shape changes."""
    shortcut = x
    x = layers.ReLU()(_conv(x, filters, KERNEL, f"{name}_conv1", strides))
    x = _conv(x, filters, KERNEL, f"{name}_conv2")
    if strides > 1:
        shortcut = layers.AveragePooling1D(strides, padding="same")(shortcut)
    if shortcut.shape[-1] != filters:
        shortcut = _conv(shortcut, filters, 1, f"{name}_shortcut")
    return layers.ReLU(name=name)(layers.Add()([x, shortcut]))


def _conv(x, filters, size, name, strides=1):
    """Convolution and batch normalisation."""
    x = layers.Conv1D(filters, size, strides, "same", use_bias=False, name=name)(x)
    return layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=f"{name}_norm")(x)
