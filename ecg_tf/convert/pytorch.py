"""PyTorch state dicts of the study's networks to Keras networks with the same answers."""

import re

import numpy as np

from ecg_tf.convert.layouts import (
    GRU,
    BatchNormalization,
    Conv2D,
    Dense,
    DenseAfterFlatten,
    SelfAttention,
)
from ecg_tf.errors import InputError
from ecg_tf.leads import LEADS, SAMPLES
from ecg_tf.models import build, find
from ecg_tf.models.resnet import BLOCKS
from ecg_tf.preprocessing import CHANNELS, IMAGE_SIZE

# A network has this tensor, and none of the networks below it has.
_SIGNS = {
    "img_model.linear_3.weight": "early_fusion",
    "img_model.linear_2.weight": "joint_fusion",
    "hidden.weight": "late_fusion",
    "attention1.gamma": "alexnet_attention",
    "conv2d_1.weight": "alexnet",
    "layer1.0.conv1.weight": "resnet",
    "attention.attention.weight": "gru_attention",
    "rnn.weight_ih_l0_reverse": "bigru",
    "rnn.weight_ih_l0": "gru",
}

# What the study's code does otherwise than our networks by default: its weights are meant for that.
_AS_IN_THE_STUDY = {
    "alexnet_attention": {"softmax_over": "queries"},
    "early_fusion": {"last_step": True},
}

_MOST_CLASSES = 1000

_BACKBONES = {"signal": "sig_model.", "image": "img_model."}  # of early and joint fusion


def from_pytorch(name, state, signal=None, image=None, channels=CHANNELS):
    """The network of a state dict of the study's code.

    Filters, layers, units, leads and classes are read from the shapes of the tensors. Where the
    study's code differs from our default so that the weights mean something else, the network does
    as the study's code: `softmax_over` of AlexNet with attention, `last_step` of early fusion.

    Args:
        name: which network it is, one of `ecg_tf.models.MODELS`.
        state: {PyTorch name: numpy array}, see `ecg_tf.convert.checkpoint.read_state_dict`.
        signal: the signal network of a late fusion, whose state dict holds only what follows.
        image: the image network of a late fusion.
        channels: the images of each lead that a fusion looks at.

    Returns:
        keras.Model to float32 logits (batch, class).

    Raises:
        InputError: an unknown network, the weights of another one, or a tensor that is missing,
            not expected or of another shape.
    """
    input_kind = find(name).input_kind
    found = _recognized(state)
    if found != name:
        raise InputError(f"looks like {found}, expected {name}")
    if input_kind != "ecg":
        network = _untrained(state, input_kind, _classes(name, state))
        _load(_parts(network), state)
        return network

    if name == "late_fusion":
        backbones, parts = {"signal": signal, "image": image}, []
    else:
        backbones, parts = _backbones(state)
    if name == "joint_fusion":  # whose backbones end before their logits
        parts = [
            (module, layer, layout) for module, layer, layout in parts if layer.name != "logits"
        ]
    network = build(name, **backbones, channels=channels, **hyperparameters(name, state))
    _load([*parts, *_parts(network)], state)
    return network


def hyperparameters(name, state):
    """What `ecg_tf.models.build` needs to know to build the network of a state dict.

    Args:
        name: which network it is.
        state: see `from_pytorch`.

    Returns:
        {hyper-parameter: value}: those that the shapes tell, and the study's peculiarities.

    Raises:
        InputError: a tensor that tells one is missing.
    """
    found, numbers = {}, sum(np.size(tensor) for tensor in state.values())
    if name == "late_fusion":
        found["hidden"] = _size(state, "hidden.bias")
    elif find(name).input_kind == "image":
        filters = found["nb_filters"] = _size(state, _first_convolution(name))
        # The least that such a network has. Before it is built: what tells its size may be damaged.
        _check_numbers(288 * filters**2, numbers, f"{filters} filters")
    elif find(name).input_kind == "signal":
        units = found["hidden_size"] = _size(state, "rnn.weight_hh_l0", axis=1)
        layers = sum(bool(re.fullmatch(r"rnn\.weight_ih_l\d+", key)) for key in state)
        found["num_layers"] = layers
        _check_numbers(layers * 3 * units**2, numbers, f"{layers} layers of {units} units")
    return found | _AS_IN_THE_STUDY.get(name, {})


def _check_numbers(least, found, network):
    if found < least:
        raise InputError(f"{found} numbers, expected {least} or more for {network}")


def _recognized(state):
    names = (name for sign, name in _SIGNS.items() if sign in state)
    return next(names, f"none of the study's networks ({', '.join(list(state)[:3])}, …)")


def _backbones(state):
    """The backbones in the state of a fusion, not yet loaded, and their parts."""
    backbones, parts = {}, []
    for branch, prefix in _BACKBONES.items():
        inner = {k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)}
        backbones[branch] = _untrained(inner, branch, _size(state, "out.bias", most=_MOST_CLASSES))
        parts += _parts(backbones[branch], prefix)
    return backbones, parts


