"""Causal Butterworth band-pass filter."""

import keras
import numpy as np
from keras import ops

from ecg_tf.layers.float32_layer import Float32Layer
from ecg_tf.preprocessing import butterworth


@keras.saving.register_keras_serializable("ecg_tf")
class Bandpass(Float32Layer):
    """Filter ECGs by a causal Butterworth band-pass of order 2, 1-45 Hz at 100 Hz.

    Computes `scipy.signal.sosfilt(ecg_tf.preprocessing.butterworth(), ecg, axis=1)`, with an
    initial state of zero. On records of equal length, this is the product with the triangular
    Toeplitz matrix of the impulse response: no loop over time, on every backend.

    Input and output: (batch, time, lead) float32; the unit is kept.

    Args:
        **kwargs: arguments of `keras.layers.Layer`.

    Examples:
        >>> import numpy as np
        >>> from ecg_tf.layers import Bandpass
        >>> filtered = np.asarray(Bandpass()(np.ones((2, 1000, 12), "float32")))
        >>> filtered.shape
        (2, 1000, 12)
        >>> bool(abs(filtered[:, -1]).max() < 1e-6)  # the offset is removed
        True
    """

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        samples = input_shape[1]
        response = _impulse_response(samples)
        lag = np.arange(samples) - np.arange(samples)[:, None]  # output time - input time
        # [input time, output time]
        self._matrix = np.where(lag >= 0, response[np.abs(lag)], 0.0).astype(np.float32)

    def call(self, ecg: keras.KerasTensor) -> keras.KerasTensor:
        leads_first = ops.transpose(ecg, (0, 2, 1))
        return ops.transpose(ops.matmul(leads_first, self._matrix), (0, 2, 1))


def _impulse_response(samples: int) -> np.ndarray:
    """`scipy.signal.sosfilt` of an impulse, float64 (samples,), without importing scipy.signal."""
    response = [1.0] + [0.0] * (samples - 1)
    for b0, b1, b2, _, a1, a2 in butterworth().tolist():
        z0 = z1 = 0.0  # the state of the section, in the transposed direct form II
        for k, x in enumerate(response):
            response[k] = y = b0 * x + z0
            z0 = b1 * x - a1 * y + z1
            z1 = b2 * x - a2 * y
    return np.array(response)
