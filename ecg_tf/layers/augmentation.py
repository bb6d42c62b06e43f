"""What training may do to an ECG without changing its diagnosis."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("ecg_tf")
class Augmentation(keras.layers.Layer):
    """Raw ECGs, in training each otherwise every time; untouched outside of training.

    Every record is shifted in time by a random number of samples (what leaves at the end comes back
    at the beginning) and scaled by exp(g), g normal with standard deviation `gain`; noise is added
    to every sample; every lead is set to 0 with probability `lead_dropout`, as if its electrode had
    fallen off.

    Input and output: (batch, time, lead) millivolt, unfiltered.

    Args:
        gain: standard deviation of the logarithm of the factor, the same for all leads of a record.
        noise: standard deviation of the noise, millivolt.
        lead_dropout: probability.
        seed: of the random numbers; None for Keras' own.
        **kwargs: as for every Keras layer.
    """

    def __init__(self, gain=0.1, noise=0.01, lead_dropout=0.05, seed=None, **kwargs):
        kwargs.setdefault("dtype", "float32")
        super().__init__(**kwargs)
        self.gain, self.noise, self.lead_dropout, self.seed = gain, noise, lead_dropout, seed
        self._random = keras.random.SeedGenerator(seed)

    def call(self, ecg, training=False):
        if not training:
            return ecg
        records, samples, leads = ops.shape(ecg)
        factor = ops.exp(self.gain * keras.random.normal((records, 1, 1), seed=self._random))
        # The same for all records, before each is shifted its own way: random numbers are slow.
        noise = self.noise * keras.random.normal((1, samples, leads), seed=self._random)
        ecg = factor * ecg + noise
        shift = keras.random.randint((records, 1, 1), 0, samples, seed=self._random)
        moved = ops.mod(ops.arange(samples)[None, :, None] + shift, samples)
        ecg = ops.take_along_axis(ecg, ops.broadcast_to(moved, ops.shape(ecg)), axis=1)
        on = keras.random.uniform((records, 1, leads), seed=self._random) >= self.lead_dropout
        return ops.where(on, ecg, 0.0)

    def get_config(self):
        names = ("gain", "noise", "lead_dropout", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


@keras.saving.register_keras_serializable("ecg_tf")
class RandomWindow(keras.layers.Layer):
    """`samples` samples in a row of each record, which ones is random; for training alone.

    Input: (batch, time, lead).
    Output: (batch, samples, lead).

    Args:
        samples: length of the window.
        seed: of the random numbers; None for Keras' own.
        **kwargs: as for every Keras layer.
    """

    def __init__(self, samples, seed=None, **kwargs):
        kwargs.setdefault("dtype", "float32")
        super().__init__(**kwargs)
        self.samples, self.seed = samples, seed
        self._random = keras.random.SeedGenerator(seed)

    def call(self, x):
        records, samples, leads = ops.shape(x)
        start = keras.random.randint(
            (records, 1, 1), 0, samples - self.samples + 1, seed=self._random
        )
        rows = start + ops.arange(self.samples)[None, :, None]
        rows = ops.broadcast_to(rows, (records, self.samples, leads))
        return ops.take_along_axis(x, rows, axis=1)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], self.samples, input_shape[2])

    def get_config(self):
        return {**super().get_config(), "samples": self.samples, "seed": self.seed}
