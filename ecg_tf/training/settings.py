"""Everything a training run is told."""

import dataclasses

from ecg_tf.errors import InputError
from ecg_tf.leads import DEFAULT_LEADS, SAMPLES, lead_indices
from ecg_tf.method import CHANNELS, IMAGE_SIZE, check_channels

OPTIMIZERS = ("sgd", "adam")
IMAGE_BACKENDS = ("pyts", "keras")
MIXED_PRECISION = ("auto", "none", "float16", "bfloat16")


@dataclasses.dataclass(frozen=True)
class Settings:
    """The flags of bin/train.py, by their names; checked when made.

    Attributes:
        model: name of the network.
        data: a folder of prepared records, or an image tree.
        path_save_model: the run folder, missing or empty.
        epochs: at most so many.
        batch_size: records in a batch.
        learning_rate: of the optimiser.
        optimizer: "sgd" or "adam".
        l2_decay: weight of the L2 penalty, as PyTorch's weight_decay.
        pos_weight: weights of the positives in the loss: "auto" (negatives / positives of the
            training labels), "original" (the study's numbers), "none", or numbers as "3,3,3,7".
        patience: epochs without a better dev loss after which training stops.
        seed: of the weights, the order of the records and dropout.
        dropout: of the network; None for the network's own default.
        nb_filters: of the network's first convolution; None for the network's own default.
        leads: the leads used, in order.
        channels: the images made of each lead.
        image_size: height and width of the images.
        image_backend: "pyts" (in the input pipeline) or "keras" (layers before the network).
        image_cache: an image tree that keeps the images pyts made; None for no cache.
        mixed_precision: "auto" (float16 on a GPU, none on a CPU), "none", "float16", "bfloat16".
        gpu_id: the GPU used, if there is any.

    Raises:
        InputError: a value out of its range, naming the flag.
    """

    model: str
    data: str
    path_save_model: str
    epochs: int = 100
    batch_size: int = 64
    learning_rate: float = 0.01
    optimizer: str = "sgd"
    l2_decay: float = 0.0
    pos_weight: str = "auto"
    patience: int = 20
    seed: int = 42
    dropout: float | None = None
    nb_filters: int | None = None
    leads: tuple = DEFAULT_LEADS
    channels: tuple = CHANNELS
    image_size: int = IMAGE_SIZE
    image_backend: str = "pyts"
    image_cache: str | None = None
    mixed_precision: str = "auto"
    gpu_id: int = 0

    def __post_init__(self):
        object.__setattr__(self, "leads", tuple(self.leads))
        lead_indices(self.leads)
        object.__setattr__(self, "channels", check_channels(self.channels))
        for name in ("epochs", "batch_size", "patience", "nb_filters"):
            self._check(name, "at least 1", lambda value: value >= 1)
        for name in ("seed", "gpu_id", "l2_decay"):
            self._check(name, "at least 0", lambda value: value >= 0)
        self._check("image_size", f"1 to {SAMPLES}", lambda value: 1 <= value <= SAMPLES)
        self._check("learning_rate", "more than 0", lambda value: value > 0)
        self._check("dropout", "at least 0 and less than 1", lambda value: 0 <= value < 1)
        self._check("optimizer", " or ".join(OPTIMIZERS), OPTIMIZERS.__contains__)
        self._check("image_backend", " or ".join(IMAGE_BACKENDS), IMAGE_BACKENDS.__contains__)
        self._check("mixed_precision", ", ".join(MIXED_PRECISION), MIXED_PRECISION.__contains__)

    def _check(self, name, expected, good):
        value = getattr(self, name)
        if value is not None and not good(value):
            raise InputError(f"{name} {value!r}: expected {expected}")

    def flagfile(self):
        """The settings as the text of an absl flag file: `--flagfile` repeats the run."""
        lines = []
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if value is not None:
                text = ",".join(value) if isinstance(value, tuple) else value
                lines.append(f"--{field.name}={text}\n")
        return "".join(lines)
