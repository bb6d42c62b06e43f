"""Separation of a fusion network into its branches, to explain each of them."""

import dataclasses

import keras

from ecg_tf.models.flow import backbone, flow


@dataclasses.dataclass(frozen=True)
class Branches:
    """The parts of a fusion network, which share its weights, in inference mode.

    Attributes:
        inputs: model from ECGs (batch, time, lead), millivolt, to signals and images.
        signal: the signal backbone.
        image: the image backbone.
        joined: model from a list of the outputs of both backbones to logits (batch, class).
    """

    inputs: keras.Model
    signal: keras.Model
    image: keras.Model
    joined: keras.Model


def take_apart(network):
    """Separate a network built with `ecg_tf.models.branches.branches` into `Branches`."""
    steps = [_backbone_step(network, name) for name in ("signal", "image")]
    return Branches(
        keras.Model(network.input, [network.get_layer(n).output for n in ("signal", "image")]),
        *(backbone(step.operation) for step in steps),
        keras.Model([step.output_tensors[0] for step in steps], network.output),
    )


def _backbone_step(network, name):
    """The step of the backbone whose input is the layer `name`."""
    return next(
        step
        for step in flow(network)
        if backbone(step.operation) and step.parent_nodes[0].operation.name == name
    )
