"""A state-space network for signals."""

import keras
from keras import layers

from ecg_tf.layers import MeanOverWindows, SlidingWindows, StateSpace
from ecg_tf.leads import SAMPLES, SAMPLING_RATE
from ecg_tf.models.gated_dense import GatedDense


def s4(
    input_shape: tuple[int, int] = (SAMPLES, 3),
    classes: int = 4,
    num_layers: int = 4,
    nb_filters: int = 128,
    state_size: int = 8,
    dropout: float = 0.2,
    sliding_seconds: float | None = None,
    sampling_rate: int = SAMPLING_RATE,
) -> keras.Model:
    """Build a network of bidirectional diagonal state-space layers (S4D).

    Each block has a state-space layer, GELU, dropout and a gated dense layer, a shortcut around
    them, and layer normalisation. Mehari and Strodthoff use 4 blocks of 512 channels.

    Args:
        input_shape: (time, lead) of the signals, scaled by `ecg_tf.layers.ECGSignal`.
        classes: number of classes.
        num_layers: number of blocks.
        nb_filters: number of channels of each block.
        state_size: number of states of each channel, even.
        dropout: share of the values dropped after each state-space layer.
        sliding_seconds: length in seconds of overlapping windows (`ecg_tf.layers.SlidingWindows`);
            features are averaged over them. None: the whole signal.
        sampling_rate: sampling rate of the signals, Hz.

    Returns:
        Model from signals (batch, time, lead) to float32 logits (batch, class).

    Raises:
        InputError: the signal is shorter than a window, or `state_size` is odd.

    References:
        T. Mehari, N. Strodthoff, Towards quantitative precision for ECG analysis: Leveraging state
        space models, self-supervision and patient metadata, IEEE Journal of Biomedical and Health
        Informatics 27 (2023) 5326-5334, https://doi.org/10.1109/JBHI.2023.3310989
        A. Gu et al., On the parameterization and initialization of diagonal state space models,
        NeurIPS 2022, https://arxiv.org/abs/2206.11893

    Examples:
        >>> from ecg_tf.models import s4
        >>> s4().count_params()
        147460
    """
    x = signal = keras.Input(input_shape, name="signal")
    if sliding_seconds:
        windows = SlidingWindows(round(sliding_seconds * sampling_rate), name="windows")
        x = windows(signal)
    x = layers.Conv1D(nb_filters, 1, name="conv1")(x)
    for number in range(1, num_layers + 1):
        x = _block(x, state_size, dropout, number)
    x = layers.GlobalAveragePooling1D(dtype="float32")(x)
    if sliding_seconds:
        x = MeanOverWindows(
            len(windows.starts(input_shape[0])), dtype="float32", name="mean_over_windows"
        )(x)
    logits = layers.Dense(classes, dtype="float32", name="logits")(x)
    return keras.Model(signal, logits, name="s4")


def _block(x: keras.KerasTensor, state_size: int, dropout: float, number: int) -> keras.KerasTensor:
    """A state-space layer, mixing of its channels, and a shortcut."""
    channels = x.shape[-1]
    y = StateSpace(state_size, name=f"state_space{number}")(x)
    y = layers.Dropout(dropout)(layers.Activation("gelu")(y))
    y = GatedDense(channels, name=f"mixing{number}")(y)
    x = layers.Add()([x, y])
    return layers.LayerNormalization(epsilon=1e-5, name=f"norm{number}")(x)
