"""The metadata of a run, and the lines in the log before its first epoch."""

import importlib.metadata
import importlib.util
import subprocess
import time
from pathlib import Path

import keras
from absl import logging

from ecg_tf.data.batches.examples import ECGs
from ecg_tf.data.images.image_tree import is_image_tree
from ecg_tf.evaluation.thresholds import one_sided
from ecg_tf.models import find
from ecg_tf.runs.run_metadata import RunMetadata
from ecg_tf.training.networks import FRESH_BACKBONES, backbones_of, input_spec
from ecg_tf.version import __version__


def describe_run(settings, partitions, teachers, network, policy, pos_weight, dev_seen):
    """The `ecg_tf.runs.run_metadata.RunMetadata` of a run.

    Args:
        settings: `ecg_tf.training.settings.Settings`.
        partitions: {"train" and "dev": `ecg_tf.data.sources.Partition`}.
        teachers: list of `ecg_tf.training.teachers.Teacher`.
        network: keras.Model, the bare network.
        policy: name of the Keras dtype policy.
        pos_weight: weights of the positives in the loss, (class,).
        dev_seen: number of dev records that a network was trained on from which this one was built
            or taught; None if unknown.
    """
    data = partitions["train"]
    given = {name: getattr(settings, name, None) for name in find(settings.model).hyperparameters}
    if "frozen" in given:
        given["frozen"] = [
            branch for branch in FRESH_BACKBONES if getattr(settings, f"{branch}_run")
        ]
    return RunMetadata(
        model=settings.model,
        hyperparameters={name: value for name, value in given.items() if value is not None},
        parameters=network.count_params(),
        class_names=tuple(data.class_names),
        input_spec=input_spec(settings),
        backbones=backbones_of(settings),
        teachers=[
            {"model": teacher.metadata.model, "leads": list(teacher.metadata.input_spec.leads)}
            for teacher in teachers
        ],
        simulated=data.simulated,
        records={name: len(part.source) for name, part in partitions.items()},
        ecg_sha256={name: part.ecg_sha256 for name, part in partitions.items()},
        dev_seen=dev_seen,
        dev_one_sided=list(one_sided(partitions["dev"].source.labels, data.class_names)),
        pos_weight=pos_weight.tolist(),
        dtype_policy=policy,
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
    """The commit of the checkout that this file is in; None outside of one."""
    command = ["git", "-C", Path(__file__).parent, "describe", "--always", "--dirty", "--abbrev=40"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True)
    except FileNotFoundError:  # no git
        return None
    return answer.stdout.strip() or None


def log_run(settings, partitions, network, policy, pos_weight, history):
    data = partitions["train"]
    logging.info(
        "%s: %d parameters, %s; %d train and %d dev records%s; positive labels weigh %s",
        settings.model,
        network.count_params(),
        policy,
        len(data.source),
        len(partitions["dev"].source),
        " (simulated ECGs)" if data.simulated else "",
        ", ".join(f"{name} {w:.2f}" for name, w in zip(data.class_names, pos_weight, strict=True)),
    )
    if isinstance(data.source, ECGs):
        made = {
            "image": "keras layers make their images on the network's device",
            "signal": "keras layers make their signals on the network's device",
            "ecg": "the network makes signals and images of them",
        }
        input_kind = find(settings.model).input_kind
        logging.info("ecgs %s; %s, step by step", data.source.place, made[input_kind])
    elif is_image_tree(settings.data):
        logging.info("images from %s", settings.data)
    else:
        logging.info(
            "images by pyts, at some 20 a second and core%s; -image_backend keras makes the same "
            "on the network's device, tens of times as fast",
            f", kept in {settings.image_cache}" if settings.image_cache else "",
        )
    if history:
        logging.info("going on after epoch %d", len(history))
