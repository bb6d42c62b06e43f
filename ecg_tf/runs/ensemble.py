"""Ensembles of finished runs, as run folders of their own."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence

import keras
import numpy as np

from ecg_tf.data.seen import Seen
from ecg_tf.data.sources import Partition
from ecg_tf.errors import InputError
from ecg_tf.evaluation.thresholds import choose_thresholds, one_sided
from ecg_tf.files import new_folder
from ecg_tf.models import ensemble
from ecg_tf.places import check_new_folder
from ecg_tf.pretrained.shipped import is_name
from ecg_tf.runs.backbones import check_fits
from ecg_tf.runs.evaluate import open_for_run
from ecg_tf.runs.metadata_checks import ENSEMBLE
from ecg_tf.runs.predict import predict_probabilities
from ecg_tf.runs.run_folder import RunFolder
from ecg_tf.runs.run_metadata import Backbone, RunMetadata
from ecg_tf.runs.seen import check_judged
from ecg_tf.runs.shared_classes import trained_on
from ecg_tf.version import __version__


def make_ensemble(
    members: Sequence[str | os.PathLike],
    path_save_model: str | os.PathLike,
    data: str | os.PathLike,
) -> RunFolder:
    """Make the mean of finished runs a run of its own; nothing is trained.

    Its thresholds are chosen on dev. It can be evaluated, exported, published and be a teacher as
    any other run.

    Args:
        members: two or more run folders, "pretrained:NAME" or "hf://OWNER/NAME", all with the same
            classes and the same input, signals or images.
        path_save_model: the run folder to write, missing or empty; it appears whole or not at all.
        data: prepared records, packed records or an image tree with a dev partition.

    Returns:
        The finished `RunFolder`.

    Raises:
        InputError: one member only, one given twice, runs that have not finished, have different
            classes or inputs, or are fusions or ensembles themselves; data that do not fit, or
            whose dev records a member was trained on.

    Examples:
        >>> import tempfile
        >>> from ecg_tf.data.prepare import prepare
        >>> from ecg_tf.data.synthetic import write_folder
        >>> from ecg_tf.runs.ensemble import make_ensemble
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_folder(f"{folder}/ptbxl", records=20)
        ...     _ = prepare(f"{folder}/ptbxl", f"{folder}/data")
        ...     members = ["pretrained:gru", "pretrained:resnet1d"]
        ...     run = make_ensemble(members, f"{folder}/ensemble", f"{folder}/data")
        ...     [member.model for member in run.metadata.members]
        ['gru', 'resnet1d']
    """
    check_new_folder(path_save_model)
    runs = [RunFolder.open(path) for path in members]
    _check_alike(runs)
    network = ensemble([run.network() for run in runs])
    dev = open_for_run(runs[0], data, "dev")
    for run in runs:
        check_judged(run, dev, "dev", None, allow_seen=False)
    flags = {"members": ",".join(map(str, members)), "path_save_model": path_save_model}
    flagfile = "".join(f"--{name}={value}\n" for name, value in {**flags, "data": data}.items())
    with new_folder(path_save_model) as folder:
        written = RunFolder.create(folder, flagfile, _metadata(members, runs, network, dev))
        written.save_network(network)
        seen = _seen(runs, dev)
        if seen:
            seen.save(written.seen_file)
        probabilities = predict_probabilities(
            written.inference_network(), written.preprocessor(), dev.source, show_progress=True
        )
        thresholds = choose_thresholds("gmean", dev.source.labels, probabilities, dev.class_names)
        written.finish(thresholds, method="gmean")
    return RunFolder(path_save_model)


def _check_alike(runs: Sequence[RunFolder]) -> None:
    if len(runs) < 2:
        raise InputError(f"members {runs[0]}: one run, expected at least two")
    folders = [run.path.resolve() for run in runs]
    for run, folder in zip(runs, folders, strict=True):
        if folders.count(folder) > 1:
            raise InputError(f"members {run}: given twice")
        if run.metadata.members or run.metadata.backbones or run.input_spec.kind == "ecg":
            raise InputError(
                f"members {run}: {run.metadata.model}, expected a single network of signals or "
                "of images"
            )
    first = runs[0].metadata
    for run in runs[1:]:
        check_fits("members", run, first.class_names, first.input_spec)


def _metadata(
    members: Sequence[str | os.PathLike],
    runs: Sequence[RunFolder],
    network: keras.Model,
    dev: Partition,
) -> RunMetadata:
    known = [run.metadata for run in runs]
    data_sets = {trained_on(one) for one in known}
    return RunMetadata(
        model=ENSEMBLE,
        input_spec=known[0].input_spec,
        class_names=known[0].class_names,
        simulated=any(one.simulated for one in known),
        members=[
            Backbone(
                one.model,
                one.hyperparameters,
                name=str(path) if is_name(str(path)) else run.name,
                started=one.started,
            )
            for path, run, one in zip(members, runs, known, strict=True)
        ],
        parameters=network.count_params(),
        data_set=None if None in data_sets else " and ".join(sorted(data_sets)),
        records={"dev": len(dev.source)},
        ecg_sha256={"dev": dev.ecg_sha256},
        dev_seen=0,
        dev_one_sided=list(one_sided(dev.source.labels, dev.class_names)),
        started=time.strftime("%Y-%m-%d %H:%M:%S %z"),
        versions={"ecg_tf": __version__},
    )


def _seen(runs: Sequence[RunFolder], dev: Partition) -> Seen | None:
    """The records that any of the runs has seen, and dev; None if that is unknown of one."""
    hashes = dev.ecg_hashes()
    if hashes is None or not all(run.seen_file.is_file() for run in runs):
        return None
    each = [Seen.load(run.seen_file) for run in runs]
    return Seen.of(
        each[0].leads,
        np.concatenate([one.trained for one in each]),
        np.concatenate([hashes, *(one.chosen for one in each)]),
    )
