"""LSTM for signals."""

import keras
from keras import layers

from ecg_tf.layers import LSTM
from ecg_tf.leads import SAMPLES
from ecg_tf.models.recurrent import recurrent


def lstm(
    input_shape: tuple[int, int] = (SAMPLES, 3),
    classes: int = 4,
    num_layers: int = 2,
    hidden_size: int = 128,
    dropout: float = 0.0,
) -> keras.Model:
    """Build the LSTM network of the study: stacked LSTMs that classify by their last state.

    Args:
        input_shape: (time, lead) of the signals, scaled by `ecg_tf.layers.ECGSignal`.
        classes: number of classes.
        num_layers: number of stacked LSTMs.
        hidden_size: number of units of each LSTM.
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
        >>> from ecg_tf.models import lstm
        >>> lstm().count_params()
        200708
    """
    signal, sequence = recurrent(
        input_shape, num_layers, hidden_size, dropout, kind=LSTM, name="lstm"
    )
    logits = layers.Dense(classes, dtype="float32", name="logits")(sequence[:, -1])
    return keras.Model(signal, logits, name="lstm")
