"""Convolutions over time and a recurrent layer, shared by `cnn_gru` and `cnn_lstm`."""

import keras
from keras import layers

KERNEL = 5  # samples
BLOCKS = 3  # of a convolution and a pooling; each halves the time


def cnn_recurrent(
    layer: layers.Layer,
    input_shape: tuple[int, int],
    classes: int,
    dropout: float,
    nb_filters: int | None,
    mix_time_and_leads: bool,
    name: str,
) -> keras.Model:
    """Build convolutions over time, `layer` on their outputs, and logits of its last output.

    Args:
        layer: recurrent layer that returns sequences.
        input_shape: (time, lead).
        classes: number of classes.
        dropout: share of the values dropped after each pooling.
        nb_filters: number of filters of the first convolution; None for twice the leads.
        mix_time_and_leads: whether (time, lead) arrays are reshaped where they should be
            transposed.
        name: name of the network.
    """
    time, leads = input_shape
    x = signal = keras.Input(input_shape, name="signal")
    if mix_time_and_leads:  # to (lead, time), and back to Keras' order of axes
        x = layers.Reshape((leads, time), name="mixed_signal")(x)
        x = layers.Permute((2, 1))(x)
    for number in range(1, BLOCKS + 1):
        filters = (nb_filters or 2 * leads) * 2 ** (number - 1)
        x = layers.Conv1D(filters, KERNEL, activation="relu", name=f"conv{number}")(x)
        x = layers.MaxPooling1D(2)(x)
        x = layers.Dropout(dropout)(x)
    if mix_time_and_leads:
        shape = x.shape[1:]
        x = layers.Permute((2, 1))(x)
        x = layers.Reshape(shape, name="mixed_features")(x)
    logits = layers.Dense(classes, dtype="float32", name="logits")(layer(x)[:, -1])
    return keras.Model(signal, logits, name=name)
