"""Stacked GRUs, shared by the recurrent networks."""

import keras
from keras import layers

from ecg_tf.layers.gru import GRU


def recurrent(
    input_shape: tuple[int, ...],
    num_layers: int,
    hidden_size: int,
    dropout: float,
    bidirectional: bool = False,
) -> tuple[keras.KerasTensor, keras.KerasTensor]:
    """Build an input and stacked GRUs with dropout between them.

    Args:
        input_shape: (time, lead).
        num_layers: number of stacked GRUs.
        hidden_size: number of units of each GRU and direction.
        dropout: share of the values dropped between consecutive GRUs.
        bidirectional: whether the GRUs run in both directions; forward outputs come first.

    Returns:
        signal: keras.Input (batch, time, lead).
        sequence: outputs of the last GRU (batch, time, unit).
    """
    x = signal = keras.Input(input_shape, name="signal")
    for number in range(1, num_layers + 1):
        if number > 1:
            x = layers.Dropout(dropout)(x)
        gru = GRU(hidden_size, return_sequences=True, name=f"gru{number}")
        x = layers.Bidirectional(gru, name=gru.name)(x) if bidirectional else gru(x)
    return signal, x
