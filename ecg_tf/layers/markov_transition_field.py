"""Markov transition field as a layer."""

import keras
import numpy as np
from keras import ops

from ecg_tf.layers.field import Field
from ecg_tf.method import MTF_BINS, MTF_SCALE

# The study computes p / 5 as p / 5 - 1 + 1, which in float64 puts p = 1/3, 2/3 and 1 just below the
# grey levels 17, 34 and 51. In float32 a factor this much below 1/5 does the same.
_SCALE = MTF_SCALE * (1.0 - 2.0**-19)


@keras.saving.register_keras_serializable("ecg_tf")
class MarkovTransitionField(Field):
    """Markov transition fields of min-max scaled leads, resized bilinearly.

    Samples fall into 10 bins of equal width (a sample on an edge into the lower one); P[a, b] is
    the share of the transitions out of bin a that lead to bin b at the next sample, 0 for a bin
    never left; M[i, j] = P[bin_i, bin_j] (Wang & Oates 2015, "Imaging time-series to improve
    classification and imputation"), and the image is M / 5, as in the study. With Q the one-hot
    bins, M = Q P Qᵀ, so its resize is (A Q) P (A Q)ᵀ: the field at full size is never made.

    Input: (batch, time, lead) in [0, 1].
    Output: (batch, size, size, lead) float32 in [0, 0.2].
    """

    def fields(self, x):
        edges = np.cumsum(np.full(MTF_BINS - 1, 1 / MTF_BINS)).astype(np.float32)
        bins = ops.sum(ops.cast(ops.greater(x[..., None], edges), "int32"), axis=-1)
        one_hot = ops.one_hot(bins, MTF_BINS)  # (batch, lead, time, bin)
        counts = ops.matmul(_transposed(one_hot[:, :, :-1]), one_hot[:, :, 1:])
        left = ops.sum(counts, axis=-1, keepdims=True)
        probability = counts / ops.maximum(left, 1.0) * _SCALE
        before, after = self.neighbours(bins)
        soft = self.mix(
            ops.one_hot(before, MTF_BINS), ops.one_hot(after, MTF_BINS), axis=-2
        )
        return ops.matmul(ops.matmul(soft, probability), _transposed(soft))


def _transposed(matrices):
    return ops.swapaxes(matrices, -1, -2)
