"""Keras' GRU, some ten times as fast on CPUs under TensorFlow."""

import contextlib
import functools

import keras
from keras import layers, ops

_portable = None  # within `portable`: what a `GRU` is traced as


@contextlib.contextmanager
def portable(gru):
    """Within it a `GRU` is traced for graphs that need neither XLA nor cuDNN.

    Args:
        gru: what computes it, called as `ecg_tf.kernels.gru.gru` is, but for `training`.
    """
    global _portable
    before, _portable = _portable, gru
    try:
        yield
    finally:
        _portable = before


@contextlib.contextmanager
def _attribute(owner, name, value):
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)


@keras.saving.register_keras_serializable("ecg_tf")
class GRU(layers.GRU):
    """`keras.layers.GRU`, same arguments, weights and numbers to 1e-5.

    Under TensorFlow without a GPU it computes as `ecg_tf.kernels.gru` does. Everything else is left
    to Keras: other backends, cuDNN, masks, dropout within the GRU, other activations. Within
    `portable` the function given there computes it.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if keras.backend.backend() == "tensorflow":
            self.supports_jit = False  # within a model compiled as a whole the cores would wait

    def inner_loop(self, sequences, initial_state, mask, training=False):
        gru = self._in_place_of_keras(sequences, mask, training)
        if gru is None:
            # An export must run where there is no GPU, too.
            with _attribute(self, "use_cudnn", False if _portable else self.use_cudnn):
                return super().inner_loop(sequences, initial_state, mask, training)
        (state,) = initial_state if isinstance(initial_state, list) else [initial_state]
        weights = self.cell.kernel, self.cell.recurrent_kernel, self.cell.bias
        arrays = [ops.cast(array, "float32") for array in (sequences, state, *weights)]
        outputs = gru(*arrays, backwards=self.go_backwards)
        return outputs[:, -1], outputs, [outputs[:, -1]]

    def _in_place_of_keras(self, sequences, mask, training):
        """The function that computes what this layer is to compute; None to leave it to Keras."""
        if not (
            keras.backend.backend() == "tensorflow"
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
        if _portable:
            return _portable
        if keras.distribution.list_devices("gpu"):
            return None
        from ecg_tf.kernels.gru import gru

        return functools.partial(gru, training=training)
