"""What every branch does first to the raw ECG, as one layer."""

import keras

from ecg_tf.layers.bandpass import Bandpass
from ecg_tf.layers.validity import zero_invalid


@keras.saving.register_keras_serializable("ecg_tf")
class ECGFilter(keras.layers.Layer):
    """Raw ECG to filtered ECG: the band-pass, and zeros for a lead that is flat or not finite.

    Input: (batch, time, lead) millivolt, unfiltered.
    Output: (batch, time, lead) float32 millivolt.
    """

    def __init__(self, **kwargs):
        kwargs.setdefault("dtype", "float32")
        super().__init__(**kwargs)
        self._bandpass = Bandpass()

    def build(self, input_shape):
        self._bandpass.build(input_shape)

    def call(self, ecg):
        return self._bandpass(zero_invalid(ecg))
