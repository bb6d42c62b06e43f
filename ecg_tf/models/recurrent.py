"""Stacked recurrent layers, shared by the recurrent networks."""

import re

import keras
from keras import layers

from ecg_tf.layers import GRU

# Names of the recurrent and state-space layers of all networks, from the first to the last.
RECURRENT_NAME = re.compile(r"(gru|lstm|rnn|state_space)\d+")


def recurrent(
    input_shape: tuple[int, ...],
    num_layers: int,
    hidden_size: int,
    dropout: float,
    bidirectional: bool = False,
    kind: type[layers.Layer] = GRU,
    name: str = "gru",
) -> tuple[keras.KerasTensor, keras.KerasTensor]:
    """Build an input and stacked recurrent layers with dropout between them.

    Args:
        input_shape: (time, lead).
        num_layers: number of stacked layers.
        hidden_size: number of units of each layer and direction.
        dropout: share of the values dropped between consecutive layers.
        bidirectional: whether the layers run in both directions; forward outputs come first.
        kind: class of the layers.
        name: what their names begin with, as in "gru1"; see `RECURRENT_NAME`.

    Returns:
        signal: keras.Input (batch, time, lead).
        sequence: outputs of the last layer (batch, time, unit).
    """
    x = signal = keras.Input(input_shape, name="signal")
    for number in range(1, num_layers + 1):
        if number > 1:
            x = layers.Dropout(dropout)(x)
        layer = kind(hidden_size, return_sequences=True, name=f"{name}{number}")
        x = layers.Bidirectional(layer, name=layer.name)(x) if bidirectional else layer(x)
    return signal, x


def final_states(sequence: keras.KerasTensor) -> keras.KerasTensor:
    """The final states of a bidirectional layer, (batch, time, 2 unit) to (batch, 2 unit).

    They are the forward state after the last sample and the backward state after the first one.
    """
    units = sequence.shape[-1] // 2
    return layers.Concatenate()([sequence[:, -1, :units], sequence[:, 0, units:]])
