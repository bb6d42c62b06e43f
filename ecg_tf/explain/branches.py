"""A two-branch network taken apart, so that either branch can be asked alone."""

import dataclasses

import keras

from ecg_tf.models.flow import backbone, flow


@dataclasses.dataclass(frozen=True)
class Branches:
    """The parts of a fusion; each shares its weights and is as in inference.

    Attributes:
        inputs: from ecg (batch, 1000, lead) millivolt to signals and images.
        signal: the signal backbone, from signals on.
        image: the image backbone, from images on.
        joined: from what both backbones give, a list of two, to logits (batch, class).
    """

    inputs: keras.Model
    signal: keras.Model
    image: keras.Model
    joined: keras.Model


def take_apart(network):
    """The `Branches` of a network that `ecg_tf.models.branches.branches` is part of."""
    steps = [_backbone_step(network, name) for name in ("signal", "image")]
    return Branches(
        keras.Model(network.input, [network.get_layer(n).output for n in ("signal", "image")]),
        *(backbone(step.operation) for step in steps),
        keras.Model([step.output_tensors[0] for step in steps], network.output),
    )


def _backbone_step(network, name):
    """The step of the backbone that the layer `name` leads into."""
    return next(
        step
        for step in flow(network)
        if backbone(step.operation) and step.parent_nodes[0].operation.name == name
    )
