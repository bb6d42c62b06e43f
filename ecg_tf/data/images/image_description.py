"""The description of an image tree, stored in its images.json."""

import dataclasses
import re
from collections.abc import Sequence
from pathlib import Path

from ecg_tf.errors import InputError, quoted
from ecg_tf.files import read_json
from ecg_tf.input_spec import InputSpec
from ecg_tf.leads import LEADS, SAMPLES, SAMPLING_RATE
from ecg_tf.preprocessing import BAND_PASS, CHANNELS, SCALINGS

_MOST = 10**9  # the largest count


@dataclasses.dataclass(frozen=True)
class Description:
    """Description of the images of a partition.

    Attributes:
        leads: names of the leads, in the order of the images.
        channels: the images of each lead, among "gaf", "mtf" and "rp".
        size: height and width in pixels.
        class_names: the classes, in the order of the labels.
        records: number of images in the finished tree.
        simulated: True if any record is simulated.
        ecg_sha256: SHA-256 of the partition's ecgs, from the manifest of prepared records; None if
            unknown.
        image_backend: "pyts" or "keras"; None if unknown.
        scaling: scaling of the leads, one of `ecg_tf.preprocessing.SCALINGS`. This and the entries
            below are missing in older trees, which all hold images of the study's method.
        band_pass: description of the band-pass filter, `ecg_tf.preprocessing.BAND_PASS`.
        sampling_rate: sampling rate of the ecgs, Hz.
        samples: number of samples of each ecg.

    Raises:
        InputError: an entry has a wrong type or value; the message begins with its name.
    """

    leads: tuple
    channels: tuple
    size: int
    class_names: tuple
    records: int
    simulated: bool
    ecg_sha256: str | None
    image_backend: str | None
    scaling: str = SCALINGS[0]
    band_pass: str = BAND_PASS
    sampling_rate: int = SAMPLING_RATE
    samples: int = SAMPLES

    def __post_init__(self) -> None:
        for name in ("leads", "channels", "class_names"):  # JSON has lists
            if isinstance(getattr(self, name), list):
                object.__setattr__(self, name, tuple(getattr(self, name)))
        for name, (fits, expected) in _ENTRIES.items():
            value = getattr(self, name)
            if not fits(value):
                raise InputError(f"{name} {quoted(str(value))}, expected {expected}")
        if self.size > self.samples:
            raise InputError(f"size {self.size}, expected 1 to {self.samples}")

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape of each file: (lead * channel, size, size)."""
        return len(self.leads) * len(self.channels), self.size, self.size


def entries_of(spec: InputSpec) -> dict[str, object]:
    """Return the entries of a `Description` that an `InputSpec` of images determines."""
    return {
        "leads": spec.leads,
        "channels": spec.channels,
        "size": spec.image_size,
        "scaling": spec.scaling,
        "band_pass": BAND_PASS,
        "sampling_rate": spec.sampling_rate,
        "samples": spec.samples,
    }


def read_description(path: Path) -> Description | None:
    """Read the `Description` in an images.json; None if the file does not exist.

    Raises:
        InputError: the file is not JSON, or an entry is unknown, missing or invalid.
    """
    if not path.exists():
        return None
    entries = read_json(path)
    fields = dataclasses.fields(Description)
    required = {field.name for field in fields if field.default is dataclasses.MISSING}
    known = {field.name for field in fields}
    for name in sorted(required - entries.keys()) + sorted(entries.keys() - known):
        fault = "is missing" if name in required else "is unknown"
        raise InputError(f"{path}: not the description of an image tree: {quoted(name)} {fault}")
    try:
        return Description(**entries)
    except InputError as error:
        raise InputError(f"{path}: not the description of an image tree: {error}") from error


def _names(value: object, known: Sequence[str] | None = None) -> bool:
    """Return True for a tuple of distinct names."""
    return (
        isinstance(value, tuple)
        and bool(value)
        and all(isinstance(name, str) and name.isprintable() and name for name in value)
        and len(set(value)) == len(value)
        and (known is None or set(value) <= set(known))
    )


def _count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= _MOST


def _is_hash(value: object) -> bool:
    return value is None or (isinstance(value, str) and bool(re.fullmatch("[0-9a-f]+", value)))


# {entry: (function that checks a value, description of the valid values)}
_ENTRIES = {
    "leads": (lambda value: _names(value, LEADS), f"one or more of {', '.join(LEADS)}, none twice"),
    "channels": (
        lambda value: _names(value, CHANNELS),
        f"one or more of {', '.join(CHANNELS)}, none twice",
    ),
    "size": (_count, f"1 to {_MOST}"),
    "class_names": (_names, "the names of the classes, none twice"),
    "records": (_count, f"1 to {_MOST}"),
    "simulated": (lambda value: isinstance(value, bool), "true or false"),
    "ecg_sha256": (_is_hash, "a SHA-256 or null"),
    "image_backend": (lambda value: value in (None, "pyts", "keras"), "pyts, keras or null"),
    "scaling": (lambda value: value in SCALINGS, f"one of {', '.join(SCALINGS)}"),
    "band_pass": (lambda value: isinstance(value, str), "a text"),
    "sampling_rate": (_count, "a whole number of Hz"),
    "samples": (_count, f"1 to {_MOST}"),
}
