"""Early fusion of a signal and an image network."""

from collections.abc import Sequence

import keras
from keras import layers

from ecg_tf.errors import InputError
from ecg_tf.leads import SAMPLING_RATE
from ecg_tf.models.branches import (
    branches,
    check_backbones,
    feature_map,
    features,
    tapped,
    two_dense_layers,
)
from ecg_tf.models.recurrent import RECURRENT_NAME
from ecg_tf.preprocessing import CHANNELS, SCALINGS

POOL = 3  # pool size of the feature map


def early_fusion(
    signal: keras.Model,
    image: keras.Model,
    dropout: float = 0.0,
    frozen: Sequence[str] = ("signal", "image"),
    last_step: bool = False,
    channels: Sequence[str] = CHANNELS,
    scaling: str = SCALINGS[0],
    sampling_rate: int = SAMPLING_RATE,
) -> keras.Model:
    """Fuse the last feature map of an image network with the features of a signal network.

    The feature map is pooled, then dense layers are applied to both. Only the layers of the
    backbones that lead to these features become part of the network.

    Args:
        signal: signal network, such as `bigru()`. Its weights are shared, not copied.
        image: image network for the same leads and classes, such as `alexnet()`. Its weights are
            shared, not copied.
        dropout: share of the units dropped after each of the last dense layers.
        frozen: the backbones that are not trained: "signal", "image". Default: both, as in the
            study.
        last_step: use the output of the last GRU at the last sample, as in the study's code. Its
            backward half has then processed the last sample only.
        channels: the images of each lead, in order, as `image` was built for.
        scaling: scaling of images and signals: one of `ecg_tf.preprocessing.SCALINGS`.
        sampling_rate: sampling rate of the ECGs, Hz.

    Returns:
        Model from ECGs (batch, time, lead), millivolt, unfiltered, to float32 logits
        (batch, class).

    Raises:
        InputError: the backbones have different leads or classes, or the images are too small.

    References:
        H. Narotamo et al., Deep learning for ECG classification: A comparative study of 1D and 2D
        representations and multimodal fusion approaches, Biomedical Signal Processing and Control
        93 (2024) 106141, https://doi.org/10.1016/j.bspc.2024.106141

    Examples:
        >>> from ecg_tf.models import alexnet, gru, early_fusion
        >>> backbones = gru(hidden_size=4), alexnet((128, 128, 9), nb_filters=2)
        >>> early_fusion(*backbones).input_shape
        (None, 1000, 3)
    """
    classes = check_backbones(signal, image, channels)
    pixels = feature_map(image)
    if min(pixels.shape[1:-1]) < POOL:
        raise InputError(f"early_fusion: images of {image.input_shape[1]}² are too small for it")
    state = _last_output(signal) if last_step else features(signal)
    backbones = tapped(signal, state), tapped(image, pixels)
    ecg, state, pixels = branches(*backbones, channels, frozen, scaling, sampling_rate)
    pool = layers.MaxPooling2D if len(pixels.shape) == 4 else layers.MaxPooling1D
    pixels = layers.Flatten()(pool(POOL)(pixels))
    pixels = layers.Dense(256, activation="relu", name="image_features")(pixels)
    both = layers.Concatenate()([state, pixels])
    return keras.Model(ecg, two_dense_layers(both, classes, dropout), name="early_fusion")


def _last_output(signal: keras.Model) -> keras.KerasTensor:
    *_, last = (layer for layer in signal.layers if RECURRENT_NAME.fullmatch(layer.name))
    return last.output[:, -1]
