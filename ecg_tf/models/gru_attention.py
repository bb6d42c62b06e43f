"""Bidirectional GRU with attention pooling."""

import keras
from keras import layers

from ecg_tf.leads import SAMPLES
from ecg_tf.models.recurrent import recurrent


def gru_attention(
    input_shape: tuple[int, int] = (SAMPLES, 3),
    classes: int = 4,
    num_layers: int = 2,
    hidden_size: int = 128,
    dropout: float = 0.5,
) -> keras.Model:
    """Build a network of stacked bidirectional GRUs with attention pooling over time.

    The logits are computed from a weighted mean of the GRU outputs. The weights are the softmax
    over time of a linear function of the outputs.

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
        >>> from ecg_tf.models import gru_attention
        >>> gru_attention().count_params()
        399877
    """
    signal, sequence = recurrent(input_shape, num_layers, hidden_size, dropout, bidirectional=True)
    scores = layers.Dense(1, name="attention")(sequence)
    weights = layers.Softmax(axis=1, dtype="float32")(scores)
    pooled = layers.Flatten()(layers.Dot(axes=1)([weights, sequence]))
    logits = layers.Dense(classes, dtype="float32", name="logits")(pooled)
    return keras.Model(signal, logits, name="gru_attention")
