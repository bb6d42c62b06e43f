"""A GRU layer that is faster than Keras' on CPUs under TensorFlow, and under JAX."""

import contextlib
import functools
from collections.abc import Callable, Iterator

import keras
from keras import layers, ops

from ecg_tf.layers.portable import is_portable, portable_gru


@contextlib.contextmanager
def _attribute(owner: object, name: str, value: object) -> Iterator[None]:
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)


@keras.saving.register_keras_serializable("ecg_tf")
class GRU(layers.GRU):
    """`keras.layers.GRU` with a faster implementation for CPUs, and for JAX.

    Arguments and weights are those of `keras.layers.GRU`; outputs agree to 1e-5. Under TensorFlow
    without a GPU, `ecg_tf.kernels.gru` computes the layer, under JAX `ecg_tf.kernels.gru_jax`; in
    bfloat16, under JAX in float16 as well, they round only the factors of matrix products, the
    outputs, and what the gradient is computed from. Keras computes the layer in all other cases:
    TensorFlow on a GPU, PyTorch, masks, dropout inside the GRU, other activations.

    Args:
        *args: arguments of `keras.layers.GRU`.
        **kwargs: arguments of `keras.layers.GRU`.

    See Also:
        `ecg_tf.layers.portable.portable`: replaces the implementation for exports.

    References:
        K. Cho et al., Learning phrase representations using RNN encoder-decoder for statistical
        machine translation, EMNLP 2014, https://arxiv.org/abs/1406.1078

    Examples:
        >>> import numpy as np
        >>> from ecg_tf.layers import GRU
        >>> tuple(GRU(8, return_sequences=True)(np.zeros((2, 50, 3), "float32")).shape)
        (2, 50, 8)
    """

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        if keras.backend.backend() == "tensorflow":
            self.supports_jit = False  # inside a compiled model, only one core would be used

    def inner_loop(
        self,
        sequences: keras.KerasTensor,
        initial_state: keras.KerasTensor,
        mask: keras.KerasTensor,
        training: bool = False,
    ) -> tuple:
        gru = self._in_place_of_keras(sequences, mask, training)
        if gru is None:
            # An export must also run without a GPU.
            with _attribute(self, "use_cudnn", False if is_portable() else self.use_cudnn):
                return super().inner_loop(sequences, initial_state, mask, training)
        (state,) = initial_state if isinstance(initial_state, list) else [initial_state]
        weights = self.cell.kernel, self.cell.recurrent_kernel, self.cell.bias
        arrays = [ops.cast(array, "float32") for array in (sequences, state, *weights)]
        outputs = gru(*arrays, backwards=self.go_backwards)
        return outputs[:, -1], outputs, [outputs[:, -1]]

    def _in_place_of_keras(
        self, sequences: keras.KerasTensor, mask: keras.KerasTensor, training: bool
    ) -> Callable | None:
        """The function that computes this layer; None for the implementation of Keras."""
        if not (
            keras.backend.backend() in ("tensorflow", "jax")
            and mask is None
            and None not in sequences.shape[1:]
            and self.compute_dtype != "float64"
            and self.cell.reset_after
            and self.cell.use_bias
            and self.cell.activation is keras.activations.tanh
            and self.cell.recurrent_activation is keras.activations.sigmoid
            and not (self.dropout or self.recurrent_dropout or self.unroll)
        ):
            return None
        if is_portable():
            return portable_gru()
        if keras.backend.backend() == "jax":
            from ecg_tf.kernels.gru_jax import gru

            return functools.partial(gru, dtype=self.compute_dtype)
        if keras.distribution.list_devices("gpu"):
            return None
        from ecg_tf.kernels.gru import gru

        rounded = self.compute_dtype == "bfloat16"
        return functools.partial(gru, training=training, dtype="bfloat16" if rounded else "float32")
