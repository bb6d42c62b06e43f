"""The network that the settings of a run ask for."""

from pathlib import Path

from ecg_tf.errors import InputError
from ecg_tf.leads import SAMPLES
from ecg_tf.models import build, find
from ecg_tf.pretrained.shipped import PREFIX
from ecg_tf.runs.backbones import check_about_values, open_backbone
from ecg_tf.runs.run_folder import RunFolder
from ecg_tf.runs.saved_network import dtype_policy

FRESH_BACKBONES = {"signal": "bigru", "image": "alexnet"}  # if neither a run nor a name is given

# Which of its hyper-parameters a fresh backbone takes from the flags; what is left is the fusion's.
_OF_BACKBONES = {
    "signal": ("hidden_size", "num_layers", "sliding_seconds"),
    "image": ("nb_filters",),
}


def build_network(settings, class_names, policy="float32", samples=SAMPLES):
    """The network of the settings, its weights drawn from Keras' seed, or its backbones' from runs.

    Args:
        settings: `ecg_tf.training.settings.Settings`.
        class_names: the classes it answers.
        policy: name of the Keras dtype policy.
        samples: length of what a network of signals or images looks at.

    Returns:
        keras.Model to float32 logits (batch, class).

    Raises:
        InputError: an unknown network, settings it does not have, runs that do not fit as
            backbones.
    """
    given = {
        name: getattr(settings, name)
        for name in ("nb_filters", "hidden_size", "num_layers", "dropout", "sliding_seconds")
    }
    entry = find(settings.model)
    with dtype_policy(policy):
        if entry.input_kind != "ecg":
            _refuse_backbones(settings)
            shape = _input_shape(settings, entry.input_kind, samples)
            return build(settings.model, shape, len(class_names), **given)
        backbones, frozen = {}, []
        for branch, names in _OF_BACKBONES.items():
            own = {name: given.pop(name) for name in names}
            if getattr(settings, f"{branch}_run") is None:
                backbones[branch] = _fresh_backbone(settings, branch, len(class_names), own)
            else:
                backbones[branch] = _backbone_of_run(settings, branch, class_names, own, policy)
                frozen.append(branch)
        if "frozen" in entry.hyperparameters:
            given["frozen"] = tuple(frozen)
        return build(
            settings.model,
            **backbones,
            channels=settings.channels,
            scaling=settings.scaling,
            **given,
        )


def backbones_of(settings):
    """What the backbones of a two-branch network are, for its run folder.

    Args:
        settings: `ecg_tf.training.settings.Settings`.

    Returns:
        {"signal" or "image": {"model": name of its network, "hyperparameters": those that are not
        the default, "name": of its run folder, or "pretrained:NAME", "started": when that run began
        to train}}. The last two are None for a fresh backbone; the last for weights from elsewhere,
        too. None for a network without backbones.
    """
    if find(settings.model).input_kind != "ecg":
        return None
    return {branch: _described_backbone(settings, branch) for branch in FRESH_BACKBONES}


def _described_backbone(settings, branch):
    path = getattr(settings, f"{branch}_run")
    if path is None:
        given = {name: getattr(settings, name) for name in _OF_BACKBONES[branch]}
        return {
            "model": getattr(settings, f"{branch}_model") or FRESH_BACKBONES[branch],
            "hyperparameters": {key: value for key, value in given.items() if value is not None},
            "name": None,
            "started": None,
        }
    about = RunFolder.open(path).about
    return {
        "model": about["model"],
        "hyperparameters": about["hyperparameters"],
        # Without the folders above, which are of one machine alone.
        "name": path if path.startswith(PREFIX) else Path(path).resolve().name,
        "started": about.get("started"),
    }


def load_initial_weights(network, path, settings, class_names):
    """Give a network the weights of a finished run.

    Args:
        network: `build_network(settings, class_names, …)`.
        path: the run folder, or "pretrained:NAME".
        settings: `ecg_tf.training.settings.Settings`.
        class_names: the classes it answers.

    Raises:
        InputError: a run of another network, or of other classes, leads or images.
    """
    run = RunFolder.open(path)
    input_kind = find(settings.model).input_kind
    wanted = {
        "model": settings.model,
        "class_names": list(class_names),
        "leads": list(settings.leads),
        "channels": None if input_kind == "signal" else list(settings.channels),
        "scaling": settings.scaling,
    }
    check_about_values("initial_run", run, wanted)
    weights = run.network().get_weights()
    found, expected = ([w.shape for w in of] for of in (weights, network.get_weights()))
    if found != expected:
        raise InputError(f"initial_run {path}: {settings.model} of another size")
    network.set_weights(weights)


def _refuse_backbones(settings):
    for branch in FRESH_BACKBONES:
        for flag in (f"{branch}_run", f"{branch}_model"):
            if getattr(settings, flag) is not None:
                raise InputError(f"{flag}: {settings.model} has no backbones")


def window_image_size(image_size, samples):
    """Height of the images of `samples`, if those of whole records have `image_size`."""
    return image_size * samples // SAMPLES


def _input_shape(settings, input_kind, samples=SAMPLES):
    """What a network looks at, without the batch axis."""
    if input_kind == "signal":
        return samples, len(settings.leads)
    size = window_image_size(settings.image_size, samples)
    return size, size, len(settings.leads) * len(settings.channels)


def _fresh_backbone(settings, branch, classes, own):
    name = getattr(settings, f"{branch}_model") or FRESH_BACKBONES[branch]
    if find(name).input_kind != branch:
        raise InputError(f"{branch}_model {name}: a network that takes the {find(name).input_kind}")
    return build(name, _input_shape(settings, branch), classes, **own)


def _backbone_of_run(settings, branch, class_names, own, policy):
    path = getattr(settings, f"{branch}_run")
    for flag, value in {**own, f"{branch}_model": getattr(settings, f"{branch}_model")}.items():
        if value is not None:
            raise InputError(
                f"{flag} {value}: the {branch} backbone comes from {branch}_run {path}"
            )
    wanted = {
        "class_names": list(class_names),
        "leads": list(settings.leads),
        "scaling": settings.scaling,
    }
    if branch == "image":
        wanted |= {"channels": list(settings.channels), "image_size": settings.image_size}
    return open_backbone(branch, path, wanted).network(policy)
