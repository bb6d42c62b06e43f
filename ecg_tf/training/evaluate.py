"""Evaluate a finished run on a partition."""

from ecg_tf.data.sources import open_partition
from ecg_tf.errors import InputError
from ecg_tf.evaluation.metrics import summarize
from ecg_tf.models import find
from ecg_tf.training.devices import exact_float32
from ecg_tf.training.predict import predict_probabilities
from ecg_tf.training.run_folder import RunFolder

_THRESHOLDS = {"gmean": "largest G-mean on the dev partition", "0.5": "0.5 for every class"}


def evaluate(path_model, data, partition="test"):
    """Score a run on a partition, at its own thresholds.

    Args:
        path_model: the run folder.
        data: a folder of prepared records, or an image tree.
        partition: "train", "dev" or "test".

    Returns:
        summary: the table of `ecg_tf.evaluation.metrics.summarize`.
        about: a dictionary that says what was evaluated.

    Raises:
        InputError: a run that is not finished, data that cannot be used or have other classes.
    """
    exact_float32()
    run = RunFolder.open(path_model)
    about = run.about
    part = open_partition(
        data,
        partition,
        leads=about["leads"],
        takes=find(about["model"]).takes,
        channels=about["channels"],
        image_size=about["image_size"],
    )
    if list(part.class_names) != about["class_names"]:
        raise InputError(
            f"{data}: classes {', '.join(part.class_names)}, but {path_model} was trained for "
            + ", ".join(about["class_names"])
        )
    probabilities = predict_probabilities(run.network(), run.front(), part.source, verbose=1)
    summary = summarize(part.source.labels, probabilities, run.thresholds, part.class_names)
    return summary, {
        "run": str(path_model),
        "model": about["model"],
        "data": str(data),
        "partition": partition,
        "records": len(part.source),
        "simulated": part.simulated,
        "ecg_sha256": part.ecg_sha256,
        "thresholds": _THRESHOLDS[run.threshold_method],
    }
