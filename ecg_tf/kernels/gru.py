"""GRU for CPUs: loops compiled by XLA, one for each core's share of the batch.

TensorFlow runs the shares in parallel, each on one core, so that cores wait for each other once per
GRU instead of once per sample. Inputs and outputs have the layout of Keras, (batch, time, unit).
Each step projects its inputs while they are in the cache, unless one record is predicted. The
gradient loop uses the gates that the forward loop has stored; the gradient of each weight is then a
single product over all samples instead of a sum over steps.
"""

import functools
import os

import keras
import tensorflow as tf

MAX_SHARES = 8  # matrix products of less than about eight records do not use a core well

# tanh as a quotient of polynomials (from Eigen), accurate to a few units in the last place. LLVM
# vectorizes additions and products in such a loop, but not XLA's exp and tanh.
_BOUND = 7.905311
_NUMERATOR = (
    4.89352455891786e-03,
    6.37261928875436e-04,
    1.48572235717979e-05,
    5.12229709037114e-08,
    -8.60467152213735e-11,
    2.00018790482477e-13,
    -2.76076847742355e-16,
)
_DENOMINATOR = (
    4.89352518554385e-03,
    2.26843463243900e-03,
    1.18534705686654e-04,
    1.19825839466702e-06,
)


def gru(x, h0, kernel, recurrent_kernel, bias, backwards=False, training=False, dtype="float32"):
    """Compute a GRU whose reset gate acts after the recurrent product.

    K. Cho et al., Learning phrase representations using RNN encoder-decoder for statistical machine
    translation, EMNLP 2014, https://arxiv.org/abs/1406.1078, version 1.

    Args:
        x: (batch, time, feature) float32, with static time and feature axes.
        h0: (batch, unit) initial state.
        kernel: (feature, 3 unit) weights of update gate, reset gate and candidate, as in Keras.
        recurrent_kernel: (unit, 3 unit).
        bias: (2, 3 unit) biases of the inputs and of the states.
        backwards: whether to start at the last sample; outputs are in the order of computation.
        training: whether gradients will be computed, so that the gates are stored.
        dtype: "float32", or "bfloat16" to round the factors of all matrix products, what is stored
            for the gradient, and the gradients of the weights. All else is computed in float32.

    Returns:
        (batch, time, unit) float32 outputs.
    """
    shares = _shares(x)
    weights = kernel, recurrent_kernel, bias

    @tf.custom_gradient
    def outputs_of(*arrays):
        # In eager mode, tapes would otherwise record the operations below.
        x, h0, *weights = map(tf.stop_gradient, arrays)
        xs, h0s = _split(x, shares), _split(h0, shares)
        run = functools.partial(_forward, backwards=backwards, dtype=dtype)
        if x.shape[0] == 1 and not training and dtype == "float32":
            # All inputs of one record are projected at once, so that the layers of a network, of
            # any number of features, share one compiled loop. Outside of XLA, TensorFlow has no
            # product of bfloat16 with float32 sums.
            projected = tf.matmul(x[0], weights[0])[None]
            kept = [run(projected, h0, None, *weights[1:], keep=False)]
        else:
            kept = [run(*share, *weights, keep=training) for share in zip(xs, h0s, strict=True)]

        def gradient(d_outputs):
            gates = [values[1:] for values in kept]
            if not training:
                gates = [
                    run(*share, *weights, keep=True)[1:] for share in zip(xs, h0s, strict=True)
                ]
            gradients = [
                _backward(d, x, *values, *weights[:2], backwards=backwards, dtype=dtype)
                for d, x, values in zip(_split(d_outputs, shares), xs, gates, strict=True)
            ]
            d_weights = [
                (
                    _gradient_of_weights(x, d_inputs, dtype),
                    _gradient_of_weights(states, d_states, dtype),
                    d_bias,
                )
                for x, (states, *_), (_, _, d_bias, d_inputs, d_states) in zip(
                    xs, gates, gradients, strict=True
                )
            ]
            dx, dh0 = (tf.concat([values[k] for values in gradients], 0) for k in (0, 1))
            return dx, dh0, *map(tf.add_n, zip(*d_weights, strict=True))

        return tf.concat([values[0] for values in kept], 0), gradient

    return outputs_of(x, h0, *weights)


def _shares(x):
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(cores, MAX_SHARES, x.shape[0] or MAX_SHARES)


