"""Building the network of a run from its settings."""

from pathlib import Path

from ecg_tf.data.images.image_files import read_tree_description
from ecg_tf.data.images.image_tree import is_image_tree
from ecg_tf.data.sources import open_records
from ecg_tf.errors import InputError
from ecg_tf.input_spec import InputSpec
from ecg_tf.leads import SAMPLES, SAMPLING_RATE
from ecg_tf.models import build, find
from ecg_tf.pretrained.shipped import is_name
from ecg_tf.runs.backbones import check_fits, open_backbone
from ecg_tf.runs.run_folder import RunFolder
from ecg_tf.runs.run_metadata import Component
from ecg_tf.runs.saved_network import dtype_policy

NEW_BACKBONES = {"signal": "bigru", "image": "alexnet"}  # if neither a run nor a name is given

# The settings that are hyperparameters of a new backbone; the others are those of the fusion.
_OF_BACKBONES = {
    "signal": ("hidden_size", "num_layers", "state_size", "sliding_seconds"),
    "image": ("nb_filters",),
}


def rate_and_samples(data):
    """The sampling rate and the length of the ECGs of training data.

    Args:
        data: folder of prepared records or of an image tree, or file of packed records.

    Returns:
        The sampling rate, Hz, and the number of samples. Older data, which do not state them, have
        those of the study.
    """
    if is_image_tree(data):
        tree = read_tree_description(Path(data) / "train")
        return (tree.sampling_rate, tree.samples) if tree else (SAMPLING_RATE, SAMPLES)
    manifest = open_records(data).manifest
    return manifest.get("sampling_rate", SAMPLING_RATE), manifest.get("samples", SAMPLES)


def input_spec(settings, sampling_rate=SAMPLING_RATE, samples=SAMPLES):
    """The `InputSpec` of the network of a run.

    Args:
        settings: `ecg_tf.training.settings.Settings`.
        sampling_rate: sampling rate of the ECGs, Hz.
        samples: number of samples of the ECGs.
    """
    return InputSpec(
        find(settings.model).input_kind,
        settings.leads,
        sampling_rate,
        samples,
        channels=settings.channels,
        image_size=settings.image_size,
        scaling=settings.scaling,
    )


def build_network(settings, class_names, policy="float32", spec=None):
    """Build the network of a run, with random weights or, in backbones, those of finished runs.

    Args:
        settings: `ecg_tf.training.settings.Settings`.
        class_names: names of the classes.
        policy: name of the Keras dtype policy.
        spec: the `InputSpec` of the network. Default: `input_spec(settings)`.

    Returns:
        keras.Model to float32 logits (batch, class).

    Raises:
        InputError: an unknown network, hyperparameters that it does not have, or runs that do not
            fit as backbones.
    """
    given = {
        name: getattr(settings, name)
        for name in ("nb_filters", "dropout", *_OF_BACKBONES["signal"])
    }
    spec = spec or input_spec(settings)
    with dtype_policy(policy):
        if spec.kind != "ecg":
            _refuse_backbones(settings)
            return build(
                settings.model,
                spec.shape,
                len(class_names),
                sampling_rate=spec.sampling_rate,
                **given,
            )
        backbones, frozen = {}, []
        for branch, names in _OF_BACKBONES.items():
            own = {name: given.pop(name) for name in names}
            if getattr(settings, f"{branch}_run") is None:
                backbones[branch] = _new_backbone(settings, branch, spec, class_names, own)
            else:
                backbones[branch] = _backbone_of_run(
                    settings, branch, spec, class_names, own, policy
                )
                frozen.append(branch)
        if "frozen" in find(settings.model).hyperparameters:
            given["frozen"] = tuple(frozen)
        return build(
            settings.model,
            **backbones,
            channels=spec.channels,
            scaling=spec.scaling,
            sampling_rate=spec.sampling_rate,
            **given,
        )


def backbones_of(settings):
    """The backbones of a two-branch network, for its metadata.

    Args:
        settings: `ecg_tf.training.settings.Settings`.

    Returns:
        {"signal" and "image": `ecg_tf.runs.run_metadata.Component`}; None for a network without
        backbones.
    """
    if find(settings.model).input_kind != "ecg":
        return None
    return {branch: _described_backbone(settings, branch) for branch in NEW_BACKBONES}


def _described_backbone(settings, branch):
    path = getattr(settings, f"{branch}_run")
    if path is None:
        given = {name: getattr(settings, name) for name in _OF_BACKBONES[branch]}
        return Component(
            getattr(settings, f"{branch}_model") or NEW_BACKBONES[branch],
            {key: value for key, value in given.items() if value is not None},
        )
    metadata = RunFolder.open(path).metadata
    return Component(
        metadata.model,
        metadata.hyperparameters,
        # Without its parent folders, which differ between machines.
        name=path if is_name(path) else Path(path).resolve().name,
        started=metadata.started,
    )


def runs_of_weights(settings):
    """The finished runs that a network takes weights from.

    Args:
        settings: `ecg_tf.training.settings.Settings`.

    Returns:
        {flag: `RunFolder`}, the flags being "initial_run", "signal_run" and "image_run".
    """
    paths = {flag: getattr(settings, flag) for flag in ("initial_run", "signal_run", "image_run")}
    return {flag: RunFolder.open(path) for flag, path in paths.items() if path is not None}


def _refuse_backbones(settings):
    for branch in NEW_BACKBONES:
        for flag in (f"{branch}_run", f"{branch}_model"):
            if getattr(settings, flag) is not None:
                raise InputError(f"{flag}: {settings.model} has no backbones")


def _new_backbone(settings, branch, spec, class_names, own):
    name = getattr(settings, f"{branch}_model") or NEW_BACKBONES[branch]
    if find(name).input_kind != branch:
        raise InputError(f"{branch}_model {name}: a network that takes the {find(name).input_kind}")
    shape, rate = spec.backbone(branch).shape, spec.sampling_rate
    return build(name, shape, len(class_names), sampling_rate=rate, **own)


def _backbone_of_run(settings, branch, spec, class_names, own, policy):
    path = getattr(settings, f"{branch}_run")
    for flag, value in {**own, f"{branch}_model": getattr(settings, f"{branch}_model")}.items():
        if value is not None:
            raise InputError(
                f"{flag} {value}: the {branch} backbone comes from {branch}_run {path}"
            )
    run = open_backbone(branch, path)
    check_fits(f"{branch}_run", run, class_names, spec.backbone(branch))
    return run.network(policy)
