"""The metadata of a run: about.json in its folder."""

from __future__ import annotations

import dataclasses

from ecg_tf.errors import InputError, quoted
from ecg_tf.input_spec import InputSpec
from ecg_tf.leads import LONGEST, SAMPLES, SAMPLING_RATE, check_signal, lead_indices
from ecg_tf.models import find
from ecg_tf.models.self_attention import AXES
from ecg_tf.preprocessing import SCALINGS, check_channels
from ecg_tf.runs.json_values import (
    is_list,
    is_number,
    is_sha256,
    is_table,
    is_text,
    is_text_or_none,
    is_whole,
    unexpected,
)

MOST_CLASSES = 1000
BRANCHES = ("signal", "image")  # the backbones of a network that takes the ecg

# Entries of about.json that are written as null if they are not known.
_NULLABLE = {"trunks", "dev_seen", "git_revision"}


@dataclasses.dataclass(frozen=True)
class Backbone:
    """A backbone of a two-branch network.

    Attributes:
        model: name of its network.
        hyperparameters: {name: value} of those that are not the default; None if unknown.
        name: name of the run folder that it comes from, "pretrained:NAME" or "hf://OWNER/NAME";
            None for a backbone that was trained from random weights with the rest of the network.
        started: when the training of that run began; None if `name` is None or it is unknown.
    """

    model: str
    hyperparameters: dict | None = None
    name: str | None = None
    started: str | None = None


@dataclasses.dataclass(frozen=True)
class RunMetadata:
    """What about.json records of a run: its network, data and origin.

    Fields from `parameters` on are None where they are not known: in runs of older versions and in
    networks that were not trained here.

    Args:
        model: name of the network.
        input_spec: the input of the network.
        class_names: the classes, in the order of the network's outputs.
        simulated: True if the network was trained on simulated ECGs.
        hyperparameters: {name: value} of the network's settings that are not the default.
        backbones: {"signal" and "image": `Backbone`} of a two-branch network.
        initial_run: the run that training started from: its "name", "started" and "class_names",
            "new_head" (True if it has other classes) and "frozen_body" (True if only the head was
            trained). None for a network that started from random weights.
        parameters: number of weights.
        teachers: [{"model": name, "leads": list of names}], one for each teacher.
        data_set: name of the data set that it was trained on.
        records: {"train" and "dev": number of records}.
        ecg_sha256: {"train" and "dev": SHA-256 of the ECGs, or None}.
        dev_seen: number of dev records that an initial run, backbone or teacher was trained on.
        dev_one_sided: the classes that every dev record has, or none.
        pos_weight: weight of the positives of each class in the loss.
        dtype_policy: name of the Keras dtype policy.
        started: when training began, as "2026-01-31 12:00:00 +0000".
        versions: {package: version}.
        git_revision: commit of the checkout that trained the network.
        checkpoint: file that the weights were converted from.
        checkpoint_sha256: its SHA-256.

    Examples:
        >>> from ecg_tf.runs.run_folder import RunFolder
        >>> metadata = RunFolder.open("pretrained:gru").metadata
        >>> metadata.model, metadata.input_spec.shape
        ('gru', (1000, 3))
        >>> RunMetadata.from_json(metadata.to_json(), "about.json") == metadata
        True
    """

    model: str
    input_spec: InputSpec
    class_names: tuple[str, ...]
    simulated: bool
    hyperparameters: dict = dataclasses.field(default_factory=dict)
    backbones: dict[str, Backbone] | None = None
    initial_run: dict | None = None
    parameters: int | None = None
    teachers: list[dict] | None = None
    data_set: str | None = None
    records: dict[str, int] | None = None
    ecg_sha256: dict[str, str | None] | None = None
    dev_seen: int | None = None
    dev_one_sided: list[str] | None = None
    pos_weight: list[float] | None = None
    dtype_policy: str | None = None
    started: str | None = None
    versions: dict[str, str] | None = None
    git_revision: str | None = None
    checkpoint: str | None = None
    checkpoint_sha256: str | None = None

    @classmethod
    def from_json(cls, content: dict, name: object) -> RunMetadata:
        """Read and check the content of about.json.

        Args:
            content: the dictionary of about.json.
            name: what errors call the file.

        Raises:
            InputError: an entry that is needed is missing, is of another type or out of its range,
                or contradicts another one.
        """
        try:
            _check_network(content)
            for key, (expected, good) in _OPTIONAL.items():
                if key in content and not good(content[key]):
                    raise unexpected(key, content[key], expected)
        except InputError as error:
            raise InputError(f"{name}: {error}") from error
        spec = InputSpec(
            find(content["model"]).input_kind,
            content["leads"],
            content.get("sampling_rate", SAMPLING_RATE),
            content.get("samples", SAMPLES),
            channels=content["channels"],
            image_size=content["image_size"],
            scaling=content["scaling"],
        )
        backbones = content.get("trunks")
        return cls(
            model=content["model"],
            input_spec=spec,
            class_names=tuple(content["class_names"]),
            simulated=content["simulated"],
            hyperparameters=content.get("hyperparameters", {}),
            backbones=backbones and {key: _backbone(value) for key, value in backbones.items()},
            **{key: content[key] for key in _OPTIONAL if key in content},
        )

    def to_json(self) -> dict:
        """The content of about.json."""
        spec, backbones = self.input_spec, self.backbones
        content = {
            "model": self.model,
            "hyperparameters": self.hyperparameters,
            "class_names": list(self.class_names),
            "leads": list(spec.leads),
            "sampling_rate": spec.sampling_rate,
            "samples": spec.samples,
            "channels": spec.channels and list(spec.channels),
            "image_size": spec.image_size,
            "scaling": spec.scaling,
            "simulated": self.simulated,
            "trunks": backbones and {key: vars(value) for key, value in backbones.items()},
        }
        for key in _OPTIONAL:
            value = getattr(self, key)
            if value is not None or key in _NULLABLE:
                content[key] = value
        return content


