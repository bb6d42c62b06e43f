"""A residual network on the signal itself."""

import keras
from keras import layers

from ecg_tf.layers import MeanOverWindows, SlidingWindows
from ecg_tf.leads import SAMPLES, SAMPLING_RATE
from ecg_tf.models.residual import convolution, residual_stages


def resnet1d(input_shape=(SAMPLES, 3), classes=4, nb_filters=64, dropout=0.2, sliding_seconds=None):
    """Residual CNN of 18 layers over time.

    After He et al. 2016 and, for ECGs, Strodthoff et al. 2020 ("Deep learning for ECG analysis:
    benchmarks and insights from PTB-XL"). The first convolution sees 150 ms.

    >>> resnet1d().count_params()
    2371908

    Args:
        input_shape: (time, lead) of the signals.
        classes: number of classes.
        nb_filters: filters of the first stage, f; the others have 2f, 3f and 4f.
        dropout: share of the features dropped before the last layer.
        sliding_seconds: the network looks at overlapping windows so long, and its features are the
            means over them (`ecg_tf.layers.SlidingWindows`), as Strodthoff et al. judge records;
            None: at all of the signal at once.

    Returns:
        keras.Model from signals to float32 logits (batch, class).
    """
    signal = keras.Input(input_shape, name="signal")
    x = signal
    if sliding_seconds:
        windows = SlidingWindows(round(sliding_seconds * SAMPLING_RATE), name="windows")
        x = windows(signal)
    x = layers.ReLU()(convolution(x, nb_filters, 15, "conv1", strides=2))
    x = residual_stages(layers.MaxPooling1D(2)(x), nb_filters)
    x = layers.GlobalAveragePooling1D()(x)
    if sliding_seconds:
        x = MeanOverWindows(len(windows.starts(input_shape[0])), name="mean_over_windows")(x)
    x = layers.Dropout(dropout)(x)
    logits = layers.Dense(classes, dtype="float32", name="logits")(x)
    return keras.Model(signal, logits, name="resnet1d")
