"""Networks built from the metadata of a run and loaded from its file, by any version of Keras."""

import contextlib
import dataclasses
import threading

import keras

from ecg_tf.errors import InputError
from ecg_tf.files import read_json
from ecg_tf.models import build, ensemble, find
from ecg_tf.models.frozen import Frozen
from ecg_tf.pretrained import place
from ecg_tf.runs.network_description import describe_backbones
from ecg_tf.runs.run_metadata import RunMetadata
from ecg_tf.runs.saved_weights import read_config, read_weights


def open_network(metadata, path, policy="float32"):
    """Build the network of a run and load its weights; nothing else is taken from the file.

    A shipped fusion has no copy of its backbones: see `ecg_tf.runs.run_metadata.Component.weights`.

    Args:
        metadata: `ecg_tf.runs.run_metadata.RunMetadata` of the run.
        path: pathlib.Path of the .keras file.
        policy: name of the Keras dtype policy.

    Returns:
        keras.Model to float32 logits (batch, class).

    Raises:
        InputError: a file that is damaged, or of another network than the metadata describe.
    """
    if metadata.input_spec.kind == "ecg" and metadata.backbones is None:
        metadata = _with_backbones(metadata, path)  # a run from before about.json held them
    try:
        expected = _shapes(metadata)
    except InputError as error:
        raise InputError(f"{path}: cannot be built as described in about.json: {error}") from error
    weights = _read_backbones(metadata, path, expected)
    own = {key: shape for key, shape in expected.items() if key not in weights}
    weights |= read_weights(path, own)
    network = build_described(metadata, policy)
    for key, variable in _variables(network):
        variable.assign(weights[key])
    return network


def build_described(metadata, policy="float32"):
    """Build the network that the metadata of a run describe, with random weights.

    Args:
        metadata: `RunMetadata`; that of a two-branch network has its backbones.
        policy: name of the Keras dtype policy.

    Returns:
        keras.Model to float32 logits (batch, class).
    """
    hyperparameters = {
        name: value
        for name, value in metadata.hyperparameters.items()
        if name not in ("channels", "scaling")
    }
    with dtype_policy(policy):
        spec = metadata.input_spec
        rate, classes = spec.sampling_rate, len(metadata.class_names)

        def build_part(part, shape):
            given = part.hyperparameters or {}
            return build(part.model, shape, classes, sampling_rate=rate, **given)

        if metadata.members:
            return ensemble([build_part(member, spec.shape) for member in metadata.members])
        if spec.kind != "ecg":
            return build(metadata.model, spec.shape, classes, sampling_rate=rate, **hyperparameters)
        backbones = {
            branch: build_part(backbone, spec.backbone(branch).shape)
            for branch, backbone in metadata.backbones.items()
        }
        return build(
            metadata.model,
            **backbones,
            channels=spec.channels,
            scaling=spec.scaling,
            sampling_rate=rate,
            **hyperparameters,
        )


@contextlib.contextmanager
def dtype_policy(name):
    """Make layers with the Keras dtype policy `name` within a `with` statement."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def _with_backbones(metadata, path):
    try:
        backbones, frozen = describe_backbones(read_config(path))
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    hyperparameters = metadata.hyperparameters
    if "frozen" in find(metadata.model).hyperparameters:
        hyperparameters = {"frozen": frozen, **hyperparameters}
    metadata = dataclasses.replace(metadata, backbones=backbones, hyperparameters=hyperparameters)
    return RunMetadata.from_json(metadata.to_json(), path)


def _shapes(metadata):
    """{key: shape} of the weights of the network that the metadata describe, without making them.

    Damaged metadata may describe more weights than there is memory. Keras keeps a list of the
    weights still to be made for each thread; the list of a thread of its own ends with it.
    """
    found, errors = {}, []

    def describe():
        try:
            with keras.StatelessScope(initialize_variables=False):
                network = build_described(metadata)
            found.update((key, tuple(v.shape)) for key, v in _variables(network))
        except (InputError, ValueError) as error:
            errors.append(error)

    thread = threading.Thread(target=describe)
    thread.start()
    thread.join()
    if errors:
        raise InputError(str(errors[0])) from errors[0]
    return found


def _read_backbones(metadata, path, expected):
    """{key: array} of the frozen backbones whose weights are those of shipped networks."""
    found = {}
    for branch, backbone in (metadata.backbones or {}).items():
        if backbone.weights is None:
            continue
        folder = place(backbone.weights)
        started = read_json(folder / "about.json").get("started")
        if started != backbone.started:
            raise InputError(
                f"{path}: the training of its {branch} backbone started at {backbone.started}, "
                f"that of {backbone.weights} at {started}: another network"
            )
        outer = (backbone.model, backbone.model)  # the layer `Frozen` and the network in it
        inner = {key[2:]: shape for key, shape in expected.items() if key[:2] == outer}
        weights = read_weights(folder / "model.keras", inner)
        found |= {(*outer, *key): value for key, value in weights.items()}
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
