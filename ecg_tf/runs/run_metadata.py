"""What about.json and thresholds.json must say, so that a damaged run is refused by name."""

import math
import re

import numpy as np

from ecg_tf.errors import InputError, quoted
from ecg_tf.evaluation.thresholds import METHODS
from ecg_tf.leads import SAMPLES, lead_indices
from ecg_tf.models import find
from ecg_tf.models.self_attention import AXES
from ecg_tf.preprocessing import SCALINGS, check_channels

MOST_CLASSES = 1000
BRANCHES = ("signal", "image")  # the backbones of a network that takes the ecg


def _is_text(value):
    return isinstance(value, str) and 0 < len(value) <= 1000


def _is_text_or_none(value):
    return value is None or _is_text(value)


def _is_whole(value, low=0, high=2**63):
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _is_number(value, low=-1e300, high=1e300):
    return isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high


def _is_list(value, of):
    return isinstance(value, list) and all(map(of, value))


def _is_table(value, of):
    return isinstance(value, dict) and all(map(of, value.values()))


def _is_hash(value):
    return isinstance(value, str) and re.fullmatch("[0-9a-f]{64}", value) is not None


def _is_teacher(value):
    return _is_table(value, lambda part: _is_text(part) or _is_list(part, _is_text))


# Of what a network is built with. The upper bounds are far above what anyone trains.
_HYPERPARAMETERS = {
    "nb_filters": ("1 to 65536", lambda value: _is_whole(value, 1, 2**16)),
    "hidden_size": ("1 to 65536", lambda value: _is_whole(value, 1, 2**16)),
    "hidden": ("1 to 65536", lambda value: _is_whole(value, 1, 2**16)),
    "num_layers": ("1 to 100", lambda value: _is_whole(value, 1, 100)),
    "dropout": ("at least 0 and less than 1", lambda v: _is_number(v, 0, 1) and v < 1),
    "sliding_seconds": ("0.02 to 10", lambda value: _is_number(value, 0.02, 10)),
    "softmax_over": (" or ".join(AXES), lambda value: _is_text(value) and value in AXES),
    "last_step": ("true or false", lambda value: isinstance(value, bool)),
    "frozen": (
        "a list of signal, image",
        lambda value: _is_list(value, lambda branch: branch in BRANCHES),
    ),
}

# Runs of other versions, and weights from elsewhere, may say less.
_OPTIONAL = {
    "parameters": ("a whole number", _is_whole),
    "teachers": ("a list of networks", lambda value: _is_list(value, _is_teacher)),
    "records": ("a number for each partition", lambda value: _is_table(value, _is_whole)),
    "pos_weight": (
        "a list of positive numbers",
        lambda value: _is_list(value, lambda weight: _is_number(weight, 0)),
    ),
    "dev_seen": ("a whole number", lambda value: value is None or _is_whole(value)),
    "dev_one_sided": ("a list of classes", lambda value: _is_list(value, _is_text)),
    "dtype_policy": ("text", _is_text),
    "started": ("text", _is_text),
    "git_revision": ("text", _is_text_or_none),
    "versions": ("a version for each package", lambda value: _is_table(value, _is_text)),
    "ecg_sha256": (
        "one for each partition",
        lambda value: (
            value is None or _is_table(value, lambda part: part is None or _is_text(part))
        ),
    ),
    "checkpoint": ("text", _is_text),
    "checkpoint_sha256": ("a SHA-256", _is_hash),
}


def check_about(about, name):
    """Check the description of a run.

    Args:
        about: the dictionary of about.json.
        name: what errors call the file.

    Returns:
        `about`.

    Raises:
        InputError: something that later steps rely on is missing, of another type, out of its range
            or contradicts the rest.
    """
    try:
        _check_network(about)
        for key, (expected, good) in _OPTIONAL.items():
            if key in about and not good(about[key]):
                raise _unexpected(key, about[key], expected)
    except InputError as error:
        raise InputError(f"{name}: {error}") from error
    return about


def check_thresholds(content, class_names, name):
    """Check what a finished run says of its thresholds.

    Args:
        content: the dictionary of thresholds.json.
        class_names: of the run.
        name: what errors call the file.

    Returns:
        `content`.

    Raises:
        InputError: as `check_about`.
    """
    thresholds = content.get("thresholds")
    if not isinstance(thresholds, dict) or set(thresholds) != set(class_names):
        raise InputError(
            f"{name}: thresholds of {quoted(str(thresholds))}, expected those of "
            f"{', '.join(class_names)}"
        )
    for label, value in thresholds.items():
        if not _is_number(value, 0, 1):
            raise InputError(f"{name}: threshold {label} {quoted(str(value))}, expected 0 to 1")
    method = content.get("method")
    if not _is_text(method) or method not in METHODS:
        raise InputError(f"{name}: {_unexpected('method', method, ' or '.join(METHODS))}")
    partition = content.get("partition")
    if partition is not None and partition not in ("train", "dev", "test"):
        raise InputError(f"{name}: {_unexpected('partition', partition, 'train, dev or test')}")
    return content


