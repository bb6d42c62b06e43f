"""Convolutions over time before a GRU."""

import keras

from ecg_tf.layers import GRU
from ecg_tf.leads import SAMPLES
from ecg_tf.models.cnn_recurrent import cnn_recurrent


def cnn_gru(
    input_shape: tuple[int, int] = (SAMPLES, 3),
    classes: int = 4,
    hidden_size: int = 128,
    dropout: float = 0.0,
    nb_filters: int | None = None,
    mix_time_and_leads: bool = False,
) -> keras.Model:
    """Build the network of the study with three convolutions over time before a GRU.

    Each convolution of 5 samples is followed by ReLU and a max-pooling of 2.

    Args:
        input_shape: (time, lead) of the signals, scaled by `ecg_tf.layers.ECGSignal`.
        classes: number of classes.
        hidden_size: number of units of the GRU.
        dropout: share of the values dropped after each pooling.
        nb_filters: number of filters f of the first convolution; the others have 2f and 4f.
            Default: twice the number of leads.
        mix_time_and_leads: True to reshape the signal from (time, lead) to (lead, time), and the
            features before the GRU from (filter, time) to (time, filter), as the study's code
            does, so that each channel has values of all leads or filters and of a part of the
            time. False keeps them apart.

    Returns:
        Model from signals (batch, time, lead) to float32 logits (batch, class).

    References:
        H. Narotamo et al., Deep learning for ECG classification: A comparative study of 1D and 2D
        representations and multimodal fusion approaches, Biomedical Signal Processing and Control
        93 (2024) 106141, https://doi.org/10.1016/j.bspc.2024.106141
        K. Cho et al., Learning phrase representations using RNN encoder-decoder for statistical
        machine translation, EMNLP 2014, https://arxiv.org/abs/1406.1078

    Examples:
        >>> from ecg_tf.models import cnn_gru
        >>> cnn_gru().count_params()
        61584
    """
    layer = GRU(hidden_size, return_sequences=True, name="gru1")
    return cnn_recurrent(
        layer, input_shape, classes, dropout, nb_filters, mix_time_and_leads, name="cnn_gru"
    )
