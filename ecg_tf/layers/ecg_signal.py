"""The signal branch's input, from the raw ECG, as one layer."""

import keras

from ecg_tf.layers.ecg_filter import ECGFilter
from ecg_tf.layers.scaling import Gain, ZScore
from ecg_tf.preprocessing import SCALINGS

SIGNAL_SCALES = dict(zip(SCALINGS, (ZScore, Gain), strict=True))


@keras.saving.register_keras_serializable("ecg_tf")
class ECGSignal(keras.layers.Layer):
    """Raw ECG to the signal branch's input: `ECGFilter`, then scaled.

    A lead that is flat or not finite becomes zeros and leaves the others untouched.

    Input: (batch, time, lead) millivolt, unfiltered.
    Output: (batch, time, lead) float32.

    Args:
        scaling: "record" for `ZScore` (mean 0 and standard deviation 1 over time), as in the study,
            "millivolt" for `Gain`.
        **kwargs: as for every Keras layer.
    """

    def __init__(self, scaling=SCALINGS[0], **kwargs):
        kwargs.setdefault("dtype", "float32")
        super().__init__(**kwargs)
        self._filter = ECGFilter()
        self.scaling = scaling
        self._scale = SIGNAL_SCALES[scaling]()

    def build(self, input_shape):
        self._filter.build(input_shape)

    def call(self, ecg):
        return self._scale(self._filter(ecg))

    def get_config(self):
        return {**super().get_config(), "scaling": self.scaling}
