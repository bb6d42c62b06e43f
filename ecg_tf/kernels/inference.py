"""Networks compiled for many predictions on CPUs.

oneDNN computes a convolution, its bias, the sum with a shortcut and ReLU in one operation, with a
kernel that it has packed before, under two conditions. The kernel must be a constant of the graph.
And nothing may be between these operations, but TensorFlow computes a convolution over time as one
over images of height 1, and removes that axis after each operation.
"""

import keras
import tensorflow as tf


def compile_for_inference(network):
    """Compile a network with the weights that it has now.

    Args:
        network: functional keras.Model with one input and one output.

    Returns:
        Function from a batch of inputs to the outputs, both tf.Tensor. They are those of the
        network, up to rounding errors.
    """
    kernels = _kernels(network)

    def predict(batch):
        with keras.StatelessScope() as scope:
            for kernel, value in kernels:
                scope.add_update((kernel, tf.convert_to_tensor(value)))
            return network(batch, training=False)

    (inputs,) = network.inputs
    batch = tf.TensorSpec(inputs.shape, inputs.dtype)
    traced = tf.function(predict, autograph=False).get_concrete_function(batch)
    graph = traced.graph.as_graph_def()
    _keep_height(graph)

    def predict_with_height(batch):
        tensors = {traced.inputs[0].name: batch}
        for outside, inside in traced.graph.captures:  # weights that are no constants
            tensors[inside.name] = tf.compat.v1.get_default_graph().capture(outside)
        (outputs,) = tf.import_graph_def(graph, tensors, [traced.outputs[0].name])
        return outputs

    compiled = tf.function(predict_with_height, autograph=False).get_concrete_function(batch)
    compiled.traced = traced  # without it, TensorFlow forgets the branches of tf.cond in the graph
    return compiled


def _kernels(network):
    """Variables and their values in the dtype of the computation.

    Values of convolutions are arrays, which become constants of the graph. Those of dense layers,
    which may be large, are tensors, which are not copied.
    """
    found = []
    for layer in network._flatten_layers():  # no public method lists layers of backbones, too
        if isinstance(layer, keras.layers.Conv1D | keras.layers.Conv2D | keras.layers.Dense):
            value = tf.cast(layer.kernel, layer.compute_dtype)
            found.append(
                (layer.kernel, value if isinstance(layer, keras.layers.Dense) else value.numpy())
            )
    return found


def _keep_height(graph):
    """Change a GraphDef: the axis of height 1 is removed only where an operation needs it removed.

    Before, it is removed after each convolution and pooling over time, and added before each.
    """
    nodes = {node.name: node for node in graph.node}
    with_height = {}  # name of a result without this axis: name of the same result with it
    for node in list(graph.node):
        inputs = [with_height.get(name) for name in node.input]
        if node.op == "Squeeze" and nodes[node.input[0]].op in ("Conv2D", "AvgPool", "MaxPool"):
            if list(node.attr["squeeze_dims"].list.i) in ([1], [-3]):
                with_height[node.name] = node.input[0]
        elif node.op == "ExpandDims" and inputs[0]:
            if tf.make_ndarray(nodes[node.input[1]].attr["value"].tensor) in (1, -3):
                _replace(node, "Identity", inputs[0])
        elif (node.op in ("BiasAdd", "Relu") and inputs[0]) or (node.op == "AddV2" and all(inputs)):
            copy = graph.node.add()
            copy.CopyFrom(node)
            copy.attr.pop("_output_shapes", None)
            copy.name = with_height[node.name] = f"{node.name}/with_height"
            copy.input[:] = [new or old for new, old in zip(inputs, node.input, strict=True)]
            _replace(node, "Squeeze", copy.name)
            node.attr["squeeze_dims"].list.i.append(1)


def _replace(node, operation, argument):
    dtype = node.attr["T"].type
    node.ClearField("attr")
    node.attr["T"].type = dtype
    node.op = operation
    node.input[:] = [argument]
