"""GRU for JAX: a loop over time that contains only what depends on the state.

The inputs are multiplied in one product before the loop, and the gradient of each weight is one
product after it. J. Appleyard, T. Kočiský, P. Blunsom, Optimizing performance of recurrent neural
networks on GPUs, 2016, https://arxiv.org/abs/1604.01946
"""

import functools

import jax
import jax.numpy as jnp


@functools.partial(jax.custom_vjp, nondiff_argnums=(5, 6))
def gru(x, h0, kernel, recurrent_kernel, bias, backwards=False, dtype="float32"):
    """Compute a GRU whose reset gate acts after the recurrent product.

    K. Cho et al., Learning phrase representations using RNN encoder-decoder for statistical machine
    translation, EMNLP 2014, https://arxiv.org/abs/1406.1078, version 1.

    Args:
        x: (batch, time, feature) float32.
        h0: (batch, unit) float32, initial state.
        kernel: (feature, 3 unit) weights of update gate, reset gate and candidate, as in Keras.
        recurrent_kernel: (unit, 3 unit).
        bias: (2, 3 unit) biases of the inputs and of the states.
        backwards: whether to start at the last sample; outputs are in the order of computation.
        dtype: "float32", "float16" or "bfloat16", to which the factors of matrix products and what
            is stored for the gradient are rounded. All else is computed in float32.

    Returns:
        (batch, time, unit) float32 outputs.
    """
    return _forward(x, h0, kernel, recurrent_kernel, bias, backwards, dtype)[0]


def _forward(x, h0, kernel, recurrent_kernel, bias, backwards, dtype):
    """Outputs, and what `_backward` needs."""
    x = jnp.swapaxes(x.astype(dtype), 0, 1)
    x = x[::-1] if backwards else x
    from_inputs = _product(x, kernel, dtype) + bias[0]

    def step(h, from_input):
        from_state = _product(h, recurrent_kernel, dtype) + bias[1]
        z_input, r_input, n_input = jnp.split(from_input, 3, axis=1)
        z_state, r_state, n_state = jnp.split(from_state, 3, axis=1)
        z, r = jax.nn.sigmoid(z_input + z_state), jax.nn.sigmoid(r_input + r_state)
        n = jnp.tanh(n_input + r * n_state)
        kept = [value.astype(dtype) for value in (h, z, r, n, n_state)]
        h = n + z * (h - n)
        return h, (h, kept)

    _, (outputs, kept) = jax.lax.scan(step, h0, from_inputs)
    return jnp.swapaxes(outputs, 0, 1), (x, kept, kernel, recurrent_kernel)


def _backward(backwards, dtype, saved, d_outputs):
    """Gradients of the first five arguments of `gru`."""
    x, kept, kernel, recurrent_kernel = saved

    def step(dh, values):
        d_output, *values = values
        h, z, r, n, n_state = (value.astype("float32") for value in values)
        dh += d_output
        dz = dh * (h - n) * z * (1 - z)
        dn = dh * (1 - z) * (1 - n * n)
        dr = dn * n_state * r * (1 - r)
        d_input = jnp.concatenate([dz, dr, dn], axis=1)
        d_state = jnp.concatenate([dz, dr, dn * r], axis=1)
        dh = dh * z + _product(d_state, recurrent_kernel.T, dtype)
        return dh, (d_input, d_state)

    dh0, (d_inputs, d_states) = jax.lax.scan(
        step,
        jnp.zeros(kept[0].shape[1:], "float32"),
        (jnp.swapaxes(d_outputs, 0, 1), *kept),
        reverse=True,
    )
    dx = _product(d_inputs, kernel.T, dtype)
    dx = jnp.swapaxes(dx[::-1] if backwards else dx, 0, 1)
    d_bias = jnp.stack([d_inputs.sum((0, 1)), d_states.sum((0, 1))])
    return (
        dx,
        dh0,
        _product(_rows(x).T, _rows(d_inputs), dtype),
        _product(_rows(kept[0]).T, _rows(d_states), dtype),
        d_bias,
    )


def _product(a, b, dtype):
    """Matrix product of arrays rounded to `dtype`; its sums are float32."""
    return jnp.matmul(a.astype(dtype), b.astype(dtype), preferred_element_type="float32")


def _rows(array):
    return array.reshape(-1, array.shape[-1])


gru.defvjp(_forward, _backward)
