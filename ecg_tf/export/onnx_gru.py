"""A GRU as one node of an ONNX graph; by default tf2onnx makes a loop of small nodes."""

import tensorflow as tf

_CARRIER = "PyFunc"  # a TensorFlow operation that accepts any inputs; it is never run


def traced_gru(x, h0, kernel, recurrent_kernel, bias, backwards):
    """Add an operation to a TensorFlow graph that `HANDLERS` turn into ONNX's GRU.

    Args:
        x: (batch, time, feature) float32; time and feature are known.
        h0: (batch, unit) first state.
        kernel: (feature, 3 unit): update gate, reset gate, candidate, as in Keras and ONNX.
        recurrent_kernel: (unit, 3 unit).
        bias: (2, 3 unit), of the inputs and of the states.
        backwards: True to start at the last sample; the outputs are in the order of computation.

    Returns:
        (batch, time, unit) float32 outputs.
    """
    time, units = x.shape[1], h0.shape[1]
    x = tf.transpose(x, (1, 0, 2))  # ONNX's default order, the only one that onnxruntime supports
    inputs = [
        tf.reverse(x, [0]) if backwards else x,
        tf.transpose(kernel)[None],
        tf.transpose(recurrent_kernel)[None],
        tf.reshape(bias, (1, -1)),
        h0[None],
    ]
    outputs = tf.numpy_function(_never, inputs, tf.float32)
    outputs = tf.reshape(outputs, (time, -1, units))  # ONNX has an axis of directions, too
    return tf.transpose(outputs, (1, 0, 2))


def _never(*_):
    raise AssertionError("only to be converted to ONNX")


def _node(graph, operation, *_):
    """Replace the carrier by ONNX's GRU; called by tf2onnx."""
    x, kernel, recurrent_kernel, bias, h0 = operation.input
    (outputs,) = operation.output
    units = graph.get_shape(bias)[1] // 6
    dtype = graph.get_dtype(outputs)
    graph.remove_node(operation.name)
    graph.make_node(
        "GRU",
        [x, kernel, recurrent_kernel, bias, "", h0],  # "": all sequences have the same length
        attr={"hidden_size": units, "linear_before_reset": 1},
        name=operation.name,
        outputs=[outputs],
        shapes=[[-1, 1, -1, units]],
        dtypes=[dtype],
    )


HANDLERS = {_CARRIER: (_node, [])}  # tf2onnx's custom_op_handlers
