"""Evaluation of a finished run on a partition."""

from __future__ import annotations

import os
from collections.abc import Iterable

import numpy as np
from absl import logging

from ecg_tf.data.sources import Partition
from ecg_tf.errors import InputError
from ecg_tf.evaluation.evaluation import Evaluation
from ecg_tf.evaluation.thresholds import METHODS, choose_thresholds, one_sided
from ecg_tf.runs.precision import disable_tf32
from ecg_tf.runs.predict import predict_probabilities
from ecg_tf.runs.run_folder import RunFolder
from ecg_tf.runs.seen import check_judged
from ecg_tf.runs.shared_classes import (
    data_set_of,
    is_external,
    open_shared,
    trained_on,
    warn_of_left_out,
)

MIXED_PRECISION = ("none", "bfloat16", "float16")
_CHOSEN_ON = "dev"


def evaluate(
    path_model: str | os.PathLike,
    data: str | os.PathLike,
    partition: str = "test",
    threshold: str | None = None,
    allow_seen: bool = False,
    mixed_precision: str = "none",
) -> Evaluation:
    """Evaluate a run on a partition, of the data set that it was trained on or of another.

    The classes of the run and of the data are matched by name. Classes that only one of them has
    are left out, with a warning. If the classes of the data are groups of SCP codes, and the run
    predicts each of these codes, the probability of a class is the largest among its codes, and its
    threshold is chosen on dev.

    Args:
        path_model: the run folder, "pretrained:NAME" or "hf://OWNER/NAME".
        data: folder of prepared records or of an image tree, or file of packed records.
        partition: "train", "dev" or "test".
        threshold: method by which thresholds are chosen on dev, one of
            `ecg_tf.evaluation.thresholds.METHODS`. Default: the thresholds of the run, or, for
            groups of codes, its method. For another method, or for any method on an external data
            set or for groups of codes, the run first predicts the dev partition of `data`.
        allow_seen: True to evaluate also on dev or test records that the run was trained on, and on
            test records by which its epoch and thresholds were chosen.
        mixed_precision: "none" to predict in float32; "bfloat16" or "float16" to predict faster on
            CPUs and GPUs that support it, with probabilities that differ a little.

    Returns:
        The `Evaluation`. Its `about` is a dictionary with the entries

        - run, model, leads, sampling_rate, parameters, trained (when training began) and
          git_revision;
        - data_set and trained_on, the names of the data set of `data` and of that of the training,
          and external: True if they differ, see `ecg_tf.runs.shared_classes.is_external`;
        - only_run and only_data: the classes that are left out; groups: True if the classes are
          groups of those of the run;
        - data, partition, records (their number), simulated, ecg_sha256, database_rows and folds
          (of the PTB-XL database that the partition is from);
        - thresholds (in words), threshold_method, threshold_partition (None for 0.5) and
          threshold_data_set (on external data, the data set of that partition);
        - seen: the records that the run has seen, see `ecg_tf.runs.seen.check_judged`;
        - mixed_precision: None for float32.

        Entries that are not known are None.

    Raises:
        InputError: a run that has not finished, data that cannot be used or share no class, no dev
            records to choose thresholds on, records that the run has seen, an unknown
            `mixed_precision`.

    Examples:
        >>> import tempfile
        >>> from ecg_tf.data.prepare import prepare
        >>> from ecg_tf.data.synthetic import write_folder
        >>> from ecg_tf.runs.evaluate import evaluate
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_folder(f"{folder}/ptbxl", records=20)
        ...     _ = prepare(f"{folder}/ptbxl", f"{folder}/data")
        ...     evaluation = evaluate("pretrained:gru", f"{folder}/data", "train")
        >>> evaluation.probabilities.shape == (evaluation.about["records"], 4)
        True
        >>> evaluation.about["model"], evaluation.about["simulated"]
        ('gru', True)
    """
    if mixed_precision not in MIXED_PRECISION:
        raise InputError(
            f"mixed_precision {mixed_precision!r}: expected one of {', '.join(MIXED_PRECISION)}"
        )
    disable_tf32()
    run = RunFolder.open(path_model)
    metadata = run.metadata
    part, shared = open_shared(run, data, partition)
    warn_of_left_out(run, data, shared)
    external = is_external(metadata, part)
    method = run.threshold_method if threshold is None else threshold
    kept = method == run.threshold_method and not (threshold and external) and not shared.groups
    fixed = method == "0.5"
    dev = None
    if not (kept or fixed) and partition != _CHOSEN_ON:
        dev = _open_dev(run, data, method)
    seen = check_judged(run, part, partition, dev, allow_seen)
    policy = "float32" if mixed_precision == "none" else f"mixed_{mixed_precision}"
    network, preprocessor = run.inference_network(policy), run.preprocessor()

    def predict(part: Partition, name: str) -> np.ndarray:
        records = len(part.source)
        logging.info("%s: predicting %d records of %s", run.name, records, name)
        predicted = predict_probabilities(network, preprocessor, part.source, show_progress=True)
        return shared.probabilities(predicted, metadata.class_names)

    probabilities = predict(part, partition)
    if kept:
        thresholds = run.thresholds[shared.column_numbers(metadata.class_names)]
        one_kind = [name for name in metadata.dev_one_sided or () if name in shared.names]
    elif dev is None:
        thresholds, one_kind = _choose(method, part, probabilities)
    else:
        thresholds, one_kind = _choose(method, dev, predict(dev, _CHOSEN_ON))

    chosen_by = trained_on(metadata) if kept else data_set_of(part)
    if fixed or not external:
        chosen_by = None
    records, manifest = part.records, part.manifest or {}
    return Evaluation(
        about={
            "run": str(path_model),
            "model": metadata.model,
            "parameters": metadata.parameters,
            "trained": metadata.started,
            "git_revision": metadata.git_revision,
            "leads": list(metadata.input_spec.leads),
            "sampling_rate": metadata.input_spec.sampling_rate,
            "trained_on": trained_on(metadata),
            "data_set": data_set_of(part),
            # The same records may have another name.
            "external": external and not (seen and (seen["trained"] or seen["chosen"])),
            "only_run": list(shared.only_run),
            "only_data": list(shared.only_data),
            "groups": shared.groups is not None,
            "data": str(data),
            "database_rows": manifest.get("rows", {}).get("database"),
            "folds": manifest.get("folds", {}).get(partition),
            "partition": partition,
            "records": len(part.source),
            "simulated": part.simulated,
            "ecg_sha256": part.ecg_sha256,
            "thresholds": METHODS[method] + ("" if fixed else _where_chosen(one_kind, chosen_by)),
            "threshold_method": method,
            "threshold_partition": None if fixed else _CHOSEN_ON,
            "threshold_data_set": chosen_by,
            "seen": seen,
            "mixed_precision": None if mixed_precision == "none" else mixed_precision,
        },
        class_names=part.class_names,
        labels=part.source.labels,
        probabilities=probabilities,
        thresholds=thresholds,
        ecg_ids=records and records.ecg_id,
        patient_ids=records and records.patient_id,
        ecg=records and records.ecg,
        leads=metadata.input_spec.leads,
    )


