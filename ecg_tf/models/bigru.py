"""Bidirectional GRU."""

import keras
from keras import layers

from ecg_tf.leads import SAMPLES
from ecg_tf.models.recurrent import recurrent


def bigru(input_shape=(SAMPLES, 3), classes=4, num_layers=2, hidden_size=128, dropout=0.5):
    """Bidirectional GRUs upon each other; the state of each direction at its end decides.

    That is the forward state after the last sample and the backward state after the first.

    >>> bigru().count_params()
    399620

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
    ends = [sequence[:, -1, :hidden_size], sequence[:, 0, hidden_size:]]
    states = layers.Concatenate()(ends)
    logits = layers.Dense(classes, dtype="float32", name="logits")(states)
    return keras.Model(signal, logits, name="bigru")
