"""Joint fusion of a signal and an image network."""

from collections.abc import Sequence

import keras
from keras import layers

from ecg_tf.leads import SAMPLING_RATE
from ecg_tf.models.branches import branches, check_backbones, features, tapped, two_dense_layers
from ecg_tf.preprocessing import CHANNELS, SCALINGS


def joint_fusion(
    signal: keras.Model,
    image: keras.Model,
    dropout: float = 0.0,
    channels: Sequence[str] = CHANNELS,
    scaling: str = SCALINGS[0],
    sampling_rate: int = SAMPLING_RATE,
) -> keras.Model:
    """Fuse the features of a signal and an image network by dense layers, and train all of it.

    Args:
        signal: signal network, such as `bigru()`. Its weights are shared, not copied.
        image: image network for the same leads and classes, such as `alexnet()`. Its weights are
            shared, not copied.
        dropout: share of the units dropped after each of the last dense layers.
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
        >>> from ecg_tf.models import alexnet, gru, joint_fusion
        >>> backbones = gru(hidden_size=4), alexnet((96, 96, 9), nb_filters=2)
        >>> joint_fusion(*backbones).input_shape
        (None, 1000, 3)
    """
    classes = check_backbones(signal, image, channels)
    backbones = [tapped(network, features(network)) for network in (signal, image)]
    ecg, state, pixels = branches(
        *backbones, channels, scaling=scaling, sampling_rate=sampling_rate
    )
    pixels = layers.Dense(768, activation="relu", name="image_features")(pixels)
    both = layers.Concatenate()([state, pixels])
    return keras.Model(ecg, two_dense_layers(both, classes, dropout), name="joint_fusion")