def _backbone(content):
    return Backbone(**{f.name: content.get(f.name) for f in dataclasses.fields(Backbone)})


def _is_teacher(value):
    return is_table(value, lambda part: is_text(part) or is_list(part, is_text))


def _is_initial_run(value):
    return isinstance(value, dict) and is_text(value.get("name"))


_TRUE_OR_FALSE = "true or false", lambda value: isinstance(value, bool)

# The upper bounds are far above those of any useful network.
_HYPERPARAMETERS = {
    "nb_filters": ("1 to 65536", lambda value: is_whole(value, 1, 2**16)),
    "hidden_size": ("1 to 65536", lambda value: is_whole(value, 1, 2**16)),
    "hidden": ("1 to 65536", lambda value: is_whole(value, 1, 2**16)),
    "num_layers": ("1 to 100", lambda value: is_whole(value, 1, 100)),
    "state_size": ("2 to 1024", lambda value: is_whole(value, 2, 1024)),
    "dropout": ("at least 0 and less than 1", lambda v: is_number(v, 0, 1) and v < 1),
    "sliding_seconds": (f"0.02 to {LONGEST}", lambda value: is_number(value, 0.02, LONGEST)),
    "softmax_over": (" or ".join(AXES), lambda value: is_text(value) and value in AXES),
    "last_step": _TRUE_OR_FALSE,
    "mix_time_and_leads": _TRUE_OR_FALSE,
    "dropout_in_predictions": _TRUE_OR_FALSE,
    "frozen": (
        "a list of signal, image",
        lambda value: is_list(value, lambda branch: branch in BRANCHES),
    ),
}

