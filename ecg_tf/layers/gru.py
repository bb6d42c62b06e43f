"""Keras' GRU, some ten times as fast on CPUs under TensorFlow."""

import contextlib

import keras
from keras import layers, ops

_portable = False


@contextlib.contextmanager
def portable():
    """Within it a `GRU` is traced as a plain loop, for graphs that need neither XLA nor cuDNN."""
    global _portable
    before, _portable = _portable, True
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
    to Keras: other backends, cuDNN, masks, dropout within the GRU, other activations, graphs traced
    within `portable()`.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if keras.backend.backend() == "tensorflow":
            self.supports_jit = False  # within a model compiled as a whole the cores would wait

    def inner_loop(self, sequences, initial_state, mask, training=False):
        if not self._fits(sequences, mask):
            # An export must run where there is no GPU, too.
            with _attribute(self, "use_cudnn", False if _portable else self.use_cudnn):
                return super().inner_loop(sequences, initial_state, mask, training)
        from ecg_tf.kernels.gru import gru

        (state,) = initial_state if isinstance(initial_state, list) else [initial_state]
        weights = self.cell.kernel, self.cell.recurrent_kernel, self.cell.bias
        arrays = [ops.cast(array, "float32") for array in (sequences, state, *weights)]
        outputs = gru(*arrays, backwards=self.go_backwards, training=training)
        return outputs[:, -1], outputs, [outputs[:, -1]]

    def _fits(self, sequences, mask):
        """Whether `ecg_tf.kernels.gru` computes what this layer is to compute, and faster."""
        return (
            keras.backend.backend() == "tensorflow"
            and not _portable
            and mask is None
            and None not in sequences.shape[1:]
            and self.compute_dtype != "float64"
            and self.cell.reset_after
            and self.cell.use_bias
            and self.cell.activation is keras.activations.tanh
            and self.cell.recurrent_activation is keras.activations.sigmoid
            and not (self.dropout or self.recurrent_dropout or self.unroll)
            and not keras.distribution.list_devices("gpu")
        )
