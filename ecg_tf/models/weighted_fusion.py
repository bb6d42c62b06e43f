"""Weighted fusion: the logits of a signal and an image network, weighed up for each class."""

import keras

from ecg_tf.layers import WeightedSum
from ecg_tf.models.branches import branches, check_backbones
from ecg_tf.preprocessing import CHANNELS, SCALINGS


def weighted_fusion(
    signal, image, frozen=("signal", "image"), channels=CHANNELS, scaling=SCALINGS[0]
):
    """For each class one weight for the signal network's logit, one for the image network's.

    Late fusion with no hidden layer, and with logits instead of probabilities: three numbers a
    class, which begin as the mean of both and say what each branch counts.

    Args:
        signal: a signal network, such as `gru()`; its weights are shared, not copied.
        image: an image network of the same leads and classes, such as `band_resnet()`; likewise.
        frozen: which backbones stay as they are (see `Frozen`): "signal", "image".
        channels: the images that `image` looks at, of each lead.
        scaling: of images and signals, see `ecg_tf.preprocessing.SCALINGS`.

    Returns:
        keras.Model from ecg (batch, 1000, lead) millivolt, unfiltered, to float32 logits
        (batch, class).

    Raises:
        InputError: backbones that do not fit together.
    """
    check_backbones(signal, image, channels)
    ecg, *logits = branches(signal, image, channels, frozen, scaling)
    logits = WeightedSum(dtype="float32", name="logits")(logits)
    return keras.Model(ecg, logits, name="weighted_fusion")
