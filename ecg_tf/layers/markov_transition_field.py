"""Markov transition fields."""

import keras
import numpy as np
from keras import ops

from ecg_tf.layers.field import Field
from ecg_tf.preprocessing import GREY_LEVELS, MTF_BINS, MTF_SCALE


@keras.saving.register_keras_serializable("ecg_tf")
class MarkovTransitionField(Field):
    """Compute Markov transition fields of scaled leads, resized bilinearly.

    Samples are assigned to 10 bins of equal width (samples on an edge to the lower bin). P[a, b] is
    the share of the transitions from bin a that lead to bin b at the next sample; 0 for bins
    without transitions. M[i, j] = P[bin_i, bin_j], and the image is M / 5, as in the study. With
    one-hot bins Q, M = Q P Qᵀ, so its bilinear resize is (A Q) P (A Q)ᵀ: the field at full size is
    never computed.

    Input: (batch, time, lead) in [0, 1].
    Output: (batch, size, size, lead) float32 in [0, 0.2], within 1e-6.

    Args:
        size: height and width of the images, pixels, at most `time`.
        **kwargs: arguments of `keras.layers.Layer`.

    References:
        Z. Wang, T. Oates, Imaging time-series to improve classification and imputation, IJCAI 2015,
        https://arxiv.org/abs/1506.00327

    Examples:
        >>> import numpy as np
        >>> from ecg_tf.layers import MarkovTransitionField
        >>> x = np.linspace(0, 1, 1000, dtype="float32").reshape(1, 1000, 1)
        >>> tuple(MarkovTransitionField(size=64)(x).shape)
        (1, 64, 64, 1)
    """

    def vectors(self, x: keras.KerasTensor) -> tuple[keras.KerasTensor, keras.KerasTensor]:
        edges = np.cumsum(np.full(MTF_BINS - 1, 1 / MTF_BINS)).astype(np.float32)
        bins = sum(ops.cast(ops.greater(x, edge), "int32") for edge in edges)
        visits = _one_hot(bins)  # (batch, lead, bin, time)
        counts = ops.matmul(visits[..., :-1], _transposed(visits[..., 1:]))
        left = ops.sum(counts, axis=-1, keepdims=True)
        probability = counts / ops.maximum(left, 1.0)

        shares = self.mix(*map(_one_hot, self.neighbours(bins)))  # (batch, lead, bin, size)
        return ops.matmul(_transposed(_shown(probability)), shares), shares

    def pixels(self, rows: keras.KerasTensor, columns: keras.KerasTensor) -> keras.KerasTensor:
        return ops.matmul(_transposed(rows), columns)

    def pixels_by_xla(
        self, rows: keras.KerasTensor, columns: keras.KerasTensor
    ) -> keras.KerasTensor:
        return sum(rows[..., b, :, None] * columns[..., b, None, :] for b in range(MTF_BINS))


def _one_hot(bins: keras.KerasTensor) -> keras.KerasTensor:
    """float32 (batch, lead, bin, time) of bins (batch, lead, time)."""
    numbers = np.arange(MTF_BINS, dtype=np.int32)[:, None]
    return ops.cast(ops.equal(bins[:, :, None], numbers), "float32")


def _shown(probability: keras.KerasTensor) -> keras.KerasTensor:
    """The probability / 5, moved slightly up or down at grey levels, as in the study.

    The study computes p / 5 - 1 + 1 in float64. For a p exactly on a grey level (1/3, 5/17, 1, …),
    its rounding error decides whether floor(255 v) is this level or the one below.
    """
    levels = round(GREY_LEVELS * MTF_SCALE)  # of p = 1
    level = np.arange(levels + 1)
    below = np.floor(GREY_LEVELS * (level / levels / 5 - 1 + 1)) < level
    nudge = np.where(below, 1 - 2.0**-19, 1 + 2.0**-19).astype(np.float32)
    nearest = ops.cast(ops.round(probability * levels), "int32")
    return probability * MTF_SCALE * ops.take(nudge, nearest)


def _transposed(matrices: keras.KerasTensor) -> keras.KerasTensor:
    return ops.swapaxes(matrices, -1, -2)
