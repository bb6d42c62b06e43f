"""Weighted fusion of a signal and an image network."""

from collections.abc import Sequence

import keras

from ecg_tf.layers import WeightedSum
from ecg_tf.leads import SAMPLING_RATE
from ecg_tf.models.branches import branches, check_backbones
from ecg_tf.preprocessing import CHANNELS, SCALINGS


def weighted_fusion(
    signal: keras.Model,
    image: keras.Model,
    frozen: Sequence[str] = ("signal", "image"),
    channels: Sequence[str] = CHANNELS,
    scaling: str = SCALINGS[0],
    sampling_rate: int = SAMPLING_RATE,
) -> keras.Model:
    """Fuse the logits of a signal and an image network by a weighted sum for each class.

    Late fusion without a hidden layer and on logits. Each class has three parameters, two weights
    and a bias; the initial output is the mean of both logits. The weights show how much each branch
    contributes.

    Args:
        signal: signal network, such as `gru()`. Its weights are shared, not copied.
        image: image network for the same leads and classes, such as `band_resnet()`. Its weights
            are shared, not copied.
        frozen: the backbones that are not trained: "signal", "image". Default: both.
        channels: the images of each lead, in order, as `image` was built for.
        scaling: scaling of images and signals: one of `ecg_tf.preprocessing.SCALINGS`.
        sampling_rate: sampling rate of the ECGs, Hz.

    Returns:
        Model from ECGs (batch, time, lead), millivolt, unfiltered, to float32 logits
        (batch, class).

    Raises:
        InputError: the backbones have different leads or classes.

    See Also:
        `ecg_tf.layers.WeightedSum`.

    Examples:
        >>> from ecg_tf.models import band_resnet, gru, weighted_fusion
        >>> backbones = gru(hidden_size=4), band_resnet((96, 96, 9), nb_filters=2)
        >>> weighted_fusion(*backbones).input_shape
        (None, 1000, 3)
    """
    check_backbones(signal, image, channels)
    ecg, *logits = branches(signal, image, channels, frozen, scaling, sampling_rate)
    logits = WeightedSum(dtype="float32", name="logits")(logits)
    return keras.Model(ecg, logits, name="weighted_fusion")
