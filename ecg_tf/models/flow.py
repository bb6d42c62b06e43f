"""The order in which data flows through a network."""

from typing import Any

import keras


def flow(network: keras.Model) -> list:
    """List the steps of a network: each after all of its inputs, branch after branch.

    Args:
        network: functional keras.Model.

    Returns:
        A list of Keras nodes. Each has an `operation` (a layer, or the operation of a tensor
        slice), the `arguments` of its call, `parent_nodes` and `output_tensors`.
    """
    steps = []

    def follow(node: Any) -> None:
        if node not in steps:
            for parent in node.parent_nodes:
                follow(parent)
            steps.append(node)

    for output in keras.tree.flatten(network.outputs):
        history = output._keras_history  # no public attribute leads from a tensor to its node
        follow(history.operation._inbound_nodes[history.node_index])
    return steps


def output_shape(step: Any) -> tuple[int | None, ...]:
    """The output shape of a step, without the batch axis."""
    return tuple(step.output_tensors[0].shape[1:])


def backbone(operation: object) -> keras.Model | None:
    """The inner network that `operation` is or that `Frozen` wraps; None for other operations."""
    inner = getattr(operation, "layer", operation)
    return inner if isinstance(inner, keras.Model) else None
