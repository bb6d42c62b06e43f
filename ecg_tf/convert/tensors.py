"""Tensors of a PyTorch state dict, and the Keras weights that they become."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np

from ecg_tf.errors import InputError


@dataclasses.dataclass(frozen=True)
class Source:
    """The PyTorch tensors of one Keras weight.

    Attributes:
        names: names of the tensors.
        shapes: function from the shape of the weight to the list of the shapes of the tensors.
        weight: function from the tensors to the weight.
    """

    names: tuple[str, ...]
    shapes: Callable
    weight: Callable

    def below(self, prefix):
        """The same tensors, their names with `prefix` before them."""
        return dataclasses.replace(self, names=tuple(prefix + name for name in self.names))


def same(name):
    """A tensor that Keras has in the same shape."""
    return Source((name,), lambda shape: [shape], lambda tensor: tensor)


def dense(name):
    """Kernel of a dense layer: (output, input) to (input, output)."""
    return Source((name,), lambda shape: [shape[::-1]], np.transpose)


def dense_after_flatten(name, channels):
    """Kernel of a dense layer after square feature maps of `channels`.

    PyTorch flattens maps as (channel, height, width), Keras as (height, width, channel).
    """

    def weight(tensor):
        outputs, inputs = tensor.shape
        size = round((inputs / channels) ** 0.5)
        kernel = tensor.reshape(outputs, channels, size, size)
        return kernel.transpose(2, 3, 1, 0).reshape(inputs, outputs)

    return dataclasses.replace(dense(name), weight=weight)


def conv2d(name):
    """Kernel of a convolution: (output, input, height, width) to (height, width, input, output)."""
    return Source(
        (name,),
        lambda shape: [(shape[3], shape[2], shape[0], shape[1])],
        lambda tensor: tensor.transpose(2, 3, 1, 0),
    )


def conv1d(name):
    """Kernel of a convolution over time: (output, input, time) to (time, input, output)."""
    return Source((name,), lambda shape: [shape[::-1]], np.transpose)


def conv1x1(name):
    """Kernel of a dense layer, in PyTorch of a 1 × 1 convolution."""
    return Source(
        (name,), lambda shape: [(*shape[::-1], 1, 1)], lambda tensor: tensor[:, :, 0, 0].T
    )


def running_variance(module):
    """Variance of a batch normalisation; the number of batches, kept beside it, is not used."""
    return Source(
        (f"{module}.running_var", f"{module}.num_batches_tracked"),
        lambda shape: [shape, ()],
        lambda variance, _: variance,
    )


def biases(of_input, of_state):
    """Biases of an LSTM or simple RNN: two of (gate * unit,) to one of (2, gate * unit)."""
    return Source(
        (of_input, of_state),
        lambda shape: [shape[1:], shape[1:]],
        lambda *tensors: np.stack(tensors),
    )


def gru_kernel(name):
    """Kernel of a GRU: (3 * unit, input) to (input, 3 * unit).

    The gates are reset, update, new in PyTorch, and update, reset, new in Keras.
    """
    return Source((name,), lambda shape: [shape[::-1]], lambda tensor: _reordered_gates(tensor).T)


def gru_biases(of_input, of_state):
    """Biases of a GRU, ordered as `gru_kernel`: two of (3 * unit,) to one of (2, 3 * unit)."""
    return Source(
        (of_input, of_state),
        lambda shape: [shape[1:], shape[1:]],
        lambda *tensors: np.stack([_reordered_gates(tensor) for tensor in tensors]),
    )


def size(state, name, axis=0, most=None):
    """Size of a tensor along an axis.

    Args:
        state: {PyTorch name: numpy array}.
        name: name of the tensor.
        axis: the axis.
        most: largest size accepted; None for any.

    Raises:
        InputError: no such tensor, or one without that axis, or a size out of range.
    """
    if name not in state:
        raise InputError(f"misses {name}")
    shape = np.shape(state[name])
    if len(shape) <= axis or not shape[axis]:
        raise InputError(f"{name} has shape {shape}")
    if most is not None and shape[axis] > most:
        raise InputError(f"{name} has shape {shape}, expected at most {most} on axis {axis}")
    return shape[axis]


def _reordered_gates(tensor):
    reset, update, new = np.split(tensor, 3)
    return np.concatenate([update, reset, new])
