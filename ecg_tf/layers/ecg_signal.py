"""The signal branch's input, from the raw ECG, as one layer."""

import keras

from ecg_tf.layers.ecg_filter import ECGFilter
from ecg_tf.layers.scaling import ZScore


@keras.saving.register_keras_serializable("ecg_tf")
class ECGSignal(keras.layers.Layer):
    """Raw ECG to the signal branch's input: `ECGFilter`, then z-score per lead.

    A lead that is flat or not finite becomes zeros and leaves the others untouched.

    Input: (batch, time, lead) millivolt, unfiltered.
    Output: (batch, time, lead) float32, mean 0 and standard deviation 1 over time.
    """

    def __init__(self, **kwargs):
        kwargs.setdefault("dtype", "float32")
        super().__init__(**kwargs)
        self._filter = ECGFilter()
        self._scale = ZScore()

    def build(self, input_shape):
        self._filter.build(input_shape)

    def call(self, ecg):
        return self._scale(self._filter(ecg))
