"""The images of the study from raw ECGs."""

from collections.abc import Sequence

import keras

from ecg_tf.layers.ecg_filter import ECGFilter
from ecg_tf.layers.field_images import FieldImages
from ecg_tf.leads import SAMPLING_RATE
from ecg_tf.preprocessing import CHANNELS, IMAGE_SIZE, SCALINGS


@keras.saving.register_keras_serializable("ecg_tf")
class ECGImage(FieldImages):
    """Convert raw ECGs to 8-bit images: `ECGFilter`, then `FieldImages`.

    Leads that are flat or not finite become images of zeros; the other leads are not affected.

    Input: (batch, time, lead) millivolt, unfiltered.
    Output: (batch, size, size, lead * channel) float32 in [0, 1], or (batch, size, band,
        lead * channel).

    Args:
        channels: the images of each lead, in order: any of "gaf", "mtf", "rp".
        size: height and width of the images, pixels, at most `time`.
        scaling: see `FieldImages`.
        sampling_rate: sampling rate of the ECGs, Hz, 100 to 1000.
        band: see `FieldImages`.
        **kwargs: arguments of `keras.layers.Layer`.

    Raises:
        InputError: unknown or repeated channels, `size` is larger than `time`, or `band` larger
            than `size`.

    References:
        H. Narotamo et al., Deep learning for ECG classification: A comparative study of 1D and 2D
        representations and multimodal fusion approaches, Biomedical Signal Processing and Control
        93 (2024) 106141, https://doi.org/10.1016/j.bspc.2024.106141

    Examples:
        >>> import numpy as np
        >>> from ecg_tf.layers import ECGImage
        >>> ecg = np.random.default_rng(0).normal(size=(2, 1000, 3)).astype("float32")
        >>> tuple(ECGImage(channels=("gaf", "rp"), size=64)(ecg).shape)
        (2, 64, 64, 6)
    """

    def __init__(
        self,
        channels: Sequence[str] = CHANNELS,
        size: int = IMAGE_SIZE,
        scaling: str = SCALINGS[0],
        sampling_rate: int = SAMPLING_RATE,
        band: int | None = None,
        **kwargs: object,
    ) -> None:
        super().__init__(channels, size, scaling, band, **kwargs)
        self.sampling_rate = sampling_rate
        self._filter = ECGFilter(sampling_rate)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self._filter.build(input_shape)
        super().build(input_shape)

    def _vectors(self, ecg: keras.KerasTensor) -> tuple[keras.KerasTensor, list]:
        return super()._vectors(self._filter(ecg))

    def get_config(self) -> dict[str, object]:
        return {**super().get_config(), "sampling_rate": self.sampling_rate}
