"""Causal Butterworth band-pass as a layer."""

import keras
import numpy as np
from keras import ops
from scipy import signal

from ecg_tf.preprocessing import butterworth


@keras.saving.register_keras_serializable("ecg_tf")
class Bandpass(keras.layers.Layer):
    """Butterworth band-pass of order 2, 1-45 Hz at 100 Hz, causal, from a state of zero.

    What `scipy.signal.sosfilt(ecg_tf.preprocessing.butterworth(), ecg, axis=1)` computes. A filter
    that starts at rest is linear, so on records of one length it is the product with a triangular
    Toeplitz matrix of its impulse response, which needs no loop over time and runs on any backend.

    Input and output: (batch, time, lead), the unit kept; float32.
    """

    def __init__(self, **kwargs):
        kwargs.setdefault("dtype", "float32")
        super().__init__(**kwargs)

    def build(self, input_shape):
        samples = input_shape[1]
        impulse = np.eye(1, samples)[0]
        response = signal.sosfilt(butterworth(), impulse)
        lag = np.arange(samples) - np.arange(samples)[:, None]  # output time - input time
        # [input time, output time]
        self._matrix = np.where(lag >= 0, response[np.abs(lag)], 0.0).astype(np.float32)

    def call(self, ecg):
        leads_first = ops.transpose(ecg, (0, 2, 1))
        return ops.transpose(ops.matmul(leads_first, self._matrix), (0, 2, 1))
