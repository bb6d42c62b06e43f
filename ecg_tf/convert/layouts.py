"""How PyTorch lays out the weights of a layer, and how Keras does.

Each layout has two methods. `shapes(weights)` tells from the layer's Keras weights the shapes of
its PyTorch tensors, {name within the layer: shape}; `weights(tensors)` makes from such tensors what
the layer's `set_weights` takes.
"""

import numpy as np


class Dense:
    """(output, input) to (input, output)."""

    def shapes(self, weights):
        kernel, bias = (weight.shape for weight in weights)
        return {"weight": kernel[::-1], "bias": bias}

    def weights(self, tensors):
        return [tensors["weight"].T, tensors["bias"]]


class DenseAfterFlatten(Dense):
    """Dense whose inputs PyTorch flattens as (channel, height, width), Keras channels last.

    Args:
        channels: of the flattened feature maps, which are square.
    """

    def __init__(self, channels):
        self._channels = channels

    def weights(self, tensors):
        outputs, inputs = tensors["weight"].shape
        size = round((inputs / self._channels) ** 0.5)
        kernel = tensors["weight"].reshape(outputs, self._channels, size, size)
        return [kernel.transpose(2, 3, 1, 0).reshape(inputs, outputs), tensors["bias"]]


class Conv2D:
    """(output, input, height, width) to (height, width, input, output), with a bias or without."""

    def shapes(self, weights):
        kernel, *bias = (weight.shape for weight in weights)
        shapes = {"weight": tuple(kernel[axis] for axis in (3, 2, 0, 1))}
        return {**shapes, "bias": bias[0]} if bias else shapes

    def weights(self, tensors):
        weight, *bias = tensors.values()
        return [weight.transpose(2, 3, 1, 0), *bias]


class BatchNormalization:
    """Scale, offset, mean and variance; PyTorch also counts the batches."""

    def shapes(self, weights):
        names = ("weight", "bias", "running_mean", "running_var")
        shapes = {name: weight.shape for name, weight in zip(names, weights, strict=True)}
        return {**shapes, "num_batches_tracked": ()}

    def weights(self, tensors):
        return [tensors[name] for name in ("weight", "bias", "running_mean", "running_var")]


class GRU:
    """Gates reset, update, new one below the other, to update, reset, new side by side.

    Args:
        level: which of the GRUs upon each other, from 0.
        bidirectional: whether there is one that reads backwards, too.
    """

    def __init__(self, level, bidirectional):
        directions = ("", "_reverse") if bidirectional else ("",)
        self._directions = [
            [f"{name}_l{level}{end}" for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
            for end in directions
        ]

    def shapes(self, weights):
        shapes = {}
        for direction, names in enumerate(self._directions):
            kernel, recurrent, biases = weights[3 * direction : 3 * direction + 3]
            bias = biases.shape[1:]
            found = kernel.shape[::-1], recurrent.shape[::-1], bias, bias
            shapes |= dict(zip(names, found, strict=True))
        return shapes

    def weights(self, tensors):
        weights = []
        for names in self._directions:
            kernel, recurrent, *biases = (_reordered_gates(tensors[name]) for name in names)
            weights += [kernel.T, recurrent.T, np.stack(biases)]
        return weights


class SelfAttention:
    """1 × 1 convolutions to dense layers."""

    _names = ("query_conv", "key_conv", "value_conv")

    def shapes(self, weights):
        gamma, *dense = (weight.shape for weight in weights)
        shapes = {"gamma": gamma}
        for name, kernel, bias in zip(self._names, dense[::2], dense[1::2], strict=True):
            shapes |= {f"{name}.weight": (*kernel[::-1], 1, 1), f"{name}.bias": bias}
        return shapes

    def weights(self, tensors):
        weights = [tensors["gamma"]]
        for name in self._names:
            weights += [tensors[f"{name}.weight"][:, :, 0, 0].T, tensors[f"{name}.bias"]]
        return weights


def _reordered_gates(tensor):
    reset, update, new = np.split(tensor, 3)
    return np.concatenate([update, reset, new])
