"""The parts of a conversion: which PyTorch tensor becomes which Keras weight."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable

import numpy as np

from ecg_tf.convert.tensors import size
from ecg_tf.errors import InputError


@dataclasses.dataclass(frozen=True)
class Conversion:
    """The conversion of one network.

    Attributes:
        sign: name of a tensor that distinguishes the network from those below it in
            `ecg_tf.convert.conversions.CONVERSIONS`.
        hyperparameters: function from a state dict to {hyper-parameter: value} that
            `ecg_tf.models.build` takes: those that the shapes tell, and those in which the study's
            code differs from our default.
        weights: function from the Keras network to {path of its weight: `Source`}. Backbones of a
            two-branch network are not among them.
        first: name of the tensor with the network's inputs on axis 1; None for a fusion.
        classes: name of the tensor with the classes on axis 0; None for a late fusion.
        backbones: {branch: prefix of the names of its tensors} of a fusion that has them in its
            state dict.
        backbone_logits: True if these backbones have their logits.
        also: function from a state dict to False if the network is another one with the same
            `sign`.
        unused: pattern of the names of tensors that the study's code holds, but never uses.
    """

    sign: str
    hyperparameters: Callable
    weights: Callable
    first: str | None = None
    classes: str | None = None
    backbones: dict[str, str] = dataclasses.field(default_factory=dict)
    backbone_logits: bool = True
    also: Callable = lambda state: True
    unused: str | None = None

    def recognizes(self, state):
        """True if `state` has the tensors of this network."""
        return self.sign in state and self.also(state)

    def unused_names(self, state):
        """The names of the tensors in `state` that no network uses."""
        return [name for name in state if self.unused and re.fullmatch(self.unused, name)]


def filters(state, first):
    """{"nb_filters": filters of the first convolution}."""
    count = size(state, first)
    check_numbers(state, 288 * count**2, f"{count} filters")  # the least that such a network has
    return {"nb_filters": count}


def check_numbers(state, least, network):
    """Refuse sizes that are damaged before a network is built by them."""
    found = sum(np.size(tensor) for tensor in state.values())
    if found < least:
        raise InputError(f"{found} numbers, expected {least} or more for {network}")
