"""The input of a network."""

from __future__ import annotations

import dataclasses

from ecg_tf.errors import InputError, quoted
from ecg_tf.leads import (
    DEFAULT_LEADS,
    SAMPLES,
    SAMPLING_RATE,
    check_sampling_rate,
    lead_indices,
)
from ecg_tf.preprocessing import CHANNELS, IMAGE_SIZE, SCALINGS, check_channels

KINDS = ("signal", "image", "ecg")


@dataclasses.dataclass(frozen=True)
class InputSpec:
    """The input of a network, and the ECG that it is made from.

    Args:
        kind: "signal" for filtered and scaled leads (batch, time, lead), "image" for their images
            (batch, height, width, lead * channel), or "ecg" for raw ECGs (batch, time, lead) in
            millivolt, from which a two-branch network computes both.
        leads: names of the leads, in order.
        sampling_rate: sampling rate of the ECG, Hz, a whole number from 100 to 1000.
        samples: number of samples of the ECG.
        channels: the images of each lead, in order, among "gaf", "mtf" and "rp". Always None for
            signals.
        image_size: height and width of the images. Always None for signals.
        scaling: how signals and images are scaled, one of `ecg_tf.preprocessing.SCALINGS`.

    Raises:
        InputError: a value out of its range. The message begins with its name.

    Examples:
        >>> from ecg_tf.input_spec import InputSpec
        >>> spec = InputSpec("image", leads=("I", "II", "V2"), image_size=256)
        >>> spec.shape
        (256, 256, 9)
        >>> spec.window(250).shape
        (64, 64, 9)
        >>> InputSpec("signal", leads=("I", "II", "V2")).shape
        (1000, 3)
    """

    kind: str
    leads: tuple[str, ...] = DEFAULT_LEADS
    sampling_rate: int = SAMPLING_RATE
    samples: int = SAMPLES
    channels: tuple[str, ...] | None = CHANNELS
    image_size: int | None = IMAGE_SIZE
    scaling: str = SCALINGS[0]

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise InputError(f"kind {quoted(str(self.kind))}: expected {', '.join(KINDS)}")
        object.__setattr__(self, "leads", tuple(self.leads))
        lead_indices(self.leads)
        check_sampling_rate(self.sampling_rate)
        if self.samples < 1:
            raise InputError(f"samples {self.samples}: expected 1 or more")
        if self.scaling not in SCALINGS:
            raise InputError(
                f"scaling {quoted(str(self.scaling))}: expected {' or '.join(SCALINGS)}"
            )
        if self.kind == "signal":
            object.__setattr__(self, "channels", None)
            object.__setattr__(self, "image_size", None)
            return
        object.__setattr__(self, "channels", check_channels(self.channels or ()))
        if self.image_size is None or not 1 <= self.image_size <= self.samples:
            raise InputError(
                f"image_size {self.image_size}: expected 1 to {self.samples}, the samples of the "
                "signal"
            )

    @property
    def seconds(self) -> float:
        """Duration of the ECG, s."""
        return self.samples / self.sampling_rate

    @property
    def ecg_shape(self) -> tuple[int, int]:
        """Shape of the raw ECG, (time, lead)."""
        return self.samples, len(self.leads)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the input, without its batch axis."""
        if self.kind == "image":
            return self.image_size, self.image_size, len(self.leads) * len(self.channels)
        return self.ecg_shape

    def window(self, samples: int) -> InputSpec:
        """The input that a shorter part of the ECG gives; its images are smaller in proportion.

        Args:
            samples: number of samples of the part.
        """
        size = self.image_size and self.image_size * samples // self.samples
        return dataclasses.replace(self, samples=samples, image_size=size)

    def backbone(self, kind: str) -> InputSpec:
        """The input that a backbone of a two-branch network takes from the same ECG.

        Args:
            kind: "signal" or "image".
        """
        return dataclasses.replace(self, kind=kind)