# Runs of older versions, and networks that were not trained here, lack some of these entries.
_OPTIONAL = {
    "initial_run": ("a run, with its name", _is_initial_run),
    "parameters": ("a whole number", is_whole),
    "teachers": ("a list of networks", lambda value: is_list(value, _is_teacher)),
    "data_set": ("text", is_text),
    "records": ("a number for each partition", lambda value: is_table(value, is_whole)),
    "ecg_sha256": (
        "one for each partition",
        lambda value: value is None or is_table(value, is_text_or_none),
    ),
    "dev_seen": ("a whole number", lambda value: value is None or is_whole(value)),
    "dev_one_sided": ("a list of classes", lambda value: is_list(value, is_text)),
    "pos_weight": (
        "a list of positive numbers",
        lambda value: is_list(value, lambda weight: is_number(weight, 0)),
    ),
    "dtype_policy": ("text", is_text),
    "started": ("text", is_text),
    "versions": ("a version for each package", lambda value: is_table(value, is_text)),
    "git_revision": ("text", is_text_or_none),
    "checkpoint": ("text", is_text),
    "checkpoint_sha256": ("a SHA-256", is_sha256),
}


def _check_network(content):
    for key in ("model", "class_names", "leads", "channels", "image_size", "scaling", "simulated"):
        if key not in content:
            raise InputError(f"has no {key}")
    if not is_text(content["model"]):
        raise unexpected("model", content["model"], "the name of a network")
    entry = find(content["model"])
    names = content["class_names"]
    if not (is_list(names, is_text) and 0 < len(set(names)) == len(names) <= MOST_CLASSES):
        raise unexpected("class_names", names, "a list of names, none twice")
    if not is_list(content["leads"], is_text):
        raise unexpected("leads", content["leads"], "a list of names")
    lead_indices(content["leads"])
    # Older runs have neither.
    rate, samples = content.get("sampling_rate", SAMPLING_RATE), content.get("samples", SAMPLES)
    for key, value in (("sampling_rate", rate), ("samples", samples)):
        if not is_whole(value):
            raise unexpected(key, value, "a whole number")
    check_signal(rate, samples)
    if content["scaling"] not in SCALINGS:
        raise unexpected("scaling", content["scaling"], " or ".join(SCALINGS))
    if not isinstance(content["simulated"], bool):
        raise unexpected("simulated", content["simulated"], "true or false")
    if entry.input_kind != "signal" or content["channels"] is not None:
        if not is_list(content["channels"], is_text):
            raise unexpected("channels", content["channels"], "a list of images")
        check_channels(content["channels"])
    if (entry.input_kind != "signal" or content["image_size"] is not None) and not is_whole(
        content["image_size"], 1, samples
    ):
        raise unexpected("image_size", content["image_size"], f"a whole number, 1 to {samples}")
    _check_hyperparameters(content["model"], content.get("hyperparameters", {}), content)
    if content.get("trunks") is not None:
        _check_backbones(content["trunks"], content)


def _check_hyperparameters(model, hyperparameters, content):
    known = find(model).hyperparameters
    if not isinstance(hyperparameters, dict):
        raise unexpected("hyperparameters", hyperparameters, f"those of {model}")
    for key, value in hyperparameters.items():
        if key not in known:
            raise InputError(f"hyperparameter {quoted(key)}: {model} has {', '.join(known)}")
        if key in ("channels", "scaling"):  # of a fusion, which repeats them
            expected, good = f"{key} of the run", value == content[key]
        else:
            expected, good = _HYPERPARAMETERS[key][0], _HYPERPARAMETERS[key][1](value)
        if not good:
            raise unexpected(f"hyperparameter {key}", value, expected)


def _check_backbones(backbones, content):
    if not isinstance(backbones, dict) or set(backbones) != set(BRANCHES):
        raise unexpected("trunks", backbones, "a signal and an image network")
    for branch, backbone in backbones.items():
        if not isinstance(backbone, dict) or not is_text(backbone.get("model")):
            raise unexpected(
                f"{branch} backbone", backbone, "a network's model and hyperparameters"
            )
        for key in ("name", "started"):
            if not is_text_or_none(backbone.get(key)):
                raise unexpected(f"{branch} backbone's {key}", backbone[key], "text")
        if find(backbone["model"]).input_kind != branch:
            raise unexpected(
                f"{branch} backbone", backbone["model"], f"a network that takes {branch}s"
            )
        _check_hyperparameters(backbone["model"], backbone.get("hyperparameters") or {}, content)
