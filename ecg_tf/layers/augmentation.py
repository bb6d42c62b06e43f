"""Augmentation of ECGs by changes that keep the diagnosis."""

import math

import keras
from keras import ops

from ecg_tf.layers.float32_layer import Float32Layer
from ecg_tf.leads import SAMPLING_RATE


@keras.saving.register_keras_serializable("ecg_tf")
class Augmentation(Float32Layer):
    """Augment raw ECGs at random during training; return them unchanged otherwise.

    Each record is shifted in time by a random number of samples (samples that leave at the end
    re-enter at the start) and multiplied by exp(g), where g is normal with standard deviation
    `gain`. Gaussian noise is added to each sample. Each lead is set to 0 with probability
    `lead_dropout`, as if its electrode were disconnected.

    Input and output: (batch, time, lead) millivolt, unfiltered.

    Args:
        gain: standard deviation of the logarithm of the gain, which all leads of a record share.
        noise: standard deviation of the noise at 100 Hz, millivolt. At other sampling rates, the
            noise in the pass band is the same.
        lead_dropout: probability that a lead is set to 0.
        seed: seed of the random numbers; None for a random seed.
        sampling_rate: sampling rate of the ECGs, Hz, 100 to 1000.
        **kwargs: arguments of `keras.layers.Layer`.

    Examples:
        >>> import numpy as np
        >>> from ecg_tf.layers import Augmentation
        >>> layer = Augmentation(gain=0.2, seed=1)
        >>> ecg = np.random.default_rng(0).normal(size=(2, 1000, 12)).astype("float32")
        >>> bool(np.all(layer(ecg) == ecg))
        True
        >>> bool(np.all(layer(ecg, training=True) == ecg))
        False
    """

    def __init__(
        self,
        gain: float = 0.1,
        noise: float = 0.01,
        lead_dropout: float = 0.05,
        seed: int | None = None,
        sampling_rate: int = SAMPLING_RATE,
        **kwargs: object,
    ) -> None:
        super().__init__(**kwargs)
        self.gain, self.noise, self.lead_dropout, self.seed = gain, noise, lead_dropout, seed
        self.sampling_rate = sampling_rate
        self._random = keras.random.SeedGenerator(seed)

    def call(self, ecg: keras.KerasTensor, training: bool = False) -> keras.KerasTensor:
        if not training:
            return ecg
        records, samples, leads = ops.shape(ecg)
        factor = ops.exp(self.gain * keras.random.normal((records, 1, 1), seed=self._random))
        # All records share the noise, because random numbers are slow; each is shifted afterwards.
        level = self.noise * math.sqrt(self.sampling_rate / SAMPLING_RATE)
        noise = level * keras.random.normal((1, samples, leads), seed=self._random)
        ecg = factor * ecg + noise
        shift = keras.random.randint((records, 1, 1), 0, samples, seed=self._random)
        moved = ops.mod(ops.arange(samples)[None, :, None] + shift, samples)
        ecg = ops.take_along_axis(ecg, ops.broadcast_to(moved, ops.shape(ecg)), axis=1)
        on = keras.random.uniform((records, 1, leads), seed=self._random) >= self.lead_dropout
        return ops.where(on, ecg, 0.0)

    def get_config(self) -> dict[str, object]:
        names = ("gain", "noise", "lead_dropout", "seed", "sampling_rate")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


@keras.saving.register_keras_serializable("ecg_tf")
class RandomWindow(Float32Layer):
    """Take `samples` consecutive samples of each record, from a random start; for training only.

    Input: (batch, time, lead).
    Output: (batch, samples, lead).

    Args:
        samples: length of the window, in samples.
        seed: seed of the random numbers; None for a random seed.
        **kwargs: arguments of `keras.layers.Layer`.

    Examples:
        >>> import numpy as np
        >>> from ecg_tf.layers import RandomWindow
        >>> tuple(RandomWindow(250)(np.zeros((2, 1000, 12), "float32")).shape)
        (2, 250, 12)
    """

    def __init__(self, samples: int, seed: int | None = None, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.samples, self.seed = samples, seed
        self._random = keras.random.SeedGenerator(seed)

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        records, samples, leads = ops.shape(x)
        start = keras.random.randint(
            (records, 1, 1), 0, samples - self.samples + 1, seed=self._random
        )
        rows = start + ops.arange(self.samples)[None, :, None]
        rows = ops.broadcast_to(rows, (records, self.samples, leads))
        return ops.take_along_axis(x, rows, axis=1)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (input_shape[0], self.samples, input_shape[2])

    def get_config(self) -> dict[str, object]:
        return {**super().get_config(), "samples": self.samples, "seed": self.seed}
