"""The images of the study from filtered ECGs."""

from collections.abc import Sequence

import keras
from keras import ops

from ecg_tf.errors import InputError
from ecg_tf.layers.band_tiles import band_of_tiles, tiles
from ecg_tf.layers.float32_layer import Float32Layer
from ecg_tf.layers.gramian_angular_field import GramianAngularField
from ecg_tf.layers.markov_transition_field import MarkovTransitionField
from ecg_tf.layers.portable import is_portable
from ecg_tf.layers.recurrence_plot import RecurrencePlot
from ecg_tf.layers.scaling import MinMax, Squash
from ecg_tf.layers.validity import valid_leads
from ecg_tf.preprocessing import CHANNELS, GREY_LEVELS, IMAGE_SIZE, SCALINGS, check_channels

_FIELDS = {"gaf": GramianAngularField, "mtf": MarkovTransitionField, "rp": RecurrencePlot}
_SCALES = dict(zip(SCALINGS, (MinMax, Squash), strict=True))


@keras.saving.register_keras_serializable("ecg_tf")
class FieldImages(Float32Layer):
    """Convert filtered ECGs to 8-bit images: scaling to [0, 1], then GAF, MTF and RP of each lead.

    Image channels are ordered by lead: I-GAF, I-MTF, I-RP, II-GAF, … Values are floor(255 v) / 255,
    the grey levels of an 8-bit image file, so networks can be trained on files or on this layer.
    Flat leads become images of zeros.

    Input: (batch, time, lead), the output of `ECGFilter`.
    Output: (batch, size, size, lead * channel) float32 in [0, 1]; (batch, size, band,
        lead * channel) if only a band is computed.

    Args:
        channels: the images of each lead, in order: any of "gaf", "mtf", "rp".
        size: height and width of the images, pixels, at most `time`.
        scaling: "record" for `MinMax`, as in the study; "millivolt" for `Squash`.
        band: number of columns of the band along the diagonal that is computed, as `DiagonalBand`
            cuts it out of the images. Default: whole images.
        **kwargs: arguments of `keras.layers.Layer`.

    Raises:
        InputError: unknown or repeated channels, `size` is larger than `time`, or `band` larger
            than `size`.

    Examples:
        >>> import numpy as np
        >>> from ecg_tf.layers import FieldImages
        >>> filtered = np.random.default_rng(0).normal(size=(2, 1000, 3)).astype("float32")
        >>> images = np.asarray(FieldImages(channels=("gaf", "rp"), size=64)(filtered))
        >>> images.shape, images.min() >= 0, images.max() <= 1
        ((2, 64, 64, 6), np.True_, np.True_)
    """

    def __init__(
        self,
        channels: Sequence[str] = CHANNELS,
        size: int = IMAGE_SIZE,
        scaling: str = SCALINGS[0],
        band: int | None = None,
        **kwargs: object,
    ) -> None:
        super().__init__(**kwargs)
        self.channels = check_channels(channels)
        if band is not None and not 1 <= band <= size:
            raise InputError(f"band {band}: expected 1 to {size}, the size of the images")
        self.band = band
        self.size = size
        self.scaling = scaling
        self._scale = _SCALES[scaling]()
        self._fields = [_FIELDS[name](size) for name in self.channels]

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        for field in self._fields:
            field.build(input_shape)
        self._width = self.band or self.size
        self._depth = input_shape[2] * len(self.channels)
        self._compiled = None
        backend = keras.backend.backend()
        on_gpu = backend != "torch" and _has_gpu()
        # On a GPU, one loop over all pixels moves the least memory: 1.6 times as fast on an H200.
        self._by_loops = backend == "jax" and on_gpu
        if backend == "tensorflow" and not on_gpu:
            from ecg_tf.kernels.images import compiled

            self._compiled = compiled(
                programs=(self._vectors, self._levels_by_xla, self._images),
                operations=self._by_operations,
                values=self.size * self._width * self._depth,
            )

    def call(self, filtered: keras.KerasTensor) -> keras.KerasTensor:
        if self._compiled and not is_portable():
            return self._compiled(filtered)
        return self._by_operations(filtered)

    def _by_operations(self, filtered: keras.KerasTensor) -> keras.KerasTensor:
        levels = self._levels_by_xla if self._by_loops else self._levels
        return self._images(levels(self._vectors(filtered)))

    def _vectors(self, filtered: keras.KerasTensor) -> tuple[keras.KerasTensor, list]:
        """The largest grey level of each lead, 0 if invalid, and the vectors of each field."""
        x = ops.transpose(self._scale(filtered), (0, 2, 1))
        valid = valid_leads(filtered)
        x = ops.where(valid[:, :, None], x, 0)
        grey = ops.where(valid, float(GREY_LEVELS), 0)[:, :, None, None]
        vectors = [field.vectors(x) for field in self._fields]
        if self.band:
            grey = grey[:, :, None]
            vectors = [tiles(*v, self.band) for v in vectors]
        return grey, vectors

    def _levels(self, grey_and_vectors: tuple) -> list[keras.KerasTensor]:
        grey, vectors = grey_and_vectors
        pixels = [field.pixels(*v) for field, v in zip(self._fields, vectors, strict=True)]
        return _levels(grey, pixels)

    def _levels_by_xla(self, grey_and_vectors: tuple) -> list[keras.KerasTensor]:
        grey, vectors = grey_and_vectors
        pixels = [field.pixels_by_xla(*v) for field, v in zip(self._fields, vectors, strict=True)]
        return _levels(grey, pixels)

    def _images(self, levels: list[keras.KerasTensor]) -> keras.KerasTensor:
        levels = ops.stack(levels, axis=2)  # (batch, lead, channel, size, size)
        if self.band:
            levels = band_of_tiles(levels, self.size, self.band)
        levels = ops.transpose(levels, (0, 3, 4, 1, 2))
        levels = ops.reshape(levels, (-1, self.size, self._width, self._depth))
        return ops.cast(levels, "float32") / GREY_LEVELS

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        width = self.band or self.size
        return (input_shape[0], self.size, width, input_shape[2] * len(self.channels))

    def get_config(self) -> dict[str, object]:
        config = {"channels": list(self.channels), "size": self.size, "scaling": self.scaling}
        return {**super().get_config(), **config, "band": self.band}


def _levels(grey: keras.KerasTensor, pixels: list[keras.KerasTensor]) -> list[keras.KerasTensor]:
    """The grey levels of the pixels of each field, uint8 (batch, lead, …, height, width)."""
    # A cast to integers truncates: -1e-8, a rounding error, becomes 0 and not -1.
    return [ops.cast(pixel * grey, "uint8") for pixel in pixels]


def _has_gpu() -> bool:
    return any(name.startswith("gpu") for name in keras.distribution.list_devices())
