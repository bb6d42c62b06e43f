"""How data flows through a network: its steps, each branch in one piece."""

import keras


def flow(network):
    """The steps of a functional network, each after all that it needs, branch after branch.

    Args:
        network: keras.Model, functional.

    Returns:
        A list of Keras' nodes. Each has an `operation` (a layer, or what a slice of a tensor
        becomes), the `arguments` of its call, `parent_nodes` and `output_tensors`.
    """
    steps = []

    def follow(node):
        if node not in steps:
            for parent in node.parent_nodes:
                follow(parent)
            steps.append(node)

    for output in keras.tree.flatten(network.outputs):
        history = output._keras_history  # Keras has no public way back from a tensor
        follow(history.operation._inbound_nodes[history.node_index])
    return steps


def output_shape(step):
    """The shape of what a step gives for one record."""
    return tuple(step.output_tensors[0].shape[1:])


def backbone(operation):
    """The network inside a network that `operation` is or, `Frozen`, wraps; None for others."""
    inner = getattr(operation, "layer", operation)
    return inner if isinstance(inner, keras.Model) else None
