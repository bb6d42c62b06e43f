"""GRU as a plain loop, for graphs that go elsewhere."""

import tensorflow as tf


def gru_loop(x, h0, kernel, recurrent_kernel, bias, backwards=False):
    """GRU whose reset gate acts after the recurrent product, by operations that exist everywhere.

    Keras' own loop computes the same. This one keeps the weights out of the loop and its operations
    in the order of Keras 2's loop, which tf2onnx is written to know as ONNX's GRU.

    Args:
        x: (batch, time, feature) float32; time and feature are known.
        h0: (batch, unit) first state.
        kernel: (feature, 3 unit): update gate, reset gate, candidate, as in Keras.
        recurrent_kernel: (unit, 3 unit).
        bias: (2, 3 unit), of the inputs and of the states.
        backwards: whether to start at the last sample; the outputs are in the order of computation.

    Returns:
        (batch, time, unit) float32 outputs.
    """
    time = x.shape[1]
    input_bias, state_bias = tf.unstack(bias)
    x = tf.transpose(x, (1, 0, 2))
    inputs = tf.TensorArray(tf.float32, time).unstack(tf.reverse(x, [0]) if backwards else x)
    outputs = tf.TensorArray(tf.float32, time, element_shape=h0.shape)

    def step(k, h, outputs):
        from_input = tf.nn.bias_add(inputs.read(k) @ kernel, input_bias)
        from_state = tf.nn.bias_add(h @ recurrent_kernel, state_bias)
        input_z, input_r, input_candidate = tf.split(from_input, 3, axis=1)
        state_z, state_r, state_candidate = tf.split(from_state, 3, axis=1)
        z = tf.sigmoid(input_z + state_z)
        r = tf.sigmoid(input_r + state_r)
        h = z * h + (1 - z) * tf.tanh(input_candidate + r * state_candidate)
        return k + 1, h, outputs.write(k, h)

    _, _, outputs = tf.while_loop(lambda k, *_: k < time, step, (0, h0, outputs))
    return tf.transpose(outputs.stack(), (1, 0, 2))
