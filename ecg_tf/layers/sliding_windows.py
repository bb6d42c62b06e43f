"""Overlapping windows of a signal, and the mean of what was made of them."""

import keras
import numpy as np
from keras import ops

from ecg_tf.errors import InputError


@keras.saving.register_keras_serializable("ecg_tf")
class SlidingWindows(keras.layers.Layer):
    """Windows of `samples` samples, each half in the one before or more, from start to end.

    Their starts are evenly spaced, as far as whole samples can be; a signal no longer than a window
    is one window.

    Input: (batch, time, lead).
    Output: (batch * window, samples, lead), the windows of a record in a row.

    Args:
        samples: length of a window, at least 2.
        **kwargs: as for every Keras layer.

    Raises:
        InputError: a window that has no half, or a signal shorter than a window.
    """

    def __init__(self, samples, **kwargs):
        super().__init__(**kwargs)
        if samples < 2:
            raise InputError(f"windows of {samples} samples: expected at least 2")
        self.samples = samples

    def starts(self, time):
        """The first sample of each window of a signal of `time` samples, a list."""
        room = time - self.samples
        if room < 0:
            raise InputError(f"windows of {self.samples} samples: the signal has {time}")
        steps = -(-room // (self.samples // 2))
        return np.rint(np.linspace(0, room, steps + 1)).astype(int).tolist()

    def call(self, x):
        _, time, leads = x.shape
        windows = [x[:, start : start + self.samples] for start in self.starts(time)]
        return ops.reshape(ops.stack(windows, axis=1), (-1, self.samples, leads))

    def compute_output_shape(self, input_shape):
        return None, self.samples, input_shape[2]

    def get_config(self):
        return {**super().get_config(), "samples": self.samples}


@keras.saving.register_keras_serializable("ecg_tf")
class MeanOverWindows(keras.layers.Layer):
    """The mean over the windows of each record.

    Input: (batch * window, feature), the windows of a record in a row.
    Output: (batch, feature).

    Args:
        windows: how many a record has.
        **kwargs: as for every Keras layer.
    """

    def __init__(self, windows, **kwargs):
        super().__init__(**kwargs)
        self.windows = windows

    def call(self, x):
        return ops.mean(ops.reshape(x, (-1, self.windows, x.shape[-1])), axis=1)

    def compute_output_shape(self, input_shape):
        return None, input_shape[1]

    def get_config(self):
        return {**super().get_config(), "windows": self.windows}
