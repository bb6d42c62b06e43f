"""A PyTorch checkpoint of the study's code as a run folder."""

import hashlib
import importlib.metadata
from pathlib import Path

import numpy as np

from ecg_tf.convert.checkpoint import read_state_dict
from ecg_tf.convert.pytorch import from_pytorch, hyperparameters
from ecg_tf.data.labels import CLASSES
from ecg_tf.data.sources import open_partition
from ecg_tf.errors import InputError
from ecg_tf.evaluation.thresholds import choose_thresholds
from ecg_tf.files import new_folder
from ecg_tf.leads import DEFAULT_LEADS, lead_indices
from ecg_tf.models import find
from ecg_tf.places import check_new_folder
from ecg_tf.preprocessing import CHANNELS, IMAGE_SIZE, SCALINGS, check_channels
from ecg_tf.runs.backbones import open_backbone
from ecg_tf.runs.network_description import describe_network
from ecg_tf.runs.predict import predict_probabilities
from ecg_tf.runs.run_folder import RunFolder

_PACKAGES = ("ecg_tf", "tensorflow", "keras", "numpy", "torch")


def import_pytorch(
    checkpoint,
    model,
    path_save_model,
    data=None,
    signal_run=None,
    image_run=None,
    leads=DEFAULT_LEADS,
    channels=CHANNELS,
):
    """Make an ordinary run folder of weights that the study's code saved.

    Args:
        checkpoint: the file, a state dict.
        model: name of the network whose weights these are.
        path_save_model: the run folder, missing or empty; it appears whole or not at all.
        data: prepared records or an image tree on whose dev partition the thresholds are found;
            without them they are 0.5.
        signal_run: the run of the signal network of a late fusion, whose checkpoint is without it.
        image_run: the run of its image network, likewise.
        leads: the leads the network was trained on, in order.
        channels: the images of each lead, in order.

    Returns:
        The finished `RunFolder`.

    Raises:
        InputError: a file that is no state dict, weights that are not this network's, runs or data
            that do not fit.
    """
    lead_indices(leads)
    check_channels(channels)
    check_new_folder(path_save_model)
    input_kind = find(model).input_kind
    backbones = _backbones(model, signal_run, image_run, leads, channels)
    state = read_state_dict(checkpoint)
    try:
        network = from_pytorch(model, state, **backbones, channels=channels)
    except InputError as error:
        raise InputError(f"{checkpoint}: {error}") from error
    _check_shapes(checkpoint, network, input_kind, leads, channels)

    image_size = backbones["image"].input_shape[1] if backbones else IMAGE_SIZE
    dev = data and open_partition(
        data,
        "dev",
        leads=leads,
        scaling=SCALINGS[0],
        input_kind=input_kind,
        channels=channels,
        image_size=image_size,
    )
    if dev and list(dev.class_names) != list(CLASSES):
        raise InputError(f"{data}: classes {', '.join(dev.class_names)}, not {', '.join(CLASSES)}")
    flags = {
        "checkpoint": checkpoint,
        "model": model,
        "path_save_model": path_save_model,
        "data": data,
        "signal_run": signal_run,
        "image_run": image_run,
        "leads": ",".join(leads),
        "channels": ",".join(channels),
    }
    about = {
        **describe_network(model, hyperparameters(model, state), network),
        "parameters": network.count_params(),
        "class_names": list(CLASSES),
        "leads": list(leads),
        "channels": list(channels),
        "image_size": image_size,
        "scaling": SCALINGS[0],
        "simulated": bool(dev and dev.simulated),
        "checkpoint": str(checkpoint),
        "checkpoint_sha256": hashlib.sha256(Path(checkpoint).read_bytes()).hexdigest(),
        "versions": {name: importlib.metadata.version(name) for name in _PACKAGES},
    }
    flagfile = "".join(f"--{name}={value}\n" for name, value in flags.items() if value is not None)
    with new_folder(path_save_model) as folder:
        run = RunFolder.create(folder, flagfile, about)
        run.save_network(network)
        if dev:
            answers = predict_probabilities(network, run.preprocessor(), dev.source)
            thresholds = choose_thresholds("gmean", dev.source.labels, answers, dev.class_names)
            run.finish(thresholds, method="gmean")
        else:
            run.finish(np.full(len(CLASSES), 0.5), method="0.5", partition=None)
    return RunFolder(path_save_model)


def _backbones(model, signal_run, image_run, leads, channels):
    """The networks of a late fusion, from their runs; none for another network."""
    runs = {"signal": signal_run, "image": image_run}
    if model != "late_fusion":
        for branch, path in runs.items():
            if path is not None:
                raise InputError(f"{branch}_run {path}: only for late_fusion, not for {model}")
        return {}
    wanted = {"class_names": list(CLASSES), "leads": list(leads), "scaling": SCALINGS[0]}
    networks = {}
    for branch, path in runs.items():
        if path is None:
            raise InputError(
                f"late_fusion: a checkpoint of it has no backbones: -{branch}_run is missing"
            )
        if branch == "image":
            wanted["channels"] = list(channels)
        networks[branch] = open_backbone(branch, path, wanted).network()
    return networks


def _check_shapes(checkpoint, network, input_kind, leads, channels):
    """Whether the network answers the classes, and looks at these leads and images."""
    classes = network.output_shape[-1]
    if classes != len(CLASSES):
        raise InputError(f"{checkpoint}: {classes} classes, expected {', '.join(CLASSES)}")
    columns = len(leads) * (len(channels) if input_kind == "image" else 1)
    found = network.input_shape[-1]
    if found != columns:
        images = f" times images {', '.join(channels)}" if input_kind == "image" else ""
        raise InputError(
            f"{checkpoint}: looks at {found} channels, expected {columns}: leads "
            f"{', '.join(leads)}{images}"
        )
