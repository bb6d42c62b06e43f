"""Late fusion of a signal and an image network."""

from collections.abc import Sequence

import keras
from keras import layers

from ecg_tf.leads import SAMPLING_RATE
from ecg_tf.models.branches import branches, check_backbones
from ecg_tf.preprocessing import CHANNELS, SCALINGS


def late_fusion(
    signal: keras.Model,
    image: keras.Model,
    hidden: int = 512,
    dropout: float = 0.0,
    frozen: Sequence[str] = ("signal", "image"),
    channels: Sequence[str] = CHANNELS,
    scaling: str = SCALINGS[0],
    sampling_rate: int = SAMPLING_RATE,
) -> keras.Model:
    """Fuse the probabilities of a signal and an image network by a hidden dense layer.

    Args:
        signal: signal network, such as `bigru()`. Its weights are shared, not copied.
        image: image network for the same leads and classes, such as `alexnet()`. Its weights are
            shared, not copied.
        hidden: number of units of the hidden layer.
        dropout: share of the units of the hidden layer dropped.
        frozen: the backbones that are not trained: "signal", "image". Default: both, as in the
            study.
        channels: the images of each lead, in order, as `image` was built for.
        scaling: scaling of images and signals: one of `ecg_tf.preprocessing.SCALINGS`.
        sampling_rate: sampling rate of the ECGs, Hz.

    Returns:
        Model from ECGs (batch, time, lead), millivolt, unfiltered, to float32 logits
        (batch, class).

    Raises:
        InputError: the backbones have different leads or classes.

    References:
        H. Narotamo et al., Deep learning for ECG classification: A comparative study of 1D and 2D
        representations and multimodal fusion approaches, Biomedical Signal Processing and Control
        93 (2024) 106141, https://doi.org/10.1016/j.bspc.2024.106141

    Examples:
        >>> from ecg_tf.models import alexnet, gru, late_fusion
        >>> backbones = gru(hidden_size=4), alexnet((96, 96, 9), nb_filters=2)
        >>> late_fusion(*backbones).input_shape
        (None, 1000, 3)
    """
    classes = check_backbones(signal, image, channels)
    ecg, *logits = branches(signal, image, channels, frozen, scaling, sampling_rate)
    probabilities = [layers.Activation("sigmoid", dtype="float32")(x) for x in logits]
    x = layers.Concatenate(name="probabilities")(probabilities)
    x = layers.Dense(hidden, activation="relu", name="hidden")(x)
    x = layers.Dropout(dropout)(x)
    logits = layers.Dense(classes, dtype="float32", name="logits")(x)
    return keras.Model(ecg, logits, name="late_fusion")
