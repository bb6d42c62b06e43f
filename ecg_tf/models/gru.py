"""GRU, the study's best network."""

import keras
from keras import layers

from ecg_tf.leads import SAMPLES
from ecg_tf.models.recurrent import recurrent


def gru(input_shape=(SAMPLES, 3), classes=4, num_layers=3, hidden_size=128, dropout=0.0):
    """GRUs upon each other; the state after the last sample decides.

    >>> gru().count_params()
    249732

    Args:
        input_shape: (time, lead) of the signals, scaled by `ecg_tf.layers.ECGSignal`.
        classes: number of classes.
        num_layers: number of GRUs.
        hidden_size: units of each.
        dropout: share of the values dropped between one GRU and the next.

    Returns:
        keras.Model from signals to float32 logits (batch, class).
    """
    signal, sequence = recurrent(input_shape, num_layers, hidden_size, dropout)
    logits = layers.Dense(classes, dtype="float32", name="logits")(sequence[:, -1])
    return keras.Model(signal, logits, name="gru")
