"""Overlapping windows of a signal, and means over them."""

import keras
import numpy as np
from keras import ops

from ecg_tf.errors import InputError


@keras.saving.register_keras_serializable("ecg_tf")
class SlidingWindows(keras.layers.Layer):
    """Split signals into windows that overlap by at least half, from start to end.

    Windows start at evenly spaced samples, rounded to integers. A signal as long as one window
    gives one window.

    Input: (batch, time, lead).
    Output: (batch * window, samples, lead); the windows of a record are consecutive.

    Args:
        samples: length of a window, in samples; at least 2.
        **kwargs: arguments of `keras.layers.Layer`.

    Raises:
        InputError: `samples` is less than 2, or the signal is shorter than a window.

    Examples:
        >>> import numpy as np
        >>> from ecg_tf.layers import SlidingWindows
        >>> layer = SlidingWindows(250)
        >>> layer.starts(1000)
        [0, 125, 250, 375, 500, 625, 750]
        >>> tuple(layer(np.zeros((2, 1000, 12), "float32")).shape)
        (14, 250, 12)
    """

    def __init__(self, samples: int, **kwargs: object) -> None:
        super().__init__(**kwargs)
        if samples < 2:
            raise InputError(f"windows of {samples} samples: expected at least 2")
        self.samples = samples

    def starts(self, time: int) -> list[int]:
        """The first sample of each window of a signal with `time` samples."""
        last = time - self.samples
        if last < 0:
            raise InputError(f"windows of {self.samples} samples: the signal has {time}")
        steps = -(-last // (self.samples // 2))
        return np.rint(np.linspace(0, last, steps + 1)).astype(int).tolist()

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        _, time, leads = x.shape
        windows = [x[:, start : start + self.samples] for start in self.starts(time)]
        return ops.reshape(ops.stack(windows, axis=1), (-1, self.samples, leads))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return None, self.samples, input_shape[2]

    def get_config(self) -> dict[str, object]:
        return {**super().get_config(), "samples": self.samples}


@keras.saving.register_keras_serializable("ecg_tf")
class MeanOverWindows(keras.layers.Layer):
    """Average features over the windows of each record.

    Input: (batch * window, feature); the windows of a record are consecutive.
    Output: (batch, feature).

    Args:
        windows: number of windows per record.
        **kwargs: arguments of `keras.layers.Layer`.

    Examples:
        >>> import numpy as np
        >>> from ecg_tf.layers import MeanOverWindows
        >>> np.asarray(MeanOverWindows(2)(np.array([[1.0], [3.0], [5.0], [7.0]]))).tolist()
        [[2.0], [6.0]]
    """

    def __init__(self, windows: int, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.windows = windows

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        return ops.mean(ops.reshape(x, (-1, self.windows, x.shape[-1])), axis=1)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return None, input_shape[1]

    def get_config(self) -> dict[str, object]:
        return {**super().get_config(), "windows": self.windows}
