"""Bidirectional GRU."""

import keras
from keras import layers

from ecg_tf.leads import SAMPLES
from ecg_tf.models.recurrent import final_states, recurrent


def bigru(
    input_shape: tuple[int, int] = (SAMPLES, 3),
    classes: int = 4,
    num_layers: int = 2,
    hidden_size: int = 128,
    dropout: float = 0.5,
) -> keras.Model:
    """Build a network of stacked bidirectional GRUs that classifies by their final states.

    The final states are the forward state after the last sample and the backward state after the
    first sample.

    Args:
        input_shape: (time, lead) of the signals, scaled by `ecg_tf.layers.ECGSignal`.
        classes: number of classes.
        num_layers: number of stacked bidirectional GRUs.
        hidden_size: number of units of each GRU and direction.
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
        >>> from ecg_tf.models import bigru
        >>> bigru().count_params()
        399620
    """
    signal, sequence = recurrent(input_shape, num_layers, hidden_size, dropout, bidirectional=True)
    logits = layers.Dense(classes, dtype="float32", name="logits")(final_states(sequence))
    return keras.Model(signal, logits, name="bigru")
