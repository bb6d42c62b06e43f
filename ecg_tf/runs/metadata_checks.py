"""Checks of the metadata of a run, the content of about.json."""

import re

from ecg_tf.errors import InputError, quoted
from ecg_tf.leads import LONGEST, SAMPLES, SAMPLING_RATE, check_signal, lead_indices
from ecg_tf.models import find
from ecg_tf.models.self_attention import AXES
from ecg_tf.preprocessing import SCALINGS, check_channels
from ecg_tf.pretrained.shipped import PREFIX
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

_SHIPPED = re.compile(rf"{PREFIX}\w[\w.-]*", re.ASCII)
MOST_CLASSES = 1000
MOST_MEMBERS = 100
ENSEMBLE = "ensemble"  # the model of a run that is the mean of others
BRANCHES = ("signal", "image")  # the backbones of a network that takes the ecg


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
OPTIONAL = {
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


def check_metadata(content):
    """Check the content of about.json.

    Args:
        content: a dictionary.

    Raises:
        InputError: an entry that is needed is missing, is of another type or out of its range, or
            contradicts another one.
    """
    _check_network(content)
    for key, (expected, good) in OPTIONAL.items():
        if key in content and not good(content[key]):
            raise unexpected(key, content[key], expected)


def input_kind(content):
    """Return "signal", "image" or "ecg", the input of the network that about.json describes."""
    is_ensemble = content["model"] == ENSEMBLE
    return find(content["members"][0]["model"] if is_ensemble else content["model"]).input_kind


def _check_network(content):
    for key in ("model", "class_names", "leads", "channels", "image_size", "scaling", "simulated"):
        if key not in content:
            raise InputError(f"has no {key}")
    if not is_text(content["model"]):
        raise unexpected("model", content["model"], "the name of a network")
    if content["model"] == ENSEMBLE:
        _check_members(content)
    kind = input_kind(content)
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
    if kind != "signal" or content["channels"] is not None:
        if not is_list(content["channels"], is_text):
            raise unexpected("channels", content["channels"], "a list of images")
        check_channels(content["channels"])
    if (kind != "signal" or content["image_size"] is not None) and not is_whole(
        content["image_size"], 1, samples
    ):
        raise unexpected("image_size", content["image_size"], f"a whole number, 1 to {samples}")
    if content["model"] != ENSEMBLE:
        _check_hyperparameters(content["model"], content.get("hyperparameters", {}), content)
    elif content.get("hyperparameters") or content.get("trunks"):
        raise InputError("hyperparameters or trunks: an ensemble has only those of its members")
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


def _frozen(content):
    """The backbones that are not trained."""
    default = find(content["model"]).hyperparameters.get("frozen", ())
    return content.get("hyperparameters", {}).get("frozen", default)


def _check_backbones(backbones, content):
    if not isinstance(backbones, dict) or set(backbones) != set(BRANCHES):
        raise unexpected("trunks", backbones, "a signal and an image network")
    for branch, backbone in backbones.items():
        _check_part(f"{branch} backbone", backbone, content)
        weights = backbone.get("weights")
        if weights is not None and not (is_text(weights) and _SHIPPED.fullmatch(weights)):
            raise unexpected(f"{branch} backbone's weights", weights, f"{PREFIX}NAME")
        if weights is not None and branch not in _frozen(content):
            raise InputError(f"{branch} backbone's weights {weights}: it is not frozen")
        if find(backbone["model"]).input_kind != branch:
            raise unexpected(
                f"{branch} backbone", backbone["model"], f"a network that takes {branch}s"
            )


def _check_members(content):
    members = content.get("members")
    if not isinstance(members, list) or not 1 < len(members) <= MOST_MEMBERS:
        raise unexpected("members", members, f"a list of 2 to {MOST_MEMBERS} networks")
    for number, member in enumerate(members, start=1):
        _check_part(f"member {number}", member, content)
    kinds = {find(member["model"]).input_kind for member in members}
    if kinds not in ({"signal"}, {"image"}):
        raise unexpected("members", sorted(kinds), "networks that all take signals, or all images")


def _check_part(name, part, content):
    """Check what backbones and members have in common."""
    if not isinstance(part, dict) or not is_text(part.get("model")):
        raise unexpected(name, part, "a network's model and hyperparameters")
    for key in ("name", "started"):
        if not is_text_or_none(part.get(key)):
            raise unexpected(f"{name}'s {key}", part[key], "text")
    _check_hyperparameters(part["model"], part.get("hyperparameters") or {}, content)
