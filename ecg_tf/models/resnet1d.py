"""A residual network for signals."""

import keras
from keras import layers

from ecg_tf.layers import MeanOverWindows, SlidingWindows
from ecg_tf.leads import SAMPLES, SAMPLING_RATE
from ecg_tf.models.residual import convolution, residual_stages


def resnet1d(
    input_shape: tuple[int, int] = (SAMPLES, 3),
    classes: int = 4,
    nb_filters: int = 64,
    dropout: float = 0.2,
    sliding_seconds: float | None = None,
    sampling_rate: int = SAMPLING_RATE,
) -> keras.Model:
    """Build a residual CNN of 18 layers over time.

    The kernel of the first convolution covers 15 samples: 150 ms at 100 Hz, 30 ms at 500 Hz.

    Args:
        input_shape: (time, lead) of the signals, scaled by `ecg_tf.layers.ECGSignal`.
        classes: number of classes.
        nb_filters: number of filters f of the first stage; the others have 2f, 3f and 4f.
        dropout: share of the features dropped before the last layer.
        sliding_seconds: length in seconds of overlapping windows (`ecg_tf.layers.SlidingWindows`);
            features are averaged over them, as Strodthoff et al. do. None: the whole signal.
        sampling_rate: sampling rate of the signals, Hz.

    Returns:
        Model from signals (batch, time, lead) to float32 logits (batch, class).

    Raises:
        InputError: the signal is shorter than a window.

    References:
        K. He et al., Deep residual learning for image recognition, CVPR 2016,
        https://arxiv.org/abs/1512.03385
        N. Strodthoff et al., Deep learning for ECG analysis: Benchmarks and insights from PTB-XL,
        IEEE Journal of Biomedical and Health Informatics 25 (2021) 1519-1528,
        https://doi.org/10.1109/JBHI.2020.3022989

    Examples:
        >>> from ecg_tf.models import resnet1d
        >>> resnet1d().count_params()
        2371908
    """
    signal = keras.Input(input_shape, name="signal")
    x = signal
    if sliding_seconds:
        windows = SlidingWindows(round(sliding_seconds * sampling_rate), name="windows")
        x = windows(signal)
    x = layers.ReLU()(convolution(x, nb_filters, 15, "conv1", strides=2))
    x = residual_stages(layers.MaxPooling1D(2)(x), nb_filters)
    x = layers.GlobalAveragePooling1D()(x)
    if sliding_seconds:
        x = MeanOverWindows(len(windows.starts(input_shape[0])), name="mean_over_windows")(x)
    x = layers.Dropout(dropout)(x)
    logits = layers.Dense(classes, dtype="float32", name="logits")(x)
    return keras.Model(signal, logits, name="resnet1d")
