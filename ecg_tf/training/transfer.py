"""Transfer: training that starts from the weights of another run."""

import keras
from absl import logging

from ecg_tf.errors import InputError
from ecg_tf.models.branches import features
from ecg_tf.models.frozen import Frozen
from ecg_tf.pretrained.shipped import is_name
from ecg_tf.runs.backbones import check_fits
from ecg_tf.runs.run_folder import RunFolder
from ecg_tf.training.networks import input_spec


def load_initial_weights(network, path, settings, class_names, spec=None):
    """Load the weights of a finished run into a network.

    If the run has other classes, only the weights of its body are loaded: all layers but the last.
    The head keeps its random weights.

    Args:
        network: keras.Model from `ecg_tf.training.networks.build_network`, changed in place.
        path: the run folder, "pretrained:NAME" or "hf://OWNER/NAME".
        settings: `ecg_tf.training.settings.Settings`.
        class_names: names of the classes.
        spec: `ecg_tf.input_spec.InputSpec` of the network for whole records. Default:
            `ecg_tf.training.networks.input_spec(settings)`.

    Raises:
        InputError: a run of another network, or of other leads or images, or a two-branch network
            of other classes.
    """
    run = RunFolder.open(path)
    if run.metadata.model != settings.model:
        raise InputError(
            f"initial_run {run}: model {run.metadata.model}, expected {settings.model}"
        )
    spec, theirs = spec or input_spec(settings), run.metadata.class_names
    check_fits("initial_run", run, theirs, spec, any_image_size=True)
    new_head = theirs != tuple(class_names)
    if new_head and spec.kind == "ecg":
        raise InputError(
            f"initial_run {run}: class_names {','.join(theirs)}, expected "
            f"{','.join(class_names)}: the branches of {settings.model} have heads of their own; "
            "only a network of signals or of images can be transferred to other classes"
        )
    source, target = run.network(), network
    if new_head:
        source, target = _body(source), _body(target)
        logging.info(
            "initial_run %s: trained for %s; the body keeps its weights, the head for %s is new",
            run,
            ", ".join(theirs),
            ", ".join(class_names),
        )
    weights = source.get_weights()
    found, expected = ([w.shape for w in of] for of in (weights, target.get_weights()))
    if found != expected:
        raise InputError(f"initial_run {path}: {settings.model} of another size")
    target.set_weights(weights)


def with_frozen_body(network):
    """A network that shares the weights of `network` and trains those of the head only.

    The body runs in inference mode: its dropout is off and its batch statistics stay.

    Args:
        network: keras.Model of signals or of images to logits (batch, class).

    Returns:
        keras.Model of the same input to the same logits.
    """
    inputs = keras.Input(network.input_shape[1:])
    body = Frozen(_body(network), name="body")
    return keras.Model(inputs, network.get_layer("logits")(body(inputs)), name=network.name)


def initial_run_of(settings, class_names):
    """What about.json records of the run that the weights come from.

    Args:
        settings: `ecg_tf.training.settings.Settings`.
        class_names: names of the classes.

    Returns:
        A dictionary; None without `initial_run`.
    """
    path = settings.initial_run
    if path is None:
        return None
    run = RunFolder.open(path)
    return {
        # Without its parent folders, which differ between machines.
        "name": path if is_name(path) else run.path.resolve().name,
        "started": run.metadata.started,
        "class_names": list(run.metadata.class_names),
        "new_head": run.metadata.class_names != tuple(class_names),
        "frozen_body": settings.freeze_body,
    }


def _body(network):
    """All layers of a network but the last, with shared weights."""
    return keras.Model(network.input, features(network), name=f"{network.name}_body")