def _split(array, shares):
    """Split along the batch into nearly equal shares; the last ones may be empty."""
    batch = tf.shape(array)[0]
    return tf.split(array, [(batch + k) // shares for k in reversed(range(shares))], num=shares)


@tf.function(jit_compile=True, autograph=False)
def _forward(x, h0, kernel, recurrent_kernel, bias, backwards, dtype, keep):
    """Outputs in the order of computation; if `keep`, also the values for `_backward`, by time.

    `x` is already projected if `kernel` is None.
    """
    units = h0.shape[1]
    time = x.shape[1]
    empty = tf.zeros((tf.shape(x)[0], time, units))

    def step(k, h, outputs, *kept):
        t = time - 1 - k if backwards else k
        from_input = x[:, t] if kernel is None else _product(x[:, t], kernel, dtype)
        from_input += bias[0]
        from_state = _product(h, recurrent_kernel, dtype) + bias[1]
        z_and_r = _sigmoid(from_input[:, : 2 * units] + from_state[:, : 2 * units])
        z, r = z_and_r[:, :units], z_and_r[:, units:]
        candidate_state = from_state[:, 2 * units :]
        candidate = _tanh(from_input[:, 2 * units :] + r * candidate_state)
        values = h, z, r, candidate, candidate_state
        kept = [
            _put(all_, t, _kept(value, dtype)) for all_, value in zip(kept, values, strict=False)
        ]
        h = candidate + z * (h - candidate)
        return k + 1, h, _put(outputs, k, h), *kept

    start = (0, h0, empty, *([_kept(empty, dtype)] * 5 if keep else []))
    _, _, *outputs_and_kept = tf.while_loop(lambda k, *_: k < time, step, start)
    return outputs_and_kept


@tf.function(jit_compile=True, autograph=False)
def _backward(d_outputs, x, states, z, r, candidate, candidate_state, *weights, backwards, dtype):
    """Gradients of x, h0 and bias, and of what the two matrix products of each step yield."""
    kernel, recurrent_kernel = weights
    batch, time, features = tf.shape(x)[0], x.shape[1], x.shape[2]
    units = states.shape[2]

    def step(k, dh, dx, d_inputs, d_states, d_bias):
        t = time - 1 - k if backwards else k
        dh += d_outputs[:, k]
        h, z_t, r_t, candidate_t, candidate_state_t = (
            _as_float32(kept[:, t]) for kept in (states, z, r, candidate, candidate_state)
        )
        dz = dh * (h - candidate_t) * z_t * (1 - z_t)
        dn = dh * (1 - z_t) * (1 - candidate_t * candidate_t)
        dr = dn * candidate_state_t * r_t * (1 - r_t)
        d_input = tf.concat([dz, dr, dn], 1)
        d_state = tf.concat([dz, dr, dn * r_t], 1)
        dh = dh * z_t + _product(d_state, recurrent_kernel, dtype, transpose_b=True)
        dx = _put(dx, t, _product(d_input, kernel, dtype, transpose_b=True))
        d_inputs = _put(d_inputs, t, _kept(d_input, dtype))
        d_states = _put(d_states, t, _kept(d_state, dtype))
        d_bias += tf.stack([tf.reduce_sum(d_input, 0), tf.reduce_sum(d_state, 0)])
        return k - 1, dh, dx, d_inputs, d_states, d_bias

    start = (
        time - 1,
        tf.zeros((batch, units)),
        tf.zeros((batch, time, features)),
        *[_kept(tf.zeros((batch, time, 3 * units)), dtype)] * 2,
        tf.zeros((2, 3 * units)),
    )
    _, dh0, dx, d_inputs, d_states, d_bias = tf.while_loop(lambda k, *_: k >= 0, step, start)
    return dx, dh0, d_bias, d_inputs, d_states


def _gradient_of_weights(values, d_products, dtype):
    """The gradient of weights: from what they were multiplied with, and that of the products."""
    values, d_products = (
        tf.reshape(
            array if array.dtype == tf.float32 else tf.bitcast(array, dtype), (-1, array.shape[2])
        )
        for array in (values, d_products)
    )
    gradient = tf.matmul(tf.cast(values, dtype), d_products, transpose_a=True)
    return tf.cast(gradient, "float32")


def _kept(value, dtype):
    """A float32 array as loops keep it; bfloat16 as integers, as XLA copies arrays of bfloat16."""
    return value if dtype == "float32" else tf.bitcast(tf.cast(value, dtype), "uint16")


def _as_float32(kept):
    """An array from `_kept` as float32."""
    return kept if kept.dtype == tf.float32 else tf.cast(tf.bitcast(kept, "bfloat16"), "float32")


def _product(a, b, dtype, **transposed):
    """Matrix product of float32 arrays, rounded to `dtype`; its sums are float32."""
    a, b = tf.cast(a, dtype), tf.cast(b, dtype)
    return tf.linalg.matmul(a, b, output_type="float32", **transposed)


def _put(array, t, value):
    """A copy of `array` (batch, time, …) with `value` at time t."""
    return keras.ops.slice_update(array, tf.stack([0, t, 0]), value[:, None])


def _sigmoid(x):
    return 0.5 + 0.5 * _tanh(0.5 * x)


def _tanh(x):
    x = tf.clip_by_value(x, -_BOUND, _BOUND)
    square = x * x
    return x * _polynomial(_NUMERATOR, square) / _polynomial(_DENOMINATOR, square)


def _polynomial(coefficients, x):
    value = coefficients[-1]
    for coefficient in reversed(coefficients[:-1]):
        value = value * x + coefficient
    return value
