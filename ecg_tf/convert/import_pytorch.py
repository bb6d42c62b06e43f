"""Import of PyTorch checkpoints of the study's code as run folders."""

import dataclasses
import hashlib
import importlib.metadata
from pathlib import Path

import numpy as np

from ecg_tf.convert.checkpoint import read_state_dict
from ecg_tf.convert.conversions import CONVERSIONS
from ecg_tf.convert.pytorch import from_pytorch
from ecg_tf.data.labels import CLASSES
from ecg_tf.data.sources import open_partition
from ecg_tf.errors import InputError
from ecg_tf.evaluation.thresholds import choose_thresholds
from ecg_tf.files import new_folder
from ecg_tf.input_spec import InputSpec
from ecg_tf.leads import DEFAULT_LEADS
from ecg_tf.models import find
from ecg_tf.places import check_new_folder
from ecg_tf.preprocessing import CHANNELS, check_channels
from ecg_tf.runs.backbones import check_fits, open_backbone
from ecg_tf.runs.network_description import describe_network
from ecg_tf.runs.predict import predict_probabilities
from ecg_tf.runs.run_folder import RunFolder
from ecg_tf.runs.run_metadata import RunMetadata

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
    dropout_in_predictions=False,
):
    """Import a checkpoint of the study's code as a run folder.

    Args:
        checkpoint: the file, a state dict.
        model: name of the network.
        path_save_model: the run folder, missing or empty; it appears whole or not at all.
        data: prepared records, packed records or an image tree; thresholds are chosen on their dev
            partition. Default: all thresholds are 0.5.
        signal_run: for a late fusion, the run of its signal network; the checkpoint has none.
        image_run: for a late fusion, the run of its image network.
        leads: the leads that the network was trained on, in order.
        channels: the images of each lead, in order.
        dropout_in_predictions: for vgg, True to drop values in predictions, too, as the study's
            code does.

    Returns:
        The finished `RunFolder`.

    Raises:
        InputError: a file that is no state dict, weights of another network, or runs or data that
            do not fit.
    """
    check_channels(channels)
    spec = InputSpec(find(model).input_kind, leads, channels=channels)
    check_new_folder(path_save_model)
    backbones = _backbones(model, signal_run, image_run, spec)
    if backbones:
        spec = dataclasses.replace(spec, image_size=backbones["image"].input_shape[1])
    state = read_state_dict(checkpoint)
    options = {"dropout_in_predictions": True} if dropout_in_predictions else {}
    try:
        network = from_pytorch(model, state, **backbones, channels=channels, **options)
    except InputError as error:
        raise InputError(f"{checkpoint}: {error}") from error
    _check_shapes(checkpoint, network, spec)

    dev = data and open_partition(data, "dev", spec)
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
        **options,
    }
    hyperparameters = CONVERSIONS[model].hyperparameters(state)
    metadata = RunMetadata(
        **describe_network(model, {**hyperparameters, **options}, network),
        parameters=network.count_params(),
        class_names=CLASSES,
        input_spec=spec,
        simulated=bool(dev and dev.simulated),
        checkpoint=str(checkpoint),
        checkpoint_sha256=hashlib.sha256(Path(checkpoint).read_bytes()).hexdigest(),
        versions={name: importlib.metadata.version(name) for name in _PACKAGES},
    )
    flagfile = "".join(f"--{name}={value}\n" for name, value in flags.items() if value is not None)
    with new_folder(path_save_model) as folder:
        run = RunFolder.create(folder, flagfile, metadata)
        run.save_network(network)
        if dev:
            probabilities = predict_probabilities(network, run.preprocessor(), dev.source)
            thresholds = choose_thresholds(
                "gmean", dev.source.labels, probabilities, dev.class_names
            )
            run.finish(thresholds, method="gmean")
        else:
            run.finish(np.full(len(CLASSES), 0.5), method="0.5", partition=None)
    return RunFolder(path_save_model)


def _backbones(model, signal_run, image_run, spec):
    """The backbones of a late fusion, from their runs; none for other networks."""
    runs = {"signal": signal_run, "image": image_run}
    if model != "late_fusion":
        for branch, path in runs.items():
            if path is not None:
                raise InputError(f"{branch}_run {path}: only for late_fusion, not for {model}")
        return {}
    networks = {}
    for branch, path in runs.items():
        if path is None:
            raise InputError(
                f"late_fusion: a checkpoint of it has no backbones: -{branch}_run is missing"
            )
        run = open_backbone(branch, path)
        check_fits(f"{branch}_run", run, CLASSES, spec.backbone(branch), any_image_size=True)
        networks[branch] = run.network()
    return networks


def _check_shapes(checkpoint, network, spec):
    """Refuse a network of other classes, or one that takes other leads or images."""
    classes = network.output_shape[-1]
    if classes != len(CLASSES):
        raise InputError(f"{checkpoint}: {classes} classes, expected {', '.join(CLASSES)}")
    found, expected = network.input_shape[-1], spec.shape[-1]
    if found != expected:
        images = f" times images {', '.join(spec.channels)}" if spec.kind == "image" else ""
        raise InputError(
            f"{checkpoint}: takes {found} channels, expected {expected}: leads "
            f"{', '.join(spec.leads)}{images}"
        )
