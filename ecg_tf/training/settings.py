"""Everything a training run is told."""

import dataclasses
import math

from ecg_tf.errors import InputError
from ecg_tf.leads import DEFAULT_LEADS, SAMPLES, SAMPLING_RATE, lead_indices
from ecg_tf.preprocessing import CHANNELS, IMAGE_SIZE, SCALINGS, check_channels

OPTIMIZERS = ("sgd", "adam", "adamw")
IMAGE_BACKENDS = ("pyts", "keras")
MIXED_PRECISION = ("auto", "none", "float16", "bfloat16")
SCHEDULES = ("constant", "cosine", "plateau")
STRATEGIES = ("none", "mirrored")
# The largest of each number: above, it is a slip, and the network would not fit into memory.
_MOST = {
    "epochs": 10**6,
    "batch_size": 10**5,
    "patience": 10**6,
    "plateau_patience": 10**6,
    "nb_filters": 4096,
    "hidden_size": 4096,
    "num_layers": 64,
}

# What may differ where a run goes on: where things are, and how long it may take.
MAY_CHANGE = frozenset(
    {"data", "path_save_model", "image_cache", "epochs", "patience", "gpu_id", "allow_seen"}
)


@dataclasses.dataclass(frozen=True)
class Settings:
    """The flags of `ecg_tf train`, by their names; checked when made.

    Attributes:
        model: name of the network.
        data: a folder of prepared records, a file of packed ones, or an image tree.
        path_save_model: the run folder: missing, empty, or of this same run, unfinished.
        epochs: at most so many.
        batch_size: records in a batch.
        learning_rate: of the optimiser; where the schedule changes it, the largest.
        schedule: of the learning rate: "constant", "cosine" (down to 0 over `epochs`, by the
            step), or "plateau" (`ecg_tf.training.schedules.plateau_rate`).
        warmup_epochs: of "cosine": so many in which the rate first rises from 0.
        plateau_patience: of "plateau": epochs without a better dev loss that lower the rate.
        optimizer: "sgd", "adam" or "adamw".
        l2_decay: weight of the L2 penalty, as PyTorch's weight_decay.
        clip_norm: largest norm of all gradients together; None for no limit.
        ema_momentum: the exponential moving average of the weights, which keeps this share of
            itself in every step, is judged and saved in their place; None for the weights.
        pos_weight: weights of the positives in the loss: "auto" (negatives / positives of the
            training labels), "original" (the study's numbers), "none", or numbers as "3,3,3,7".
        norm_class: whether NORM, none of the four classes, is a fifth one.
        statement_weight: of each SCP statement in the loss, where they are learnt beside the
            classes (`ecg_tf.training.statements`); None for the classes alone.
        patience: epochs without a better dev loss after which training stops.
        seed: of the weights, the order of the records and dropout.
        deterministic: whether operations without a fixed order of summation are avoided.
        augment: whether every training record is a little different each time
            (`ecg_tf.layers.Augmentation`).
        mixup: alpha of `ecg_tf.data.batches.mixup`: training records are mixed with each other;
            None for records as they are.
        window_seconds: training looks at random windows of this length, and the network is judged
            on whole records; None for whole records.
        dropout: of the network; None for the network's own default.
        sliding_seconds: length of the overlapping windows that `resnet1d` looks at, to take the
            mean of what it finds in them; None for the whole record at once.
        nb_filters: of the first convolution; None for the network's own default.
        hidden_size: units of each GRU; None for the network's own default.
        num_layers: GRUs upon each other; None for the network's own default.
        teacher_runs: run folders whose answers soften the training labels
            (`ecg_tf.training.teachers`); None for the labels as they are.
        teacher_share: how much of a softened label is the teachers'.
        initial_run: run folder of the same network, whose weights this one begins with; None for
            random ones.
        signal_run: run folder of a two-branch network's signal backbone; None for a fresh one.
        image_run: run folder of its image backbone; likewise.
        signal_model: name of a fresh signal backbone; None for bigru.
        image_model: name of a fresh image backbone; None for alexnet.
        allow_seen: whether dev may hold records that one of these runs was trained on.
        leads: the leads used, in order.
        channels: the images made of each lead.
        image_size: height and width of the images.
        scaling: of images and signals: "record" (the study's: each lead by its own range) or
            "millivolt" (fixed, so that the amplitude is kept).
        image_backend: "pyts" (in the input pipeline) or "keras" (layers before the network); None
            for pyts, or keras where a two-branch network makes its images itself.
        image_cache: an image tree that keeps the images pyts made; None for no cache.
        mixed_precision: "auto" (float16 on a GPU, none on a CPU), "none", "float16", "bfloat16".
        gpu_id: the GPU used, if there is any.
        strategy: "none", or "mirrored": every batch is shared out among all GPUs.

    Raises:
        InputError: a value out of its range, naming the flag.
    """

    model: str
    data: str
    path_save_model: str
    epochs: int = 100
    batch_size: int = 64
    learning_rate: float = 0.01
    schedule: str = "constant"
    warmup_epochs: float = 0.0
    plateau_patience: int = 5
    optimizer: str = "sgd"
    l2_decay: float = 0.0
    clip_norm: float | None = None
    ema_momentum: float | None = None
    pos_weight: str = "auto"
    norm_class: bool = False
    statement_weight: float | None = None
    patience: int = 20
    seed: int = 42
    deterministic: bool = False
    augment: bool = False
    mixup: float | None = None
    window_seconds: float | None = None
    dropout: float | None = None
    sliding_seconds: float | None = None
    nb_filters: int | None = None
    hidden_size: int | None = None
    num_layers: int | None = None
    teacher_runs: tuple | None = None
    teacher_share: float = 0.5
    initial_run: str | None = None
    signal_run: str | None = None
    image_run: str | None = None
    signal_model: str | None = None
    image_model: str | None = None
    allow_seen: bool = False
    leads: tuple = DEFAULT_LEADS
    channels: tuple = CHANNELS
    image_size: int = IMAGE_SIZE
    scaling: str = SCALINGS[0]
    image_backend: str | None = None
    image_cache: str | None = None
    mixed_precision: str = "auto"
    gpu_id: int = 0
    strategy: str = "none"

    def __post_init__(self):
        object.__setattr__(self, "leads", tuple(self.leads))
        lead_indices(self.leads)
        object.__setattr__(self, "channels", check_channels(self.channels))
        if self.teacher_runs is not None:
            object.__setattr__(self, "teacher_runs", tuple(self.teacher_runs))
            self._check("teacher_runs", "one run or more", lambda runs: runs and all(runs))
        self._check("teacher_share", "more than 0 and at most 1", lambda value: 0 < value <= 1)
        for name, most in _MOST.items():
            self._check(name, f"1 to {most}", lambda value, most=most: 1 <= value <= most)
        self._check("seed", f"0 to {2**32 - 1}", lambda value: 0 <= value < 2**32)  # as numpy's
        self._check("gpu_id", "at least 0", lambda value: value >= 0)
        self._check("l2_decay", "at least 0, finite", lambda value: 0 <= value < math.inf)
        for name in ("learning_rate", "clip_norm", "mixup", "statement_weight"):
            self._check(name, "more than 0, finite", lambda value: 0 < value < math.inf)
        self._check("image_size", f"1 to {SAMPLES}", lambda value: 1 <= value <= SAMPLES)
        self._check("ema_momentum", "more than 0 and less than 1", lambda value: 0 < value < 1)
        self._check("dropout", "at least 0 and less than 1", lambda value: 0 <= value < 1)
        whole = SAMPLES / SAMPLING_RATE
        self._check("window_seconds", f"0.5 to {whole:g}", lambda value: 0.5 <= value <= whole)
        whole = self.window_seconds or whole
        self._check(
            "sliding_seconds",
            f"0.5 to {whole:g}, what is trained on",
            lambda value: 0.5 <= value <= whole,
        )
        longest = self.epochs if self.schedule == "cosine" else 0
        self._check(
            "warmup_epochs",
            f"0 to {longest}, where schedule is {self.schedule} and epochs {self.epochs}",
            lambda value: 0 <= value <= longest,
        )
        for name, choices in (
            ("schedule", SCHEDULES),
            ("optimizer", OPTIMIZERS),
            ("scaling", SCALINGS),
            ("image_backend", IMAGE_BACKENDS),
            ("mixed_precision", MIXED_PRECISION),
            ("strategy", STRATEGIES),
        ):
            self._check(name, " or ".join(choices), choices.__contains__)

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
