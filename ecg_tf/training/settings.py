"""The settings of a training run, each described once."""

import dataclasses
import inspect
import math

from ecg_tf.errors import InputError
from ecg_tf.leads import DEFAULT_LEADS, HIGHEST_RATE, LONGEST, lead_indices
from ecg_tf.preprocessing import CHANNELS, IMAGE_SIZE, SCALINGS, check_channels
from ecg_tf.training.setting_field import (
    POSITIVE,
    Allowed,
    attributes,
    between,
    markdown_row,
    setting,
    value_text,
)

OPTIMIZERS = ("sgd", "adam", "adamw")
IMAGE_BACKENDS = ("pyts", "keras")
MIXED_PRECISION = ("auto", "none", "float16", "bfloat16")
SCHEDULES = ("constant", "cosine", "plateau")
STRATEGIES = ("none", "mirrored", "data_parallel")
XLA = ("auto", "on", "off")

# The settings that may differ when a run is resumed: paths, and when to stop.
MAY_CHANGE = frozenset(
    {"data", "path_save_model", "image_cache", "epochs", "patience", "gpu_id", "allow_seen"}
)


@dataclasses.dataclass(frozen=True)
class Settings:
    """The settings of a training run: the flags of `ecg_tf train`, checked when created.

    Attributes:
        {attributes}

    Raises:
        InputError: a value out of its range; the message begins with the name of the setting.

    Examples:
        >>> settings = Settings(model="gru", data="data", path_save_model="run", epochs=3)
        >>> settings.epochs, settings.learning_rate, settings.leads
        (3, 0.01, ('I', 'II', 'V2'))
        >>> Settings(model="gru", data="data", path_save_model="run", epochs=0)
        Traceback (most recent call last):
        ...
        ecg_tf.errors.InputError: epochs 0: expected 1 to 1000000
    """

    model: str = setting("name of the network")
    data: str = setting("prepared or packed records, or an image tree", path=True)
    path_save_model: str = setting(
        "run folder to write; if it holds this run, unfinished, training resumes", path=True
    )
    epochs: int = setting("maximum number of epochs", 100, allowed=between(1, 10**6))
    batch_size: int = setting("number of records in a batch", 64, allowed=between(1, 10**5))
    learning_rate: float = setting("peak learning rate; see -schedule", 0.01, allowed=POSITIVE)
    schedule: str = setting(
        "learning rate schedule: constant, cosine (falls to 0 at the end of -epochs) or plateau "
        "(multiplied by 0.3 after -plateau_patience epochs without a lower dev loss)",
        SCHEDULES[0],
        choices=SCHEDULES,
    )
    warmup_epochs: float = setting(
        "number of epochs in which the learning rate of -schedule cosine first rises from 0", 0.0
    )
    plateau_patience: int = setting(
        "number of epochs without a lower dev loss before -schedule plateau lowers the rate",
        5,
        allowed=between(1, 10**6),
    )
    optimizer: str = setting("optimizer; sgd has no momentum", "sgd", choices=OPTIMIZERS)
    l2_decay: float = setting(
        "L2 penalty, like PyTorch's weight_decay; decoupled weight decay with -optimizer adamw",
        0.0,
        allowed=Allowed("at least 0, finite", lambda value: 0 <= value < math.inf),
    )
    clip_norm: float | None = setting(
        "clip gradients to this global norm. Default: no clipping", None, allowed=POSITIVE
    )
    ema_momentum: float | None = setting(
        "evaluate and save an exponential moving average of the weights, with this momentum, "
        "instead of the weights. Default: no averaging",
        None,
        allowed=Allowed("more than 0 and less than 1", lambda value: 0 < value < 1),
    )
    pos_weight: str = setting(
        "weights of positive labels in the loss: auto (negatives / positives of the training "
        "labels), original (the study's numbers), none, or a number per class such as 3,3,3,7",
        "auto",
    )
    norm_class: bool = setting("add a fifth class, NORM, for ECGs of none of the four", False)
    statement_weight: float | None = setting(
        "train on PTB-XL's SCP statements as well, with this weight of each in the loss; the "
        "saved network predicts the classes only. Default: no statements",
        None,
        allowed=POSITIVE,
    )
    patience: int = setting(
        "stop after this many epochs without a lower dev loss", 20, allowed=between(1, 10**6)
    )
    seed: int = setting(
        "random seed of the initial weights, the order of the records, augmentation and dropout",
        42,
        allowed=between(0, 2**32 - 1),  # as for numpy
    )
    deterministic: bool = setting("make runs bit-for-bit reproducible", False)
    augment: bool = setting(
        "augment training ECGs: random shifts, amplitudes, noise and missing leads", False
    )
    mixup: float | None = setting(
        "mix pairs of training records, with shares drawn from Beta(MIXUP, MIXUP). Default: no "
        "mixing",
        None,
        allowed=POSITIVE,
    )
    window_seconds: float | None = setting(
        "train on random windows of this many seconds. Default: whole records",
        None,
        allowed=between(0.5, LONGEST),
    )
    dropout: float | None = setting(
        "dropout rate. Default: that of the network",
        None,
        allowed=Allowed("at least 0 and less than 1", lambda value: 0 <= value < 1),
    )
    sliding_seconds: float | None = setting(
        "of resnet1d and s4: average features over overlapping windows of this many seconds. "
        "Default: over the whole input",
        None,
    )
    nb_filters: int | None = setting(
        "number of filters of the first convolution, of s4: of channels. Default: that of the "
        "network",
        None,
        allowed=between(1, 4096),
    )
    hidden_size: int | None = setting(
        "number of units of each recurrent layer. Default: that of the network",
        None,
        allowed=between(1, 4096),
    )
    num_layers: int | None = setting(
        "number of stacked recurrent or state-space layers. Default: that of the network",
        None,
        allowed=between(1, 64),
    )
    state_size: int | None = setting(
        "of s4: number of states of each channel, even. Default: 8",
        None,
        allowed=between(2, 1024),
    )
    teacher_runs: tuple[str, ...] | None = setting(
        "distil from these runs: mix their predicted probabilities into the training labels. Run "
        "folders, pretrained:NAME or hf://OWNER/NAME, of any networks and leads. Default: no "
        "teachers",
        None,
        path=True,
    )
    teacher_share: float = setting(
        "weight of the teachers' probabilities in the training labels",
        0.5,
        allowed=Allowed("more than 0 and at most 1", lambda value: 0 < value <= 1),
    )
    initial_run: str | None = setting(
        "start from the weights of this run of the same network: a run folder, pretrained:NAME or "
        "hf://OWNER/NAME. If it has other classes, the head starts from random weights. Default: "
        "random weights",
        None,
        path=True,
    )
    freeze_body: bool = setting(
        "train the head of -initial_run only (linear probe); its other weights and batch "
        "statistics stay",
        False,
    )
    signal_run: str | None = setting(
        "of a two-branch network: run whose network becomes the signal backbone, a run folder, "
        "pretrained:NAME or hf://OWNER/NAME. Default: a new backbone",
        None,
        path=True,
    )
    image_run: str | None = setting(
        "of a two-branch network: run whose network becomes the image backbone, a run folder, "
        "pretrained:NAME or hf://OWNER/NAME. Default: a new backbone",
        None,
        path=True,
    )
    signal_model: str | None = setting(
        "of a two-branch network: name of a new signal backbone. Default: bigru", None
    )
    image_model: str | None = setting(
        "of a two-branch network: name of a new image backbone. Default: alexnet", None
    )
    allow_seen: bool = setting(
        "train even if dev contains records that this run, or a run it starts from or distils "
        "from, is trained on",
        False,
    )
    leads: tuple[str, ...] = setting("leads to use, in order", DEFAULT_LEADS)
    channels: tuple[str, ...] = setting("images of each lead, in order", CHANNELS)
    image_size: int = setting(
        "height and width of the images in pixels, at most the number of samples of the ECGs",
        IMAGE_SIZE,
        allowed=between(1, LONGEST * HIGHEST_RATE),
    )
    scaling: str = setting(
        "scaling of images and signals: record (each lead by its own range, as in the study) or "
        "millivolt (fixed, which keeps the amplitude)",
        SCALINGS[0],
        choices=SCALINGS,
    )
    image_backend: str | None = setting(
        "computes the images of prepared records: pyts, in the input pipeline, or keras, layers on "
        "the network's device. Default: pyts, but keras in a two-branch network",
        None,
        choices=IMAGE_BACKENDS,
    )
    image_cache: str | None = setting(
        "image tree in which the images that pyts computes are kept. Default: they are not kept",
        None,
        path=True,
    )
    mixed_precision: str = setting(
        "mixed precision; auto is float16 on a GPU and none on a CPU",
        MIXED_PRECISION[0],
        choices=MIXED_PRECISION,
    )
    gpu_id: int = setting(
        "index of the GPU to use, if there is one",
        0,
        allowed=Allowed("at least 0", lambda value: value >= 0),
    )
    strategy: str = setting(
        "how training is spread over GPUs: mirrored splits every batch across all GPUs, under "
        "TensorFlow; data_parallel across those of all processes, under JAX",
        STRATEGIES[0],
        choices=STRATEGIES,
    )
    xla: str = setting(
        "whether XLA compiles the training step under TensorFlow; auto: on GPUs only, and neither "
        "networks with a GRU nor with -strategy mirrored. JAX always uses XLA",
        XLA[0],
        choices=XLA,
    )

    def __post_init__(self) -> None:
        object.__setattr__(self, "leads", tuple(self.leads))
        lead_indices(self.leads)
        object.__setattr__(self, "channels", check_channels(self.channels))
        if self.teacher_runs is not None:
            object.__setattr__(self, "teacher_runs", tuple(self.teacher_runs))
            several = Allowed("one run or more", lambda runs: runs and all(runs))
            self._check("teacher_runs", several)
        for field in dataclasses.fields(self):
            if field.metadata["allowed"]:
                self._check(field.name, field.metadata["allowed"])
        trained = between(0.5, self.window_seconds or LONGEST)
        words = f"{trained.words}, the length trained on"
        self._check("sliding_seconds", dataclasses.replace(trained, words=words))
        warmup = between(0, self.epochs if self.schedule == "cosine" else 0)
        words = f"{warmup.words}, where schedule is {self.schedule} and epochs {self.epochs}"
        self._check("warmup_epochs", dataclasses.replace(warmup, words=words))

    def _check(self, name: str, allowed: Allowed) -> None:
        value = getattr(self, name)
        if value is not None and not allowed.contains(value):
            raise InputError(f"{name} {value!r}: expected {allowed.words}")

    def flagfile(self) -> str:
        """The settings as the text of an absl flag file: `--flagfile` repeats the run."""
        lines = []
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if value is not None:
                lines.append(f"--{field.name}={value_text(value)}\n")
        return "".join(lines)


if Settings.__doc__:  # which python -OO leaves out
    Settings.__doc__ = inspect.cleandoc(Settings.__doc__).replace(
        "    {attributes}", attributes(dataclasses.fields(Settings))
    )


def settings_markdown() -> str:
    """The settings as the Markdown table of docs/training.md.

    Returns:
        A row for each setting: flag, default, values, what it does. A default of – is None.

    Examples:
        >>> print(settings_markdown().splitlines()[5])
        | `-epochs` | 100 | whole number, 1 to 1000000 | maximum number of epochs |
    """
    rows = [markdown_row(field) for field in dataclasses.fields(Settings)]
    return "\n".join(["| flag | default | values | what it does |", "|---|---|---|---|", *rows, ""])
