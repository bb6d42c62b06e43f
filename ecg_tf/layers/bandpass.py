"""Causal Butterworth band-pass filter."""

import math

import keras
import numpy as np
from keras import ops

from ecg_tf.layers.float32_layer import Float32Layer
from ecg_tf.leads import SAMPLING_RATE
from ecg_tf.preprocessing import butterworth

_STATE = 4  # numbers that describe the state of a band-pass of order 2
_PADDED = 1.25  # cost of padding records, relative to their filtering


@keras.saving.register_keras_serializable("ecg_tf")
class Bandpass(Float32Layer):
    """Filter ECGs by a causal Butterworth band-pass of order 2, 1-45 Hz.

    Computes `scipy.signal.sosfilt(ecg_tf.preprocessing.butterworth(sampling_rate), ecg, axis=1)`,
    with an initial state of zero. Matrix products take the place of a loop over time. Records are
    divided into blocks of n samples, after zeros are appended if no suitable n divides their
    length. Samples of the same block contribute to a filtered sample by the
    Toeplitz matrix of the impulse response, n × n. Earlier blocks contribute by the state of the
    filter, which is four numbers: each block's contribution to the state, the sums of these
    contributions to all later blocks, and the response to the state are three small matrices.

    Input and output: (batch, time, lead) float32; the unit is kept.

    Args:
        sampling_rate: sampling rate of the ECGs, Hz, 100 to 1000.
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

    def __init__(self, sampling_rate: int = SAMPLING_RATE, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.sampling_rate = sampling_rate
        self._sections = butterworth(sampling_rate).tolist()

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        samples, leads = input_shape[1:]
        n = _block(samples)
        blocks = math.ceil(samples / n)
        self._samples, self._missing = samples, blocks * n - samples
        response = _impulse_response(self._sections, (blocks + 1) * n)
        lag = np.arange(n) - np.arange(n)[:, None]  # output time - input time
        within = np.where(lag >= 0, response[np.abs(lag)], 0.0)
        # The response to the block before has the rank of the state.
        left, sizes, right = np.linalg.svd(response[n + lag])
        rank = min(_STATE, n)
        root = np.sqrt(sizes[:rank])
        into, out_of = left[:, :rank] * root, root[:, None] * right[:rank]
        from_input, to_output = np.linalg.pinv(into), np.linalg.pinv(out_of)
        between = np.zeros((blocks, rank, blocks, rank))
        for distance in range(1, blocks):
            from_state_to_state = from_input @ response[distance * n + lag] @ to_output
            for block in range(blocks - distance):
                between[block, :, block + distance] = from_state_to_state
        between = between.reshape(blocks * rank, blocks * rank)
        self._matrices = [m.astype(np.float32) for m in (within, into, between, out_of)]
        self._shapes = (-1, leads, blocks, n), (-1, leads, blocks * rank), (-1, leads, blocks, rank)

    def call(self, ecg: keras.KerasTensor) -> keras.KerasTensor:
        within, into, between, out_of = self._matrices
        in_blocks, states_in_row, states_of_blocks = self._shapes
        leads_first = ops.transpose(ecg, (0, 2, 1))
        if self._missing:
            leads_first = ops.pad(leads_first, ((0, 0), (0, 0), (0, self._missing)))
        x = ops.reshape(leads_first, in_blocks)
        states = ops.reshape(ops.matmul(x, into), states_in_row)
        states = ops.reshape(ops.matmul(states, between), states_of_blocks)
        y = ops.matmul(x, within) + ops.matmul(states, out_of)
        y = ops.transpose(ops.reshape(y, ops.shape(leads_first)), (0, 2, 1))
        return y[:, : self._samples] if self._missing else y

    def get_config(self) -> dict[str, object]:
        return {**super().get_config(), "sampling_rate": self.sampling_rate}


def _block(samples: int) -> int:
    """The number of samples in a block with the fewest products, preferably a divisor."""

    def cost(n: int) -> float:
        blocks = math.ceil(samples / n)
        products = blocks * n * (n + 2 * _STATE) + (_STATE * blocks) ** 2
        return products * (_PADDED if samples % n else 1)

    return min(range(1, samples + 1), key=cost)


def _impulse_response(sections: list[list[float]], samples: int) -> np.ndarray:
    """`scipy.signal.sosfilt` of an impulse, float64 (samples,), without importing scipy.signal."""
    response = [1.0] + [0.0] * (samples - 1)
    for b0, b1, b2, _, a1, a2 in sections:
        z0 = z1 = 0.0  # the state of the section, in the transposed direct form II
        for k, x in enumerate(response):
            response[k] = y = b0 * x + z0
            z0 = b1 * x - a1 * y + z1
            z1 = b2 * x - a2 * y
    return np.array(response)