def _untrained(state, input_kind, classes):
    """A single network with the sizes that its state has."""
    name = _recognized(state)
    if name not in _SIGNS.values() or find(name).input_kind != input_kind:
        raise InputError(f"looks like {name}, expected a network that takes a {input_kind}")
    if input_kind == "image":
        most = len(LEADS) * len(CHANNELS)
        shape = (IMAGE_SIZE, IMAGE_SIZE, _size(state, _first_convolution(name), 1, most))
    else:
        shape = (SAMPLES, _size(state, "rnn.weight_ih_l0", 1, len(LEADS)))
    return build(name, shape, classes, **hyperparameters(name, state))


def _first_convolution(name):
    return "conv1.weight" if name == "resnet" else "conv2d_1.weight"


def _classes(name, state):
    bias = "linear_3.bias" if name.startswith("alexnet") else "fc.bias"
    return _size(state, bias, most=_MOST_CLASSES)


def _size(state, name, axis=0, most=None):
    """Size of a tensor along an axis."""
    if name not in state:
        raise InputError(f"misses {name}")
    shape = np.shape(state[name])
    if len(shape) <= axis or not shape[axis]:
        raise InputError(f"{name} has shape {shape}")
    if most is not None and shape[axis] > most:
        raise InputError(f"{name} has shape {shape}, expected at most {most} on axis {axis}")
    return shape[axis]


def _parts(network, prefix=""):
    """[(PyTorch module, Keras layer, layout)] of a network, save the backbones of a fusion."""
    return [
        (prefix + module, network.get_layer(layer), layout)
        for module, layer, layout in _TABLES[network.name](network)
    ]


def _alexnet(network):
    parts = [(f"conv2d_{k}", f"conv{k}", Conv2D()) for k in range(1, 6)]
    if network.name == "alexnet_attention":
        parts += [(f"attention{k}", f"attention{k}", SelfAttention()) for k in (1, 3)]
    return [
        *parts,
        ("linear_1", "dense1", DenseAfterFlatten(256)),
        ("linear_2", "dense2", Dense()),
        ("linear_3", "logits", Dense()),
    ]


def _resnet(_):
    pairs = [("conv1", "batch_norm1", "conv1")]
    for stage, blocks in enumerate(BLOCKS, start=1):
        for block in range(blocks):
            theirs, ours = f"layer{stage}.{block}", f"stage{stage}_block{block + 1}"
            pairs += [
                (f"{theirs}.conv{k}", f"{theirs}.batch_norm{k}", f"{ours}_conv{k}")
                for k in (1, 2, 3)
            ]
        first = f"layer{stage}.0.i_downsample"
        pairs += [(f"{first}.0", f"{first}.1", f"stage{stage}_block1_shortcut")]
    parts = []
    for conv, norm, ours in pairs:
        parts += [(conv, ours, Conv2D()), (norm, f"{ours}_norm", BatchNormalization())]
    return [*parts, ("fc", "logits", Dense())]


def _recurrent(network):
    grus = [layer.name for layer in network.layers if layer.name.startswith("gru")]
    bidirectional = network.name != "gru"
    parts = [("rnn", name, GRU(level, bidirectional)) for level, name in enumerate(grus)]
    if network.name == "gru_attention":
        parts.append(("attention.attention", "attention", Dense()))
    return [*parts, ("fc", "logits", Dense())]


def _late_fusion(_):
    return [("hidden", "hidden", Dense()), ("out", "logits", Dense())]


def _dense_fusion(network):
    after_maps = network.name == "early_fusion"
    return [
        ("fc_img", "image_features", DenseAfterFlatten(256) if after_maps else Dense()),
        ("fc1", "dense1", Dense()),
        ("fc2", "dense2", Dense()),
        ("out", "logits", Dense()),
    ]


_TABLES = {
    "alexnet": _alexnet,
    "alexnet_attention": _alexnet,
    "resnet": _resnet,
    "gru": _recurrent,
    "bigru": _recurrent,
    "gru_attention": _recurrent,
    "late_fusion": _late_fusion,
    "early_fusion": _dense_fusion,
    "joint_fusion": _dense_fusion,
}


def _load(parts, state):
    """Put the tensors into the layers, after a look at every name and shape."""
    wanted = []  # per part {PyTorch name: shape}
    for module, layer, layout in parts:
        shapes = layout.shapes(layer.weights)
        wanted.append({name: (f"{module}.{name}", tuple(shapes[name])) for name in shapes})
    _check({name: shape for part in wanted for name, shape in part.values()}, state)
    for (_, layer, layout), names in zip(parts, wanted, strict=True):
        layer.set_weights(layout.weights({key: state[name] for key, (name, _) in names.items()}))


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
    said = [f"{fault}: {', '.join(names[:5])}" for fault, names in faults.items() if names]
    if said:
        raise InputError("; ".join(said))
