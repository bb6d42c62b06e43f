"""The metadata of a run: about.json in its folder."""

from __future__ import annotations

import dataclasses

from ecg_tf.errors import InputError
from ecg_tf.input_spec import InputSpec
from ecg_tf.leads import SAMPLES, SAMPLING_RATE
from ecg_tf.runs.metadata_checks import ENSEMBLE, OPTIONAL, check_metadata, input_kind

# Entries of about.json that are written as null if they are not known.
_NULLABLE = {"trunks", "dev_seen", "git_revision"}


@dataclasses.dataclass(frozen=True)
class Component:
    """A network within another: a backbone of a two-branch network, or a member of an ensemble.

    Attributes:
        model: name of its network.
        hyperparameters: {name: value} of those that are not the default; None if unknown.
        name: name of the run folder that it comes from, "pretrained:NAME" or "hf://OWNER/NAME";
            None for a backbone that was trained from random weights with the rest of the network.
        started: when the training of that run began; None if `name` is None or it is unknown.
        weights: "pretrained:NAME" of the shipped network that its weights are read from, in a
            shipped fusion; None if they are in the file of the run itself.
    """

    model: str
    hyperparameters: dict | None = None
    name: str | None = None
    started: str | None = None
    weights: str | None = None


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
        backbones: {"signal" and "image": `Component`} of a two-branch network.
        members: list of `Component`, the networks of an ensemble.
        initial_run: the run that training started from: its "name", "started" and "class_names",
            "new_head" (True if it has other classes) and "frozen_body" (True if only the head was
            trained). None for a network that started from random weights.
        parameters: number of weights.
        teachers: [{"model": name, "leads": list of names}], one for each teacher.
        data_set: name of the data set that it was trained on.
        records: {"train" and "dev": number of records}.
        ecg_sha256: {"train" and "dev": SHA-256 of the ECGs, or None}.
        dev_seen: number of dev records that an initial run, backbone, teacher or member was trained
            on.
        dev_one_sided: the classes that every dev record has, or none.
        pos_weight: weight of the positives of each class in the loss.
        dtype_policy: name of the Keras dtype policy.
        started: when training began, or an ensemble was made, as "2026-01-31 12:00:00 +0000".
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
    backbones: dict[str, Component] | None = None
    members: list[Component] | None = None
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
            check_metadata(content)
        except InputError as error:
            raise InputError(f"{name}: {error}") from error
        spec = InputSpec(
            input_kind(content),
            content["leads"],
            content.get("sampling_rate", SAMPLING_RATE),
            content.get("samples", SAMPLES),
            channels=content["channels"],
            image_size=content["image_size"],
            scaling=content["scaling"],
        )
        backbones = content.get("trunks")
        members = content["members"] if content["model"] == ENSEMBLE else ()
        return cls(
            model=content["model"],
            input_spec=spec,
            class_names=tuple(content["class_names"]),
            simulated=content["simulated"],
            hyperparameters=content.get("hyperparameters", {}),
            backbones=backbones and {key: _component(value) for key, value in backbones.items()},
            members=[_component(value) for value in members] or None,
            **{key: content[key] for key in OPTIONAL if key in content},
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
        if self.members:
            content["members"] = [vars(member) for member in self.members]
        for key in OPTIONAL:
            value = getattr(self, key)
            if value is not None or key in _NULLABLE:
                content[key] = value
        return content


def _component(content):
    return Component(**{f.name: content.get(f.name) for f in dataclasses.fields(Component)})
