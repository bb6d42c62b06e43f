"""Simple recurrent network for signals."""

import keras
from keras import layers

from ecg_tf.layers import SimpleRNN
from ecg_tf.leads import SAMPLES
from ecg_tf.models.recurrent import recurrent


def rnn(
    input_shape: tuple[int, int] = (SAMPLES, 3),
    classes: int = 4,
    num_layers: int = 2,
    hidden_size: int = 128,
    dropout: float = 0.0,
) -> keras.Model:
    """Build the simple recurrent network of the study, which classifies by its last state.

    Args:
        input_shape: (time, lead) of the signals, scaled by `ecg_tf.layers.ECGSignal`.
        classes: number of classes.
        num_layers: number of stacked RNNs.
        hidden_size: number of units of each RNN.
        dropout: share of the values dropped between consecutive RNNs.

    Returns:
        Model from signals (batch, time, lead) to float32 logits (batch, class).

    References:
        H. Narotamo et al., Deep learning for ECG classification: A comparative study of 1D and 2D
        representations and multimodal fusion approaches, Biomedical Signal Processing and Control
        93 (2024) 106141, https://doi.org/10.1016/j.bspc.2024.106141
        J. L. Elman, Finding structure in time, Cognitive Science 14 (1990) 179-211,
        https://doi.org/10.1207/s15516709cog1402_1

    Examples:
        >>> from ecg_tf.models import rnn
        >>> rnn().count_params()
        50564
    """
    signal, sequence = recurrent(
        input_shape, num_layers, hidden_size, dropout, kind=SimpleRNN, name="rnn"
    )
    logits = layers.Dense(classes, dtype="float32", name="logits")(sequence[:, -1])
    return keras.Model(signal, logits, name="rnn")
