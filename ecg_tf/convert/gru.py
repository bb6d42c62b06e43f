"""GRU, bidirectional GRU and bidirectional GRU with attention from the study's code."""

import dataclasses
import re

from ecg_tf.convert.conversion import Conversion, check_numbers
from ecg_tf.convert.tensors import dense, gru_biases, gru_kernel, same, size


def _gru(network):
    weights = {}
    for level in range(_levels(network)):
        weights |= _gru_cell(f"gru{level + 1}/gru_cell", f"l{level}")
    return {
        **weights,
        "logits/kernel": dense("fc.weight"),
        "logits/bias": same("fc.bias"),
    }


def _bigru(network):
    weights = {}
    for level in range(_levels(network)):
        ours = f"gru{level + 1}"
        weights |= _gru_cell(f"{ours}/forward_{ours}/gru_cell", f"l{level}")
        weights |= _gru_cell(f"{ours}/backward_{ours}/gru_cell", f"l{level}_reverse")
    return {
        **weights,
        "logits/kernel": dense("fc.weight"),
        "logits/bias": same("fc.bias"),
    }


def _gru_attention(network):
    return {
        **_bigru(network),
        "attention/kernel": dense("attention.attention.weight"),
        "attention/bias": same("attention.attention.bias"),
    }


def _gru_cell(ours, theirs):
    return {
        f"{ours}/kernel": gru_kernel(f"rnn.weight_ih_{theirs}"),
        f"{ours}/recurrent_kernel": gru_kernel(f"rnn.weight_hh_{theirs}"),
        f"{ours}/bias": gru_biases(f"rnn.bias_ih_{theirs}", f"rnn.bias_hh_{theirs}"),
    }


def _levels(network):
    return sum(bool(re.fullmatch(r"gru\d+", layer.name)) for layer in network.layers)


def _units(state):
    """{"hidden_size": units, "num_layers": number of GRUs}."""
    units = size(state, "rnn.weight_hh_l0", axis=1)
    layers = sum(bool(re.fullmatch(r"rnn\.weight_ih_l\d+", name)) for name in state)
    check_numbers(state, layers * 3 * units**2, f"{layers} layers of {units} units")
    return {"hidden_size": units, "num_layers": layers}


GRU = Conversion(
    sign="rnn.weight_ih_l0",
    hyperparameters=_units,
    weights=_gru,
    first="rnn.weight_ih_l0",
    classes="fc.bias",
)
BIGRU = dataclasses.replace(GRU, sign="rnn.weight_ih_l0_reverse", weights=_bigru)
GRU_ATTENTION = dataclasses.replace(GRU, sign="attention.attention.weight", weights=_gru_attention)
