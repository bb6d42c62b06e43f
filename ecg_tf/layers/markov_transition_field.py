"""Markov transition field as a layer."""

import keras
import numpy as np
from keras import ops

from ecg_tf.layers.field import Field
from ecg_tf.preprocessing import GREY_LEVELS, MTF_BINS, MTF_SCALE


@keras.saving.register_keras_serializable("ecg_tf")
class MarkovTransitionField(Field):
    """Markov transition fields of min-max scaled leads, resized bilinearly.

    Samples fall into 10 bins of equal width (a sample on an edge into the lower one); P[a, b] is
    the share of the transitions out of bin a that lead to bin b at the next sample, 0 for a bin
    never left; M[i, j] = P[bin_i, bin_j] (Wang & Oates 2015, "Imaging time-series to improve
    classification and imputation"), and the image is M / 5, as in the study. With Q the one-hot
    bins, M = Q P Qᵀ, so its resize is (A Q) P (A Q)ᵀ: the field at full size is never made.

    Input: (batch, time, lead) in [0, 1].
    Output: (batch, size, size, lead) float32 in [0, 0.2], give or take 1e-6.
    """

    def fields(self, x):
        edges = np.cumsum(np.full(MTF_BINS - 1, 1 / MTF_BINS)).astype(np.float32)
        bins = ops.sum(ops.cast(ops.greater(x[..., None], edges), "int32"), axis=-1)
        visits = ops.one_hot(bins, MTF_BINS)  # (batch, lead, time, bin)
        counts = ops.matmul(_transposed(visits[:, :, :-1]), visits[:, :, 1:])
        left = ops.sum(counts, axis=-1, keepdims=True)
        probability = counts / ops.maximum(left, 1.0)

        before, after = self.neighbours(bins)
        shares = self.mix(ops.one_hot(before, MTF_BINS), ops.one_hot(after, MTF_BINS), axis=-2)
        return ops.matmul(ops.matmul(shares, _shown(probability)), _transposed(shares))


def _shown(probability):
    """The probability / 5; on a grey level, a shade above or below it as in the study.

    The study computes p / 5 - 1 + 1 in float64, whose rounding decides whether floor(255 v) gives
    a p on a grey level (1/3, 5/17, 1, …) that level or the one below.
    """
    levels = round(GREY_LEVELS * MTF_SCALE)  # of p = 1
    level = np.arange(levels + 1)
    below = np.floor(GREY_LEVELS * (level / levels / 5 - 1 + 1)) < level
    nudge = np.where(below, 1 - 2.0**-19, 1 + 2.0**-19).astype(np.float32)
    nearest = ops.cast(ops.round(probability * levels), "int32")
    return probability * MTF_SCALE * ops.take(nudge, nearest)


def _transposed(matrices):
    return ops.swapaxes(matrices, -1, -2)
