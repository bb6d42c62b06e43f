"""A GRU of plain operations: a loop of few, long steps.

A step of a loop costs TensorFlow more time than the GRU takes for one sample, and LiteRT copies the
inputs of all samples at each step. So each step computes several samples.
"""

import tensorflow as tf

_SAMPLES = 10  # largest number of samples in a step


def gru_loop(x, h0, kernel, recurrent_kernel, bias, backwards):
    """GRU whose reset gate acts after the recurrent product (Cho et al. 2014, version 1).

    Arguments and outputs are those of `ecg_tf.kernels.gru.gru`.
    """
    (batch, time, _), units = x.shape, h0.shape[1]
    any_batch = batch or -1  # as reshape wants it
    samples = max(n for n in range(1, _SAMPLES + 1) if time % n == 0)
    steps = time // samples
    x = tf.reverse(x, [1]) if backwards else x
    inputs = tf.transpose(x @ kernel + bias[0], (1, 0, 2))
    inputs = tf.reshape(inputs, (steps, samples, any_batch, 3 * units))
    outputs = tf.TensorArray(tf.float32, steps, element_shape=(samples, batch, units))

    def step(k, h, outputs):
        states = []
        for from_input in tf.unstack(inputs[k]):
            from_state = h @ recurrent_kernel + bias[1]
            gates = tf.sigmoid(from_input[:, : 2 * units] + from_state[:, : 2 * units])
            z, r = tf.split(gates, 2, axis=1)
            candidate = tf.tanh(from_input[:, 2 * units :] + r * from_state[:, 2 * units :])
            h = candidate + z * (h - candidate)
            states.append(h)
        return k + 1, h, outputs.write(k, tf.stack(states))

    _, _, outputs = tf.while_loop(lambda k, *_: k < steps, step, (0, h0, outputs))
    return tf.transpose(tf.reshape(outputs.stack(), (time, any_batch, units)), (1, 0, 2))
