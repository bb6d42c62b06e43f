"""Comparison of finished runs on a partition."""

from __future__ import annotations

import dataclasses
import math
import os
import statistics
from collections.abc import Sequence

import keras

from ecg_tf.data.labels import NORMAL
from ecg_tf.errors import InputError
from ecg_tf.evaluation.compared_run import ENSEMBLE, FUSION, IMAGE, SIGNAL, ComparedRun
from ecg_tf.evaluation.comparison import Comparison
from ecg_tf.evaluation.ensemble import check_members, ensemble
from ecg_tf.preprocessing import CHANNELS
from ecg_tf.runs.compared_branches import branches
from ecg_tf.runs.evaluate import evaluate
from ecg_tf.runs.run_folder import RunFolder

_KINDS = {"signal": SIGNAL, "image": IMAGE, "ecg": FUSION}  # by the input of the network


def compare(
    paths: Sequence[str | os.PathLike],
    data: str | os.PathLike,
    partition: str = "test",
    allow_seen: bool = False,
    ensembles: Sequence[str] = (),
) -> Comparison:
    """Evaluate runs on the same records and compare them.

    If NORM is a class of some runs only, all runs are compared by the other four classes. Classes
    that the data do not have are left out for all runs.

    Args:
        paths: two or more run folders, "pretrained:NAME" or "hf://OWNER/NAME".
        data: folder of prepared records, file of packed records, or, if all runs take its images,
            folder of an image tree.
        partition: "test" or "dev".
        allow_seen: True to compare runs also on records that they have seen, see
            `ecg_tf.runs.evaluate.evaluate`.
        ensembles: means of some of the runs to compare as well, see
            `ecg_tf.evaluation.ensemble.ensemble`: names of runs joined by "+".

    Returns:
        The `Comparison`. Each run has the name of its folder, or its path if two folders have the
        same name. The name of a network of the Hugging Face Hub is "hf://OWNER/NAME".

    Raises:
        InputError: fewer than two runs, a run given twice, a run that has not finished or that was
            trained on other data than the first, data of other inputs or without any of their
            classes, or an ensemble of other runs.

    Examples:
        >>> import tempfile
        >>> from ecg_tf.data.prepare import prepare
        >>> from ecg_tf.data.synthetic import write_folder
        >>> from ecg_tf.runs.compare import compare
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_folder(f"{folder}/ptbxl", records=20)
        ...     _ = prepare(f"{folder}/ptbxl", f"{folder}/data")
        ...     comparison = compare(["pretrained:gru", "pretrained:resnet1d"], f"{folder}/data")
        >>> [run.name for run in comparison.runs]
        ['gru', 'resnet1d']
    """
    runs = [RunFolder.open(path) for path in paths]
    _check_different(paths, runs)
    for run in runs[1:]:
        _check_trained_alike(runs[0], run)
    class_names = min((run.metadata.class_names for run in runs), key=len)
    compared = []
    named = dict(zip(_names(paths, runs), runs, strict=True))
    members = [frozenset(check_members(text, named)) for text in ensembles]
    if len(set(members)) < len(members):
        raise InputError(f"ensembles {', '.join(ensembles)}: expected each once")
    for (name, run), path in zip(named.items(), paths, strict=True):
        others = {other: its for other, its in named.items() if other != name}
        compared.append(
            _compared(name, path, run, others, data, partition, class_names, allow_seen)
        )
        keras.backend.clear_session()  # its graph; there may be many runs
    return Comparison([*compared, *(ensemble(text, compared) for text in ensembles)])


def representation(input_kind: str, channels: Sequence[str] | None) -> str:
    """Name the input of a network in a word or two.

    Args:
        input_kind: "signal", "image" or "ecg".
        channels: the images of each lead; None for signals.

    Returns:
        "signal", "fusion", "all images", or names of images as "GAF" or "GAF + RP".
    """
    if input_kind != "image":
        return _KINDS[input_kind]
    if set(channels) == set(CHANNELS):
        return "all images"
    return " + ".join(channel.upper() for channel in channels)


def _compared(
    name: str,
    path: str | os.PathLike,
    run: RunFolder,
    others: dict[str, RunFolder],
    data: str | os.PathLike,
    partition: str,
    class_names: tuple[str, ...],
    allow_seen: bool,
) -> ComparedRun:
    metadata, history = run.metadata, _history(run)
    spec = metadata.input_spec
    try:
        evaluation = evaluate(path, data, partition, allow_seen=allow_seen)
    except InputError as error:
        raise InputError(f"{path} cannot be compared: {error}") from error
    if evaluation.about["groups"]:  # history.csv has the AUROCs of their codes only
        class_names, left_out = evaluation.class_names, evaluation.about["only_run"]
        dev_auroc = None
    else:
        class_names = tuple(one for one in class_names if one in evaluation.class_names)
        left_out = [one for one in metadata.class_names if one not in class_names]
        dev_auroc = history and _dev_auroc(history, class_names)
    return ComparedRun(
        name=name,
        kind=ENSEMBLE if metadata.members else _KINDS[spec.kind],
        representation=representation(spec.kind, spec.channels),
        network=metadata.model,
        # without the ecgs, 26 MB that no comparison shows
        evaluation=dataclasses.replace(evaluation.restricted(class_names), ecg=None),
        parameters=metadata.parameters,
        seconds=history and sum(history["seconds"]),
        dev_auroc=dev_auroc,
        left_out=tuple(left_out),
        branches=branches(run, others) if spec.kind == "ecg" else (),
    )


def _history(run: RunFolder) -> dict[str, list[float]] | None:
    """The content of history.csv; None for a converted network or an ensemble."""
    return run.history() if run.has_history else None


def _dev_auroc(history: dict[str, list[float]], class_names: Sequence[str]) -> float | None:
    """Mean AUROC of the classes on dev in the epoch that was kept, the first of the lowest loss.

    Classes whose AUROC is not defined are left out; they are the same for all runs, which share the
    dev records. None if it is defined for no class.
    """
    losses = history["val_loss"]
    kept = losses.index(min(losses))
    aurocs = [history[f"val_auroc_{name}"][kept] for name in class_names]
    defined = [auroc for auroc in aurocs if not math.isnan(auroc)]
    return statistics.fmean(defined) if defined else None


def _names(paths: Sequence[str | os.PathLike], runs: Sequence[RunFolder]) -> list[str]:
    names = [run.name for run in runs]
    return [
        name if names.count(name) == 1 else str(path)
        for name, path in zip(names, paths, strict=True)
    ]


def _check_different(paths: Sequence[str | os.PathLike], runs: Sequence[RunFolder]) -> None:
    places = [run.path.resolve() for run in runs]
    twice = [str(p) for p, place in zip(paths, places, strict=True) if places.count(place) > 1]
    if len(paths) < 2 or twice:
        raise InputError(
            f"runs {','.join(twice or map(str, paths))}: expected two or more run folders, each "
            "once"
        )


def _check_trained_alike(first: RunFolder, other: RunFolder) -> None:
    """Refuse two runs that were trained on different records, as far as that is known."""
    found, expected = other.metadata.ecg_sha256, first.metadata.ecg_sha256
    if found and expected and found != expected:
        raise InputError(
            f"{other}: trained on other data than {first}: ecg_sha256 {found}, expected "
            f"{expected}; what they differ by would not be the networks alone"
        )
    names, expected = other.metadata.class_names, first.metadata.class_names
    if not set(names) ^ set(expected) <= {NORMAL}:
        raise InputError(
            f"{other}: classes {', '.join(names)}, but {first} has {', '.join(expected)}"
        )
