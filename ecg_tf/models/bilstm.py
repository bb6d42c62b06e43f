"""Bidirectional LSTM."""

import keras
from keras import layers

from ecg_tf.layers import LSTM
from ecg_tf.leads import SAMPLES
from ecg_tf.models.recurrent import final_states, recurrent


def bilstm(
    input_shape: tuple[int, int] = (SAMPLES, 3),
    classes: int = 4,
    num_layers: int = 2,
    hidden_size: int = 128,
    dropout: float = 0.5,
) -> keras.Model:
    """Build a network of stacked bidirectional LSTMs that classifies by their final states.

    The final states are the forward state after the last sample and the backward state after the
    first sample.

    Args:
        input_shape: (time, lead) of the signals, scaled by `ecg_tf.layers.ECGSignal`.
        classes: number of classes.
        num_layers: number of stacked bidirectional LSTMs.
        hidden_size: number of units of each LSTM and direction.
        dropout: share of the values dropped between consecutive LSTMs.

    Returns:
        Model from signals (batch, time, lead) to float32 logits (batch, class).

    References:
        H. Narotamo et al., Deep learning for ECG classification: A comparative study of 1D and 2D
        representations and multimodal fusion approaches, Biomedical Signal Processing and Control
        93 (2024) 106141, https://doi.org/10.1016/j.bspc.2024.106141
        S. Hochreiter, J. Schmidhuber, Long short-term memory, Neural Computation 9 (1997)
        1735-1780, https://doi.org/10.1162/neco.1997.9.8.1735

    Examples:
        >>> from ecg_tf.models import bilstm
        >>> bilstm().count_params()
        532484
    """
    signal, sequence = recurrent(
        input_shape, num_layers, hidden_size, dropout, bidirectional=True, kind=LSTM, name="lstm"
    )
    logits = layers.Dense(classes, dtype="float32", name="logits")(final_states(sequence))
    return keras.Model(signal, logits, name="bilstm")