def check_history(rows, class_names, name):
    """Check the table of a run's epochs.

    Args:
        rows: a list of {column: text or number}, one for each epoch.
        class_names: of the run.
        name: what errors call the file.

    Returns:
        {column: list of numbers, one per epoch}.

    Raises:
        InputError: no epoch, a column missing, a field that is no number; one that is not finite,
            except for an AUROC.
    """
    columns = list(rows[0]) if rows else []
    wanted = ["epoch", "val_loss", "seconds", *(f"val_auroc_{label}" for label in class_names)]
    missing = [column for column in wanted if column not in columns]
    if missing:
        raise InputError(f"{name}: a history without {', '.join(missing)}, or without an epoch")
    history = {column: [] for column in columns}
    for number, row in enumerate(rows, start=1):
        if list(row) != columns:
            raise InputError(f"{name}: epoch {number} has other columns than the first")
        for column, value in row.items():
            try:
                value = float(value)
            except (TypeError, ValueError, OverflowError):
                value = None
            if value is None or not (math.isfinite(value) or column.startswith("val_auroc")):
                raise InputError(
                    f"{name}: epoch {number}: {quoted(str(column))} {quoted(str(row[column]))}, "
                    "expected a number"
                )
            history[column].append(value)
    if not np.array_equal(history["epoch"], np.arange(1, len(rows) + 1)):
        raise InputError(f"{name}: epochs {quoted(str(history['epoch']))}, expected 1, 2, …")
    return history


def _check_network(about):
    for key in ("model", "class_names", "leads", "channels", "image_size", "scaling", "simulated"):
        if key not in about:
            raise InputError(f"says nothing of {key}")
    if not _is_text(about["model"]):
        raise _unexpected("model", about["model"], "the name of a network")
    entry = find(about["model"])
    names = about["class_names"]
    if not (_is_list(names, _is_text) and 0 < len(set(names)) == len(names) <= MOST_CLASSES):
        raise _unexpected("class_names", names, "a list of names, none twice")
    if not _is_list(about["leads"], _is_text):
        raise _unexpected("leads", about["leads"], "a list of names")
    lead_indices(about["leads"])
    if about["scaling"] not in SCALINGS:
        raise _unexpected("scaling", about["scaling"], " or ".join(SCALINGS))
    if not isinstance(about["simulated"], bool):
        raise _unexpected("simulated", about["simulated"], "true or false")
    if entry.input_kind != "signal" or about["channels"] is not None:
        if not _is_list(about["channels"], _is_text):
            raise _unexpected("channels", about["channels"], "a list of images")
        check_channels(about["channels"])
    if (entry.input_kind != "signal" or about["image_size"] is not None) and not _is_whole(
        about["image_size"], 1, SAMPLES
    ):
        raise _unexpected("image_size", about["image_size"], f"a whole number, 1 to {SAMPLES}")
    _check_hyperparameters(about["model"], about.get("hyperparameters", {}), about)
    if about.get("trunks") is not None:
        _check_backbones(about["trunks"], about)


def _check_hyperparameters(model, hyperparameters, about):
    known = find(model).hyperparameters
    if not isinstance(hyperparameters, dict):
        raise _unexpected("hyperparameters", hyperparameters, f"those of {model}")
    for key, value in hyperparameters.items():
        if key not in known:
            raise InputError(f"hyperparameter {quoted(key)}: {model} has {', '.join(known)}")
        if key in ("channels", "scaling"):  # of a fusion, which repeats them
            expected, good = f"{key} of the run", value == about[key]
        else:
            expected, good = _HYPERPARAMETERS[key][0], _HYPERPARAMETERS[key][1](value)
        if not good:
            raise _unexpected(f"hyperparameter {key}", value, expected)


def _check_backbones(backbones, about):
    if not isinstance(backbones, dict) or set(backbones) != set(BRANCHES):
        raise _unexpected("trunks", backbones, "a signal and an image network")
    for branch, backbone in backbones.items():
        if not isinstance(backbone, dict) or not _is_text(backbone.get("model")):
            raise _unexpected(
                f"{branch} backbone", backbone, "a network's model and hyperparameters"
            )
        if find(backbone["model"]).input_kind != branch:
            raise _unexpected(
                f"{branch} backbone", backbone["model"], f"a network that takes {branch}s"
            )
        _check_hyperparameters(backbone["model"], backbone.get("hyperparameters", {}), about)


def _unexpected(key, found, expected):
    return InputError(f"{key} {quoted(str(found))}, expected {expected}")
