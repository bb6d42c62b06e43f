"""Causal Butterworth band-pass filter."""

import keras
import numpy as np
from keras import ops

from ecg_tf.layers.float32_layer import Float32Layer
from ecg_tf.preprocessing import butterworth

_STATE = 4  # numbers that describe the state of a band-pass of order 2


@keras.saving.register_keras_serializable("ecg_tf")
class Bandpass(Float32Layer):
    """Filter ECGs by a causal Butterworth band-pass of order 2, 1-45 Hz at 100 Hz.

    Computes `scipy.signal.sosfilt(ecg_tf.preprocessing.butterworth(), ecg, axis=1)`, with an
    initial state of zero. Matrix products take the place of a loop over time. Records are divided
    into blocks of n samples. Samples of the same block contribute to a filtered sample by the
    Toeplitz matrix of the impulse response, n × n. Earlier blocks contribute by the state of the
    filter, which is four numbers: each block's contribution to the state, the sums of these
    contributions to all later blocks, and the response to the state are three small matrices.

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
        samples, leads = input_shape[1:]
        n = _block(samples)
        blocks = samples // n
        response = _impulse_response(samples + n)
        lag = np.arange(n) - np.arange(n)[:, None]  # output time - input time
        within = np.where(lag >= 0, response[np.abs(lag)], 0.0)
        # The response to the block before has the rank of the state.
        left, sizes, right = np.linalg.svd(response[n + lag])
        rank = min(_STATE, n)
        root = np.sqrt(sizes[:rank])
        into, out_of = left[:, :rank] * root, root[:, None] * right[:rank]
        between = np.zeros((blocks, rank, blocks, rank))
        for distance in range(1, blocks):
            from_state_to_state = (
                np.linalg.pinv(into) @ response[distance * n + lag] @ np.linalg.pinv(out_of)
            )
            for block in range(blocks - distance):
                between[block, :, block + distance] = from_state_to_state
        between = between.reshape(blocks * rank, blocks * rank)
        self._matrices = [m.astype(np.float32) for m in (within, into, between, out_of)]
        self._shapes = (-1, leads, blocks, n), (-1, leads, blocks * rank), (-1, leads, blocks, rank)

    def call(self, ecg: keras.KerasTensor) -> keras.KerasTensor:
        within, into, between, out_of = self._matrices
        in_blocks, states_in_row, states_of_blocks = self._shapes
        leads_first = ops.transpose(ecg, (0, 2, 1))
        x = ops.reshape(leads_first, in_blocks)
        states = ops.reshape(ops.matmul(x, into), states_in_row)
        states = ops.reshape(ops.matmul(states, between), states_of_blocks)
        y = ops.matmul(x, within) + ops.matmul(states, out_of)
        return ops.transpose(ops.reshape(y, ops.shape(leads_first)), (0, 2, 1))


def _block(samples: int) -> int:
    """The number of samples in a block, a divisor of `samples`, with the fewest products."""
    divisors = (n for n in range(1, samples + 1) if samples % n == 0)
    return min(divisors, key=lambda n: samples * (n + 2 * _STATE) + (_STATE * samples / n) ** 2)


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
