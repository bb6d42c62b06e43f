"""Recurrence plots."""

import keras
from keras import ops

from ecg_tf.layers.field import Field, between


@keras.saving.register_keras_serializable("ecg_tf")
class RecurrencePlot(Field):
    """Compute recurrence plots of scaled leads without a threshold, resized bilinearly.

    R[i, j] = |x_i - x_j|. A pixel of the resized plot lies between two samples on each axis, so it
    is interpolated from four distances; no others are computed.

    Input: (batch, time, lead) in [0, 1].
    Output: (batch, size, size, lead) float32 in [0, 1].

    Args:
        size: height and width of the images, pixels, at most `time`.
        **kwargs: arguments of `keras.layers.Layer`.

    References:
        J.-P. Eckmann, S. Oliffson Kamphorst, D. Ruelle, Recurrence plots of dynamical systems,
        Europhysics Letters 4 (1987) 973-977, https://doi.org/10.1209/0295-5075/4/9/004

    Examples:
        >>> import numpy as np
        >>> from ecg_tf.layers import RecurrencePlot
        >>> x = np.array([0, 0.25, 1], "float32").reshape(1, 3, 1)
        >>> np.asarray(RecurrencePlot(size=3)(x))[0, :, :, 0].tolist()
        [[0.0, 0.25, 1.0], [0.25, 0.0, 0.75], [1.0, 0.75, 0.0]]
    """

    def vectors(self, x: keras.KerasTensor) -> tuple[keras.KerasTensor, keras.KerasTensor]:
        before, after = self.neighbours(x)
        weight = ops.zeros_like(before) + ops.convert_to_tensor(self.weight)
        values = ops.stack([before, after, weight], axis=2)
        return values, values

    def pixels(self, rows: keras.KerasTensor, columns: keras.KerasTensor) -> keras.KerasTensor:
        before_row, after_row, row_weight = (rows[..., k, :, None] for k in range(3))
        before, after, weight = (columns[..., k, None, :] for k in range(3))

        def distances(row: keras.KerasTensor) -> keras.KerasTensor:
            return between(ops.abs(row - before), ops.abs(row - after), weight)

        return between(distances(before_row), distances(after_row), row_weight)
