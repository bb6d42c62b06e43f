"""Recurrence plots."""

import keras
from keras import ops

from ecg_tf.layers.field import Field


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
        return self.neighbours(x)

    def pixels(self, before: keras.KerasTensor, after: keras.KerasTensor) -> keras.KerasTensor:
        def distances(
            rows: keras.KerasTensor,
        ) -> keras.KerasTensor:  # from (batch, lead, size) samples to (batch, lead, size, size)
            rows = rows[..., :, None]
            return self.mix(
                ops.abs(rows - before[..., None, :]), ops.abs(rows - after[..., None, :])
            )

        return self.mix(distances(before), distances(after), axis=-2)
