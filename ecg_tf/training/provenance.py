"""The metadata of a new run."""

import importlib.metadata
import importlib.util
import subprocess
import time
from pathlib import Path

import keras

from ecg_tf.evaluation.thresholds import one_sided
from ecg_tf.models import find
from ecg_tf.runs.run_metadata import RunMetadata
from ecg_tf.runs.shared_classes import data_set_of
from ecg_tf.training.networks import NEW_BACKBONES, backbones_of
from ecg_tf.training.transfer import initial_run_of
from ecg_tf.version import __version__


def describe_run(settings, partitions, teachers, parts, pos_weight, dev_seen):
    """The `ecg_tf.runs.run_metadata.RunMetadata` of a run.

    Args:
        settings: `ecg_tf.training.settings.Settings`.
        partitions: {"train" and "dev": `ecg_tf.data.sources.Partition`}.
        teachers: list of `ecg_tf.training.teachers.Teacher`.
        parts: `ecg_tf.training.assemble.Assembly`.
        pos_weight: weights of the positive labels in the loss, (class,).
        dev_seen: number of dev records that this network, one it is built from or one that it is
            distilled from is trained on; None if unknown.
    """
    data = partitions["train"]
    given = {name: getattr(settings, name, None) for name in find(settings.model).hyperparameters}
    if "frozen" in given:
        given["frozen"] = [branch for branch in NEW_BACKBONES if getattr(settings, f"{branch}_run")]
    return RunMetadata(
        model=settings.model,
        hyperparameters={name: value for name, value in given.items() if value is not None},
        parameters=parts.network.count_params(),
        class_names=tuple(data.class_names),
        input_spec=parts.spec,
        backbones=backbones_of(settings),
        initial_run=initial_run_of(settings, data.class_names),
        teachers=[
            {"model": teacher.metadata.model, "leads": list(teacher.metadata.input_spec.leads)}
            for teacher in teachers
        ],
        simulated=data.simulated,
        data_set=data_set_of(data),
        records={name: len(part.source) for name, part in partitions.items()},
        ecg_sha256={name: part.ecg_sha256 for name, part in partitions.items()},
        dev_seen=dev_seen,
        dev_one_sided=list(one_sided(partitions["dev"].source.labels, data.class_names)),
        pos_weight=pos_weight.tolist(),
        dtype_policy=parts.policy,
        started=time.strftime("%Y-%m-%d %H:%M:%S %z"),
        versions=_versions(),
        git_revision=_git_revision(),
    )


def _versions():
    names = (keras.backend.backend(), "keras", "numpy", "pyts")
    installed = {
        name: importlib.metadata.version(name) for name in names if importlib.util.find_spec(name)
    }
    return {"ecg_tf": __version__, **installed}


def _git_revision():
    """The commit of the checkout that contains this file; None outside a checkout."""
    command = ["git", "-C", Path(__file__).parent, "describe", "--always", "--dirty", "--abbrev=40"]
    try:
        result = subprocess.run(command, capture_output=True, text=True)
    except FileNotFoundError:  # git is not installed
        return None
    return result.stdout.strip() or None
