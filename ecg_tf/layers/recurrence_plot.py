"""Recurrence plot as a layer."""

import keras
from keras import ops

from ecg_tf.layers.field import Field


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
        before, after = self.neighbours(x)

        def distances(rows):  # (batch, lead, size) samples to (batch, lead, size, size)
            rows = rows[..., :, None]
            return self.mix(
                ops.abs(rows - before[..., None, :]), ops.abs(rows - after[..., None, :])
            )

        return self.mix(distances(before), distances(after), axis=-2)
