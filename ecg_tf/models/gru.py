"""GRU for signals."""

import keras
from keras import layers

from ecg_tf.leads import SAMPLES
from ecg_tf.models.recurrent import recurrent


def gru(
    input_shape: tuple[int, int] = (SAMPLES, 3),
    classes: int = 4,
    num_layers: int = 3,
    hidden_size: int = 128,
    dropout: float = 0.0,
) -> keras.Model:
    """Build the GRU network of the study: stacked GRUs that classify by their last state.

    Args:
        input_shape: (time, lead) of the signals, scaled by `ecg_tf.layers.ECGSignal`.
        classes: number of classes.
        num_layers: number of stacked GRUs.
        hidden_size: number of units of each GRU.
        dropout: share of the values dropped between consecutive GRUs.

    Returns:
        Model from signals (batch, time, lead) to float32 logits (batch, class).

    References:
        H. Narotamo et al., Deep learning for ECG classification: A comparative study of 1D and 2D
        representations and multimodal fusion approaches, Biomedical Signal Processing and Control
        93 (2024) 106141, https://doi.org/10.1016/j.bspc.2024.106141
        K. Cho et al., Learning phrase representations using RNN encoder-decoder for statistical
        machine translation, EMNLP 2014, https://arxiv.org/abs/1406.1078

    Examples:
        >>> from ecg_tf.models import gru
        >>> gru().count_params()
        249732
    """
    signal, sequence = recurrent(input_shape, num_layers, hidden_size, dropout)
    logits = layers.Dense(classes, dtype="float32", name="logits")(sequence[:, -1])
    return keras.Model(signal, logits, name="gru")
