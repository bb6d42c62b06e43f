"""Bidirectional GRU with attention pooling."""

import keras
from keras import layers

from ecg_tf.leads import SAMPLES
from ecg_tf.models.recurrent import recurrent


def gru_attention(input_shape=(SAMPLES, 3), classes=4, num_layers=2, hidden_size=128, dropout=0.5):
    """Bidirectional GRUs upon each other; a weighted mean of their outputs over time decides.

    The weights are the softmax over time of one number per sample, linear in the outputs.

    >>> gru_attention().count_params()
    399877

    Args:
        input_shape: (time, lead) of the signals, which are z-scored.
        classes: number of classes.
        num_layers: number of GRUs in each direction.
        hidden_size: units of each.
        dropout: share of the values dropped between one GRU and the next.

    Returns:
        keras.Model from signals to float32 logits (batch, class).
    """
    signal, sequence = recurrent(input_shape, num_layers, hidden_size, dropout, bidirectional=True)
    scores = layers.Dense(1, name="attention")(sequence)
    weights = layers.Softmax(axis=1, dtype="float32")(scores)
    pooled = layers.Flatten()(layers.Dot(axes=1)([weights, sequence]))
    logits = layers.Dense(classes, dtype="float32", name="logits")(pooled)
    return keras.Model(signal, logits, name="gru_attention")
