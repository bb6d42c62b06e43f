"""A network from a run's description and the weights in its file, under any version of Keras."""

import contextlib
import threading

import keras

from ecg_tf.errors import InputError
from ecg_tf.leads import SAMPLES
from ecg_tf.models import build, find
from ecg_tf.models.frozen import Frozen
from ecg_tf.runs.network_description import describe_backbones
from ecg_tf.runs.run_metadata import check_about
from ecg_tf.runs.saved_weights import read_config, read_weights


def open_network(about, path, policy="float32"):
    """The network of a run, built anew; only its weights come from the file.

    Args:
        about: the description of the run, see `ecg_tf.runs.run_metadata`.
        path: pathlib.Path of the .keras file.
        policy: name of the Keras dtype policy.

    Returns:
        keras.Model to float32 logits (batch, class).

    Raises:
        InputError: a file that is damaged, or of another network than described.
    """
    if find(about["model"]).input_kind == "ecg" and about.get("trunks") is None:
        about = _with_backbones(about, path)  # a run from before about.json held them
    try:
        expected = _shapes(about)
    except InputError as error:
        raise InputError(f"{path}: cannot be built as about.json says: {error}") from error
    weights = read_weights(path, expected)
    network = build_described(about, policy)
    for key, variable in _variables(network):
        variable.assign(weights[key])
    return network


def build_described(about, policy="float32"):
    """The network that a run's description asks for, its weights drawn from Keras' seed.

    Args:
        about: the description of the run; that of a fusion has "trunks".
        policy: name of the Keras dtype policy.

    Returns:
        keras.Model to float32 logits (batch, class).
    """
    hyperparameters = {
        name: value
        for name, value in about.get("hyperparameters", {}).items()
        if name not in ("channels", "scaling")
    }
    with dtype_policy(policy):
        if find(about["model"]).input_kind != "ecg":
            return _single(about["model"], hyperparameters, about)
        backbones = {
            branch: _single(backbone["model"], backbone.get("hyperparameters", {}), about)
            for branch, backbone in about["trunks"].items()
        }
        return build(
            about["model"],
            **backbones,
            channels=about["channels"],
            scaling=about["scaling"],
            **hyperparameters,
        )


@contextlib.contextmanager
def dtype_policy(name):
    """Within it layers are made with the Keras dtype policy `name`."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def _single(model, hyperparameters, about):
    leads, classes = len(about["leads"]), len(about["class_names"])
    if find(model).input_kind == "signal":
        shape = SAMPLES, leads
    else:
        size = about["image_size"]
        shape = size, size, leads * len(about["channels"])
    return build(model, shape, classes, **hyperparameters)


def _with_backbones(about, path):
    try:
        backbones, frozen = describe_backbones(read_config(path))
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    hyperparameters = about.get("hyperparameters", {})
    if "frozen" in find(about["model"]).hyperparameters:
        hyperparameters = {"frozen": frozen, **hyperparameters}
    return check_about({**about, "trunks": backbones, "hyperparameters": hyperparameters}, path)


def _shapes(about):
    """{key: shape} of the weights of a network that is described, without making them.

    A description may ask for more weights than there is memory. Keras keeps a list of those that
    are still to be made, for each thread: this one's ends with it.
    """
    found, errors = {}, []

    def describe():
        try:
            with keras.StatelessScope(initialize_variables=False):
                network = build_described(about)
            found.update((key, tuple(v.shape)) for key, v in _variables(network))
        except (InputError, ValueError) as error:
            errors.append(error)

    thread = threading.Thread(target=describe)
    thread.start()
    thread.join()
    if errors:
        raise InputError(str(errors[0])) from errors[0]
    return found


def _variables(network, outer=()):
    """(key, variable) of all weights, see `ecg_tf.runs.saved_weights`."""
    for layer in network.layers:
        names = (*outer, layer.name)
        if isinstance(layer, Frozen):
            yield from _variables(layer.layer, (*names, layer.layer.name))
        elif isinstance(layer, keras.Model):
            yield from _variables(layer, names)
        else:
            counts = {}
            for variable in layer.weights:
                owners = tuple(variable.path.split("/")[1:-1])
                number = counts[owners] = counts.get(owners, -1) + 1
                yield (*names, *owners, number), variable
