"""Recurrent networks, without and with convolutions before them, from the study's code."""

import dataclasses
import functools
import re

import numpy as np

from ecg_tf.convert.conversion import Conversion, check_numbers
from ecg_tf.convert.tensors import biases, conv1d, dense, gru_biases, gru_kernel, same, size
from ecg_tf.models.cnn_recurrent import BLOCKS, KERNEL
from ecg_tf.models.recurrent import RECURRENT_NAME

_GATES = {"gru": 3, "lstm": 4, "rnn": 1}


def _logits():
    return {"logits/kernel": dense("fc.weight"), "logits/bias": same("fc.bias")}


def _one_way(network, kind, theirs):
    weights = {}
    for level in range(_levels(network)):
        weights |= _cell(kind, f"{kind}{level + 1}", f"{theirs}.{{}}_l{level}")
    return weights | _logits()


def _both_ways(network, kind, theirs):
    weights = {}
    for level in range(_levels(network)):
        ours = f"{kind}{level + 1}"
        weights |= _cell(kind, f"{ours}/forward_{ours}", f"{theirs}.{{}}_l{level}")
        weights |= _cell(kind, f"{ours}/backward_{ours}", f"{theirs}.{{}}_l{level}_reverse")
    return weights | _logits()


def _gru_attention(network):
    return {
        **_both_ways(network, "gru", "rnn"),
        "attention/kernel": dense("attention.attention.weight"),
        "attention/bias": same("attention.attention.bias"),
    }


def _after_convolutions(network, kind):
    weights = _one_way(network, kind, kind)
    for number in range(1, BLOCKS + 1):
        weights |= {
            f"conv{number}/kernel": conv1d(f"cnn1d_{number}.weight"),
            f"conv{number}/bias": same(f"cnn1d_{number}.bias"),
        }
    return weights


def _cell(kind, ours, theirs):
    kernel_of, biases_of = (gru_kernel, gru_biases) if kind == "gru" else (dense, biases)
    return {
        f"{ours}/{kind}_cell/kernel": kernel_of(theirs.format("weight_ih")),
        f"{ours}/{kind}_cell/recurrent_kernel": kernel_of(theirs.format("weight_hh")),
        f"{ours}/{kind}_cell/bias": biases_of(theirs.format("bias_ih"), theirs.format("bias_hh")),
    }


def _levels(network):
    return sum(bool(RECURRENT_NAME.fullmatch(layer.name)) for layer in network.layers)


def _units(state, kind, theirs):
    """{"hidden_size": units, "num_layers": number of recurrent layers}."""
    units = size(state, f"{theirs}.weight_hh_l0", axis=1)
    layers = sum(bool(re.fullmatch(rf"{theirs}\.weight_ih_l\d+", name)) for name in state)
    check_numbers(state, layers * _GATES[kind] * units**2, f"{layers} layers of {units} units")
    return {"hidden_size": units, "num_layers": layers}


def _units_and_filters(state, kind):
    units = _units(state, kind, kind)["hidden_size"]
    filters = size(state, "cnn1d_1.weight")
    check_numbers(state, 10 * KERNEL * filters**2, f"{filters} filters")
    return {"hidden_size": units, "nb_filters": filters, "mix_time_and_leads": True}


def _is_simple(state):
    """True for a simple RNN, whose tensors have the names of a GRU's, but have no gates."""
    shape = np.shape(state.get("rnn.weight_hh_l0"))
    return len(shape) == 2 and shape[0] == shape[1]


def _conversion(kind, theirs, weights, **more):
    return Conversion(
        hyperparameters=functools.partial(_units, kind=kind, theirs=theirs),
        weights=functools.partial(weights, kind=kind, theirs=theirs),
        first=f"{theirs}.weight_ih_l0",
        classes="fc.bias",
        **more,
    )


GRU = _conversion("gru", "rnn", _one_way, sign="rnn.weight_ih_l0")
BIGRU = _conversion("gru", "rnn", _both_ways, sign="rnn.weight_ih_l0_reverse")
GRU_ATTENTION = dataclasses.replace(
    BIGRU, sign="attention.attention.weight", weights=_gru_attention
)
RNN = _conversion("rnn", "rnn", _one_way, sign="rnn.weight_ih_l0", also=_is_simple)
LSTM = _conversion("lstm", "lstm", _one_way, sign="lstm.weight_ih_l0")
BILSTM = _conversion("lstm", "lstm", _both_ways, sign="lstm.weight_ih_l0_reverse")
CNN_GRU = Conversion(
    sign="gru.weight_ih_l0",
    hyperparameters=functools.partial(_units_and_filters, kind="gru"),
    weights=functools.partial(_after_convolutions, kind="gru"),
    first="cnn1d_1.weight",
    classes="fc.bias",
)
CNN_LSTM = Conversion(
    sign="cnn1d_1.weight",
    hyperparameters=functools.partial(_units_and_filters, kind="lstm"),
    weights=functools.partial(_after_convolutions, kind="lstm"),
    first="cnn1d_1.weight",
    classes="fc.bias",
)
