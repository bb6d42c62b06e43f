"""The input of signal networks from raw ECGs."""

import keras

from ecg_tf.layers.ecg_filter import ECGFilter
from ecg_tf.layers.float32_layer import Float32Layer
from ecg_tf.layers.scaling import Gain, ZScore
from ecg_tf.leads import SAMPLING_RATE
from ecg_tf.preprocessing import SCALINGS

SIGNAL_SCALES = dict(zip(SCALINGS, (ZScore, Gain), strict=True))


@keras.saving.register_keras_serializable("ecg_tf")
class ECGSignal(Float32Layer):
    """Convert raw ECGs to the input of signal networks: `ECGFilter`, then scaling.

    Leads that are flat or not finite become zeros; the other leads are not affected.

    Input: (batch, time, lead) millivolt, unfiltered.
    Output: (batch, time, lead) float32.

    Args:
        scaling: "record" for `ZScore` (mean 0 and standard deviation 1 over time), as in the study;
            "millivolt" for `Gain`.
        sampling_rate: sampling rate of the ECGs, Hz, 100 to 1000.
        **kwargs: arguments of `keras.layers.Layer`.

    Examples:
        >>> import numpy as np
        >>> from ecg_tf.layers import ECGSignal
        >>> ecg = np.random.default_rng(0).normal(size=(2, 1000, 3)).astype("float32")
        >>> signal = np.asarray(ECGSignal()(ecg))
        >>> signal.shape, round(float(signal[0, :, 0].std()), 3)
        ((2, 1000, 3), 1.0)
    """

    def __init__(
        self,
        scaling: str = SCALINGS[0],
        sampling_rate: int = SAMPLING_RATE,
        **kwargs: object,
    ) -> None:
        super().__init__(**kwargs)
        self.sampling_rate = sampling_rate
        self._filter = ECGFilter(sampling_rate)
        self.scaling = scaling
        self._scale = SIGNAL_SCALES[scaling]()

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self._filter.build(input_shape)

    def call(self, ecg: keras.KerasTensor) -> keras.KerasTensor:
        return self._scale(self._filter(ecg))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return input_shape

    def get_config(self) -> dict[str, object]:
        config = {"scaling": self.scaling, "sampling_rate": self.sampling_rate}
        return {**super().get_config(), **config}
