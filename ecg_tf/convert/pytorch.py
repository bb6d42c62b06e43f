"""PyTorch state dicts of the study's networks to Keras networks with the same outputs."""

import numpy as np
from absl import logging

from ecg_tf.convert.conversions import CONVERSIONS
from ecg_tf.convert.tensors import size
from ecg_tf.errors import InputError
from ecg_tf.leads import LEADS, SAMPLES
from ecg_tf.models import build, find
from ecg_tf.models.flow import backbone as backbone_of
from ecg_tf.preprocessing import CHANNELS, IMAGE_SIZE

_MOST_CLASSES = 1000


def from_pytorch(name, state, signal=None, image=None, channels=CHANNELS, **options):
    """The network of a state dict of the study's code.

    Filters, layers, units, leads and classes are read from the shapes of the tensors. Where the
    study's code differs from our default, the network follows the study's code: `softmax_over` of
    AlexNet with attention, `last_step` of early fusion, `mix_time_and_leads` of the networks with
    convolutions over time.

    Args:
        name: name of the network, one of `ecg_tf.models.MODELS`.
        state: {PyTorch name: numpy array}, see `ecg_tf.convert.checkpoint.read_state_dict`.
        signal: the signal network of a late fusion, whose state dict has no backbones.
        image: the image network of a late fusion.
        channels: the images of each lead that a fusion takes.
        **options: other hyper-parameters of the network, such as `dropout_in_predictions` of `vgg`.

    Returns:
        keras.Model to float32 logits (batch, class).

    Raises:
        InputError: an unknown network, the weights of another one, or a tensor that is missing, not
            expected or of another shape.
    """
    input_kind = find(name).input_kind
    found = _recognized(state)
    if found != name:
        raise InputError(f"looks like {found}, expected {name}")
    conversion = CONVERSIONS[name]
    unused = conversion.unused_names(state)
    if unused:
        logging.info("%s: left out, as the study's code never uses it: %s", name, ", ".join(unused))
        state = {key: tensor for key, tensor in state.items() if key not in unused}
    if input_kind != "ecg":
        classes = size(state, conversion.classes, most=_MOST_CLASSES)
        network = _untrained(state, input_kind, classes, **options)
        _load(_pairs(network, conversion), state)
        return network

    backbones, pairs = {"signal": signal, "image": image}, []
    for branch, prefix in conversion.backbones.items():
        inner = {k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)}
        classes = size(state, conversion.classes, most=_MOST_CLASSES)
        backbone = backbones[branch] = _untrained(inner, branch, classes)
        pairs += [
            (variable, source.below(prefix))
            for variable, source in _pairs(backbone, CONVERSIONS[backbone.name])
            if conversion.backbone_logits or not variable.path.startswith("logits/")
        ]
    hyperparameters = {**conversion.hyperparameters(state), **options}
    network = build(name, **backbones, channels=channels, **hyperparameters)
    _load([*pairs, *_pairs(network, conversion)], state)
    return network


def _recognized(state):
    names = (name for name, conversion in CONVERSIONS.items() if conversion.recognizes(state))
    return next(names, f"none of the study's networks ({', '.join(list(state)[:3])}, …)")


def _untrained(state, input_kind, classes, **options):
    """A single network with the sizes that its state has."""
    name = _recognized(state)
    if name not in CONVERSIONS or find(name).input_kind != input_kind:
        raise InputError(f"looks like {name}, expected a network that takes a {input_kind}")
    conversion = CONVERSIONS[name]
    if input_kind == "image":
        columns = size(state, conversion.first, 1, most=len(LEADS) * len(CHANNELS))
        shape = (IMAGE_SIZE, IMAGE_SIZE, columns)
    else:
        shape = (SAMPLES, size(state, conversion.first, 1, most=len(LEADS)))
    return build(name, shape, classes, **conversion.hyperparameters(state), **options)


def _pairs(network, conversion):
    """[(Keras variable, `Source`)] of a network's weights, without those of its backbones."""
    own = (layer for layer in network.layers if not backbone_of(layer))
    variables = {variable.path: variable for layer in own for variable in layer.variables}
    sources = conversion.weights(network)
    return [(variables[path], source) for path, source in sources.items()]


def _load(pairs, state):
    """Assign the tensors to the variables, after a check of every name and shape."""
    expected = {}
    for variable, source in pairs:
        expected |= zip(source.names, source.shapes(tuple(variable.shape)), strict=True)
    _check(expected, state)
    for variable, source in pairs:
        variable.assign(source.weight(*(state[name] for name in source.names)))


def _check(expected, state):
    found = {name: np.shape(tensor) for name, tensor in state.items()}
    shared = expected.keys() & found.keys()
    faults = {
        "missing": [name for name in expected if name not in found],
        "not expected": [name for name in found if name not in expected],
        "of another shape": [
            f"{name} {found[name]}, expected {shape}"
            for name, shape in expected.items()
            if name in shared and found[name] != shape
        ],
    }
    messages = [f"{fault}: {', '.join(names[:5])}" for fault, names in faults.items() if names]
    if messages:
        raise InputError("; ".join(messages))
