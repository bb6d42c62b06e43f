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
from ecg_tf.runs.metadata_checks import ENSEMBLE, MOST_MEMBERS
from ecg_tf.runs.precision import disable_tf32
from ecg_tf.runs.predict import predict_probabilities
from ecg_tf.runs.run_folder import RunFolder
from ecg_tf.runs.run_metadata import Component, RunMetadata
from ecg_tf.runs.seen import seen_of
from ecg_tf.runs.shared_classes import data_set_of, is_external, trained_on
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
        InputError: fewer than two members, or more than 100, one given twice, runs that have not
            finished, have different classes or inputs, or are fusions or ensembles themselves; dev
            records that do not fit, are of another data set, or that a member was trained on.

    Examples:
        >>> import dataclasses
        >>> import tempfile
        >>> from ecg_tf.data.prepare import prepare
        >>> from ecg_tf.data.synthetic import write_folder
        >>> from ecg_tf.runs.ensemble import make_ensemble
        >>> from ecg_tf.training.settings import Settings
        >>> from ecg_tf.training.train import train
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_folder(f"{folder}/ptbxl", records=20)
        ...     _ = prepare(f"{folder}/ptbxl", f"{folder}/data")
        ...     members = [f"{folder}/seed_{seed}" for seed in (1, 2)]
        ...     for seed, member in enumerate(members, start=1):
        ...         settings = Settings("gru", f"{folder}/data", member, epochs=1, seed=seed)
        ...         _ = train(dataclasses.replace(settings, hidden_size=2, num_layers=1))
        ...     run = make_ensemble(members, f"{folder}/ensemble", f"{folder}/data")
        ...     [member.name for member in run.metadata.members]
        ['seed_1', 'seed_2']
    """
    disable_tf32()
    check_new_folder(path_save_model)
    runs = [RunFolder.open(path) for path in members]
    _check_alike(runs)
    dev = open_for_run(runs[0], data, "dev")
    seen = _seen(runs, data, dev)
    network = ensemble([run.network() for run in runs])
    flags = {"members": ",".join(map(str, members)), "path_save_model": path_save_model}
    flagfile = "".join(f"--{name}={value}\n" for name, value in {**flags, "data": data}.items())
    with new_folder(path_save_model) as folder:
        written = RunFolder.create(folder, flagfile, _metadata(members, runs, network, dev))
        written.save_network(network)
        if seen:
            seen.save(written.seen_file)
        probabilities = predict_probabilities(
            written.inference_network(), written.preprocessor(), dev.source, show_progress=True
        )
        thresholds = choose_thresholds("gmean", dev.source.labels, probabilities, dev.class_names)
        written.finish(thresholds, method="gmean")
    return RunFolder(path_save_model)


def _check_alike(runs: Sequence[RunFolder]) -> None:
    if not 1 < len(runs) <= MOST_MEMBERS:
        raise InputError(f"members: {len(runs)} given, expected 2 to {MOST_MEMBERS}")
    folders = [run.path.resolve() for run in runs]
    for run, folder in zip(runs, folders, strict=True):
        if folders.count(folder) > 1:
            raise InputError(f"members {run}: given twice")
        if run.metadata.members or run.input_spec.kind == "ecg":
            raise InputError(
                f"members {run}: {run.metadata.model}, expected a single network of signals or "
                "of images"
            )
    first = runs[0].metadata
    for run in runs[1:]:
        check_fits("members", run, first.class_names, first.input_spec)


def _seen(runs: Sequence[RunFolder], data: str | os.PathLike, dev: Partition) -> Seen | None:
    """The records that the members have seen, and dev, as far as that is known.

    Raises:
        InputError: dev is of another data set, or a member was trained on some of its records.
    """
    for run in runs:
        if is_external(run.metadata, dev):
            raise InputError(
                f"{data}: {data_set_of(dev)}, but {run} was trained on {trained_on(run.metadata)}; "
                "the thresholds need dev records of that data set"
            )
    known = {run: seen for run in runs if (seen := seen_of(run)) is not None}
    if not known:
        return None
    hashes = dev.ecg_hashes()
    trained = [seen.trained for seen in known.values()]
    chosen = [seen.chosen for seen in known.values()]
    if hashes is not None:
        chosen.append(hashes)
        for run, seen in known.items():
            count = seen.was_trained_on(hashes).sum()
            if count:
                raise InputError(
                    f"members {run}: was trained on {count} of the {len(hashes)} dev records, on "
                    "which the thresholds are chosen; use other dev records"
                )
    leads = runs[0].input_spec.leads
    return Seen.of(leads, np.concatenate(trained), np.concatenate(chosen))


def _metadata(
    members: Sequence[str | os.PathLike],
    runs: Sequence[RunFolder],
    network: keras.Model,
    dev: Partition,
) -> RunMetadata:
    known = [run.metadata for run in runs]

    def common(name: str) -> object:
        values = [getattr(one, name) for one in known]
        return values[0] if all(value == values[0] for value in values) else None

    converted = next((one for one in known if one.checkpoint), None)
    return RunMetadata(
        model=ENSEMBLE,
        input_spec=known[0].input_spec,
        class_names=known[0].class_names,
        simulated=any(one.simulated for one in known),
        members=[
            Component(
                one.model,
                one.hyperparameters,
                name=str(path) if is_name(path) else run.name,
                started=one.started,
            )
            for path, run, one in zip(members, runs, known, strict=True)
        ],
        parameters=network.count_params(),
        data_set=common("data_set"),
        records=common("records"),
        ecg_sha256=common("ecg_sha256"),
        dev_seen=common("dev_seen"),
        dev_one_sided=list(one_sided(dev.source.labels, dev.class_names)),
        started=time.strftime("%Y-%m-%d %H:%M:%S %z"),
        versions={"ecg_tf": __version__},
        checkpoint=converted and converted.checkpoint,
        checkpoint_sha256=converted and converted.checkpoint_sha256,
    )
