"""Recurrence plot as a layer."""

import keras
from keras import ops

from ecg_tf.layers.field import Field, neighbours


@keras.saving.register_keras_serializable("ecg_tf")
class RecurrencePlot(Field):
    """Recurrence plots of min-max scaled leads, unthresholded, resized bilinearly.

    R[i, j] = |x_i - x_j| (Eckmann, Kamphorst & Ruelle 1987, "Recurrence plots of dynamical
    systems"). A pixel of the resized plot lies between two samples on either axis, so it mixes
    four such distances; no others are computed.

    Input: (batch, time, lead) in [0, 1].
    Output: (batch, size, size, lead) float32 in [0, 1].
    """

    def fields(self, x):
        before, after, weight = neighbours(x, self.size)
        taps = ((before, 1.0 - weight), (after, weight))
        return sum(
            row_weight[:, None] * column_weight * ops.abs(row[..., :, None] - column[..., None, :])
            for row, row_weight in taps
            for column, column_weight in taps
        )
