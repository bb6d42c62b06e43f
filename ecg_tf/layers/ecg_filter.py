"""Filter for raw ECGs, the first step of every network."""

import keras

from ecg_tf.layers.bandpass import Bandpass
from ecg_tf.layers.float32_layer import Float32Layer
from ecg_tf.layers.validity import zero_invalid
from ecg_tf.leads import SAMPLING_RATE


@keras.saving.register_keras_serializable("ecg_tf")
class ECGFilter(Float32Layer):
    """Filter raw ECGs by `Bandpass`; leads that are flat or not finite become zeros.

    Input: (batch, time, lead) millivolt, unfiltered.
    Output: (batch, time, lead) float32 millivolt.

    Args:
        sampling_rate: sampling rate of the ECGs, Hz, 100 to 1000.
        **kwargs: arguments of `keras.layers.Layer`.

    Examples:
        >>> import numpy as np
        >>> from ecg_tf.layers import ECGFilter
        >>> ecg = np.full((1, 1000, 3), np.nan, "float32")
        >>> float(np.max(ECGFilter()(ecg)))
        0.0
    """

    def __init__(self, sampling_rate: int = SAMPLING_RATE, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.sampling_rate = sampling_rate
        self._bandpass = Bandpass(sampling_rate)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self._bandpass.build(input_shape)

    def call(self, ecg: keras.KerasTensor) -> keras.KerasTensor:
        return self._bandpass(zero_invalid(ecg))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return input_shape

    def get_config(self) -> dict[str, object]:
        return {**super().get_config(), "sampling_rate": self.sampling_rate}
