"""LSTM and simple RNN with the weights of PyTorch."""

import keras
from keras import layers, ops


class _Cell(layers.Layer):
    """Weights of a recurrent layer, and its step from inputs that are multiplied already."""

    gates: int  # blocks of units in the weights

    def __init__(self, units: int, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.units = self.output_size = units

    def build(self, input_shape: tuple[int, ...]) -> None:
        width = self.gates * self.units
        self.kernel = self.add_weight((input_shape[-1], width), "glorot_uniform", name="kernel")
        self.recurrent_kernel = self.add_weight(
            (self.units, width), "orthogonal", name="recurrent_kernel"
        )
        self.bias = self.add_weight((2, width), self._first_bias, name="bias")

    def _first_bias(self, shape: tuple[int, int], dtype: str | None = None) -> keras.KerasTensor:
        return ops.zeros(shape, dtype)

    def get_config(self) -> dict[str, object]:
        return {**super().get_config(), "units": self.units}


@keras.saving.register_keras_serializable("ecg_tf")
class LSTMCell(_Cell):
    """A step of `LSTM`."""

    gates = 4  # input, forget, candidate, output

    def __init__(self, units: int, **kwargs: object) -> None:
        super().__init__(units, **kwargs)
        self.state_size = [units, units]

    def _first_bias(self, shape: tuple[int, int], dtype: str | None = None) -> keras.KerasTensor:
        of_inputs = ops.repeat(ops.array([0, 1, 0, 0], dtype), self.units)  # 1: forget nothing
        return ops.stack([of_inputs, ops.zeros_like(of_inputs)])

    def call(self, x: keras.KerasTensor, states: list) -> tuple:
        h, c = states
        i, f, candidate, o = ops.split(x + ops.matmul(h, self.recurrent_kernel), 4, axis=-1)
        c = ops.sigmoid(f) * c + ops.sigmoid(i) * ops.tanh(candidate)
        h = ops.sigmoid(o) * ops.tanh(c)
        return h, [h, c]


@keras.saving.register_keras_serializable("ecg_tf")
class SimpleRNNCell(_Cell):
    """A step of `SimpleRNN`."""

    gates = 1

    def __init__(self, units: int, **kwargs: object) -> None:
        super().__init__(units, **kwargs)
        self.state_size = [units]

    def call(self, x: keras.KerasTensor, states: list) -> tuple:
        h = ops.tanh(x + ops.matmul(states[0], self.recurrent_kernel))
        return h, [h]


class _Recurrent(layers.RNN):
    """A loop over time of a `_Cell`; the products with its inputs are one product before it."""

    cell_class: type[_Cell]

    def __init__(self, units: int, **kwargs: object) -> None:
        super().__init__(
            self.cell_class(units, dtype=kwargs.get("dtype"), name=f"{self.short_name}_cell"),
            **kwargs,
        )

    @property
    def units(self) -> int:
        return self.cell.units

    def inner_loop(
        self,
        sequences: keras.KerasTensor,
        initial_state: list,
        mask: keras.KerasTensor,
        training: bool = False,
    ) -> tuple:
        bias = ops.sum(self.cell.bias, axis=0)
        sequences = ops.matmul(sequences, self.cell.kernel) + bias
        return super().inner_loop(sequences, initial_state, mask, training)

    def get_config(self) -> dict[str, object]:
        config = super().get_config()
        del config["cell"]
        return {**config, "units": self.units}

    @classmethod
    def from_config(cls, config: dict) -> layers.Layer:
        return cls(**config)


@keras.saving.register_keras_serializable("ecg_tf")
class LSTM(_Recurrent):
    """Long short-term memory with two biases, of the inputs and of the states, as in PyTorch.

    With one bias, their sum, it is `keras.layers.LSTM`. Keras' loop over time computes it on every
    device and backend.

    Args:
        units: number of units.
        **kwargs: arguments of `keras.layers.RNN`.

    References:
        S. Hochreiter, J. Schmidhuber, Long short-term memory, Neural Computation 9 (1997)
        1735-1780, https://doi.org/10.1162/neco.1997.9.8.1735

    Examples:
        >>> import numpy as np
        >>> from ecg_tf.layers import LSTM
        >>> tuple(LSTM(8, return_sequences=True)(np.zeros((2, 5, 3), "float32")).shape)
        (2, 5, 8)
    """

    cell_class = LSTMCell
    short_name = "lstm"


@keras.saving.register_keras_serializable("ecg_tf")
class SimpleRNN(_Recurrent):
    """Recurrent layer of Elman, with two biases, of the inputs and of the states, as in PyTorch.

    The states are tanh(W x + b + V h + c). With one bias, b + c, it is `keras.layers.SimpleRNN`.

    Args:
        units: number of units.
        **kwargs: arguments of `keras.layers.RNN`.

    References:
        J. L. Elman, Finding structure in time, Cognitive Science 14 (1990) 179-211,
        https://doi.org/10.1207/s15516709cog1402_1

    Examples:
        >>> import numpy as np
        >>> from ecg_tf.layers import SimpleRNN
        >>> tuple(SimpleRNN(8)(np.zeros((2, 5, 3), "float32")).shape)
        (2, 8)
    """

    cell_class = SimpleRNNCell
    short_name = "rnn"