def open_for_run(run: RunFolder, data: str | os.PathLike, partition: str) -> Partition:
    """Open a partition as the network of a run takes it.

    Args:
        run: the finished `RunFolder`.
        data: folder of prepared records or of an image tree, or file of packed records.
        partition: "train", "dev" or "test".

    Returns:
        The partition.

    Raises:
        InputError: data that cannot be used or have other classes.
    """
    part, shared = open_shared(run, data, partition)
    if shared.only_run or shared.only_data or shared.groups:
        found = [*shared.names, *shared.only_data]
        raise InputError(
            f"{data}: classes {', '.join(found)}, but {run} was trained for "
            + ", ".join(run.metadata.class_names)
        )
    return part


def _open_dev(run: RunFolder, data: str | os.PathLike, method: str) -> Partition:
    try:
        return open_shared(run, data, _CHOSEN_ON)[0]
    except InputError as error:
        raise InputError(
            f"threshold {method}: it is chosen on the {_CHOSEN_ON} partition of the data, which "
            f"cannot be used: {error}"
        ) from error


def _choose(
    method: str, part: Partition, probabilities: np.ndarray
) -> tuple[np.ndarray, dict[str, str]]:
    """The thresholds, and the classes for which none can be chosen."""
    labels, class_names = part.source.labels, part.class_names
    thresholds = choose_thresholds(method, labels, probabilities, class_names)
    return thresholds, one_sided(labels, class_names)


def _where_chosen(one_kind: Iterable[str], data_set: str | None) -> str:
    words = f", on the {_CHOSEN_ON} partition" + (f" of {data_set}" if data_set else "")
    if one_kind:
        words += f"; 0.5 for {', '.join(one_kind)}, which every record there has, or none"
    return words
