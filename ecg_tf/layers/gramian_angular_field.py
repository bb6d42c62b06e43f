"""Gramian angular fields."""

import keras
from keras import ops

from ecg_tf.layers.field import Field


@keras.saving.register_keras_serializable("ecg_tf")
class GramianAngularField(Field):
    """Compute Gramian angular summation fields of scaled leads, resized bilinearly.

    With c = 2x - 1 = cos φ and s = sqrt(1 - c²) = sin φ, G[i, j] = cos(φ_i + φ_j)
    = c_i c_j - s_i s_j, and the image is (G + 1) / 2. G has rank 2, so its bilinear resize A G Aᵀ
    is (A c)(A c)ᵀ - (A s)(A s)ᵀ: the field at full size is never computed.

    Input: (batch, time, lead) in [0, 1].
    Output: (batch, size, size, lead) float32 in [0, 1].

    Args:
        size: height and width of the images, pixels, at most `time`.
        **kwargs: arguments of `keras.layers.Layer`.

    References:
        Z. Wang, T. Oates, Imaging time-series to improve classification and imputation, IJCAI 2015,
        https://arxiv.org/abs/1506.00327

    Examples:
        >>> import numpy as np
        >>> from ecg_tf.layers import GramianAngularField
        >>> x = np.linspace(0, 1, 1000, dtype="float32").reshape(1, 1000, 1)
        >>> tuple(GramianAngularField(size=64)(x).shape)
        (1, 64, 64, 1)
    """

    def vectors(self, x: keras.KerasTensor) -> tuple[keras.KerasTensor, keras.KerasTensor]:
        before, after = self.neighbours(2.0 * x - 1.0)
        cos, sin = self.mix(before, after), self.mix(_sine(before), _sine(after))
        return ops.stack([cos / 2.0, sin / 2.0], axis=2), ops.stack([cos, sin], axis=2)

    def pixels(self, rows: keras.KerasTensor, columns: keras.KerasTensor) -> keras.KerasTensor:
        cos, sin = (rows[..., k, :, None] * columns[..., k, None, :] for k in range(2))
        return cos - sin + 0.5


def _sine(cosine: keras.KerasTensor) -> keras.KerasTensor:
    return ops.sqrt(ops.clip(1.0 - cosine * cosine, 0.0, 1.0))
