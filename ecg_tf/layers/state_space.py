"""Diagonal state-space layer (S4D)."""

import math

import keras
import numpy as np
from keras import initializers, ops

from ecg_tf.errors import InputError
from ecg_tf.layers import fourier

_STEPS = 0.001, 0.1  # smallest and largest initial step size


@keras.saving.register_keras_serializable("ecg_tf")
class StateSpace(keras.layers.Layer):
    """Filter each channel with a linear state-space model, forwards and backwards in time.

    Each channel h has N / 2 complex states x, which stand for N states in conjugate pairs:

        dx/dt = A x + u,  y = 2 Re(C x) + D u,

    discretised by a zero-order hold with the step size dt of the channel. A, C, D and dt are
    trained; the real part of A is always negative. The output is the sum of a model that runs
    forwards and one that runs backwards, with the same A and dt, and of D u. It is computed as a
    convolution by fast Fourier transforms, in float32 under every dtype policy. A and dt are not
    subject to weight decay (`ecg_tf.training.optimizers`).

    Input and output: (batch, time, channel). The weights do not depend on the length.

    Args:
        state_size: number of states N of each channel, even.
        **kwargs: arguments of `keras.layers.Layer`.

    Raises:
        InputError: `state_size` is odd or less than 2.

    References:
        A. Gu et al., On the parameterization and initialization of diagonal state space models,
        NeurIPS 2022, https://arxiv.org/abs/2206.11893

    Examples:
        >>> import numpy as np
        >>> from ecg_tf.layers import StateSpace
        >>> tuple(StateSpace(8)(np.zeros((2, 250, 16), "float32")).shape)
        (2, 250, 16)
    """

    def __init__(self, state_size: int = 8, **kwargs: object) -> None:
        super().__init__(autocast=False, **kwargs)
        if state_size < 2 or state_size % 2:
            raise InputError(f"state_size {state_size}: expected an even number, at least 2")
        self.state_size = state_size

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        channels, pairs = input_shape[-1], self.state_size // 2

        def add(name: str, shape: tuple[int, ...], initializer: object) -> keras.Variable:
            return self.add_weight(shape, initializer, "float32", autocast=False, name=name)

        steps = initializers.RandomUniform(*map(math.log, _STEPS))
        self.log_step = add("log_step", (channels,), steps)
        decay = initializers.Constant(math.log(0.5))
        self.log_decay = add("log_decay", (channels, pairs), decay)
        self.frequency = add("frequency", (channels, pairs), _frequencies)
        normal = initializers.RandomNormal(stddev=math.sqrt(0.5))
        self.readout = add("readout", (2, 2, channels, pairs), normal)  # Re and Im; directions
        self.skip = add("skip", (channels,), initializers.RandomNormal(stddev=1.0))

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        x = ops.cast(x, "float32")
        signal_re, signal_im = fourier.spectrum(ops.transpose(x, (0, 2, 1)))
        # The conjugate is the spectrum of the kernel reversed in time.
        kernel_re, kernel_im = fourier.spectrum(self.kernels(x.shape[1]))
        kernel_re, kernel_im = kernel_re[0] + kernel_re[1], kernel_im[0] - kernel_im[1]
        y = fourier.signal(
            signal_re * kernel_re - signal_im * kernel_im,
            signal_re * kernel_im + signal_im * kernel_re,
        )
        return ops.cast(ops.transpose(y, (0, 2, 1)) + self.skip * x, self.compute_dtype)

    def kernels(self, time: int) -> keras.KerasTensor:
        """The impulse responses of both directions, without D: (2, channel, time) float32."""
        step = ops.exp(self.log_step)[:, None]
        a_re, a_im = -ops.exp(self.log_decay), ops.convert_to_tensor(self.frequency)
        re, im = a_re * step, a_im * step
        # The input matrix (exp(A dt) - 1) / A, written so that small A dt lose no digits.
        gain_re = ops.expm1(re) * ops.cos(im) - 2 * ops.square(ops.sin(im / 2))
        gain_im = ops.exp(re) * ops.sin(im)
        squared = ops.square(a_re) + ops.square(a_im)
        b_re = (gain_re * a_re + gain_im * a_im) / squared
        b_im = (gain_im * a_re - gain_re * a_im) / squared
        c_re, c_im = self.readout[0], self.readout[1]
        samples = ops.arange(time, dtype="float32")
        amplitude, phase = ops.exp(re[..., None] * samples), im[..., None] * samples
        return 2 * (
            ops.einsum("dhn,hnt->dht", c_re * b_re - c_im * b_im, amplitude * ops.cos(phase))
            - ops.einsum("dhn,hnt->dht", c_re * b_im + c_im * b_re, amplitude * ops.sin(phase))
        )

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return input_shape

    def get_config(self) -> dict[str, object]:
        return {**super().get_config(), "state_size": self.state_size}


def _frequencies(shape: tuple[int, int], dtype: str | None = None) -> keras.KerasTensor:
    """The initial imaginary part of A, which is π n for state n = 0, 1, … (S4D-Lin)."""
    return ops.convert_to_tensor(np.pi * np.broadcast_to(np.arange(shape[1]), shape), dtype)
