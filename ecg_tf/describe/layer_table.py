"""Tables of the layers of a network, with output shapes and parameters."""

import dataclasses
import math

import keras
from keras import layers

from ecg_tf.layers import (
    LSTM,
    DiagonalBand,
    FieldImages,
    MeanOverWindows,
    SimpleRNN,
    SlidingWindows,
    StateSpace,
)
from ecg_tf.models.flow import backbone, flow, output_shape
from ecg_tf.models.frozen import Frozen
from ecg_tf.models.gated_dense import GatedDense
from ecg_tf.reports.formats import align

_STATISTICS = ("moving_mean", "moving_variance")  # of batch normalisation


@dataclasses.dataclass(frozen=True)
class Row:
    """A layer in the table.

    Attributes:
        depth: nesting depth: 0 in the network, 1 inside a backbone or a bidirectional layer, etc.
        name: name of the layer.
        kind: description, such as "conv 11×11 / 4, ReLU".
        shape: output shape without the batch axis.
        parameters: number of parameters, including inner layers, without batch statistics.
        trained: number of parameters that are trained: 0 if the layer is frozen.
        statistics: number of moving means and variances.
    """

    depth: int
    name: str
    kind: str
    shape: tuple
    parameters: int
    trained: int
    statistics: int


def layer_table(network: keras.Model) -> list[Row]:
    """List the layers of a network in the order of its data flow.

    The layers of a backbone follow the backbone.

    Args:
        network: functional keras.Model.

    Returns:
        A row for each layer.

    Examples:
        >>> from ecg_tf.models import gru
        >>> rows = layer_table(gru(hidden_size=8, num_layers=1))
        >>> [(row.kind, row.parameters) for row in rows]
        [('input', 0), ('GRU 8', 312), ('x[:, -1]', 0), ('dense', 36)]
    """
    return list(_rows(network, depth=0))


def format_layer_table(rows: list[Row]) -> str:
    """Format rows as aligned text, followed by the totals."""
    header = ("layer", "type", "output", "parameters", "trained", "statistics")
    cells = [
        (
            "  " * row.depth + row.name,
            row.kind,
            format_shape(row.shape),
            f"{row.parameters:,}" if row.parameters else "",
            f"{row.trained:,}" if row.parameters else "",
            f"{row.statistics:,}" if row.statistics else "",
        )
        for row in rows
    ]
    used = [k for k, name in enumerate(header) if name == header[0] or any(c[k] for c in cells)]
    head, *body = align([[line[k] for k in used] for line in (header, *cells)], left=3)
    rule = ["-" * len(cell) for cell in head]
    lines = ["  ".join(line).rstrip() for line in (head, rule, *body)]
    return "\n".join([*lines, "", *totals(rows)])


def totals(rows: list[Row]) -> list[str]:
    """Describe the total numbers of parameters and batch statistics, as lines of text."""
    parameters, trained, statistics = (
        sum(getattr(row, name) for row in rows if row.depth == 0)
        for name in ("parameters", "trained", "statistics")
    )
    share = "all" if trained == parameters else f"{trained:,}"
    lines = [f"{parameters:,} parameters, {share} of them trained"]
    if statistics:
        lines.append(f"{statistics:,} batch statistics (moving means and variances)")
    return lines


def count(operation):
    """Count (parameters, trained, statistics) of an operation: see `Row`."""
    weights = getattr(operation, "weights", [])
    learnt = [weight for weight in weights if weight.name not in _STATISTICS]
    parameters = _size(learnt)
    trained = _size(weight for weight in learnt if weight.trainable)
    return parameters, trained, _size(weights) - parameters


def format_shape(shape):
    """Format a shape: (62, 62, 16) as "62 × 62 × 16"."""
    return " × ".join("?" if size is None else str(size) for size in shape)


def kind(step):
    """Describe a step in a few words: "conv 11×11 / 4, ReLU", where / is the stride."""
    operation = step.operation
    if type(operation).__name__ == "GetItem":  # x[:, -1] on a tensor; no public class
        return f"x[{_format_key(step.arguments.args[1])}]"
    return _kind(operation)


def _kind(layer):
    match layer:
        case layers.InputLayer():
            return "input"
        case layers.Conv1D() | layers.Conv2D():
            return _spaced("conv", layer.kernel_size, layer.strides) + _activation(layer)
        case layers.MaxPooling1D() | layers.MaxPooling2D():
            return _spaced("max pool", layer.pool_size, layer.strides)
        case layers.AveragePooling1D():
            return _spaced("average pool", layer.pool_size, layer.strides)
        case DiagonalBand():
            return f"band of {layer.width} along the diagonal"
        case layers.GlobalAveragePooling1D() | layers.GlobalAveragePooling2D():
            return "average of all positions"
        case SlidingWindows():
            return f"windows of {layer.samples}"
        case MeanOverWindows():
            return f"mean of {layer.windows} windows"
        case layers.Dense():
            return "dense" + _activation(layer)
        case layers.GRU() | LSTM() | SimpleRNN():
            return f"{type(layer).__name__} {layer.units}"
        case layers.Bidirectional():
            return f"bidirectional {_kind(layer.forward_layer)}"
        case layers.Dropout() | layers.SpatialDropout2D():
            return f"dropout {layer.rate:g}"
        case StateSpace():
            return f"state space {layer.state_size}"
        case GatedDense():
            return "gated dense"
        case layers.LayerNormalization():
            return "layer norm"
        case layers.BatchNormalization():
            return "batch norm"
        case layers.ZeroPadding2D():
            return "zero padding"
        case layers.Activation():
            return layer.activation.__name__
        case layers.ReLU():
            return "ReLU"
        case FieldImages():
            return f"images: {', '.join(layer.channels)}"
        case Frozen():
            return "network, frozen"
        case keras.Model():
            return "network"
        case layers.Dot():
            return "dot product"
        case layers.Average():
            return "mean"
        case (
            layers.Flatten()
            | layers.Reshape()
            | layers.Permute()
            | layers.Concatenate()
            | layers.Add()
            | layers.Softmax()
        ):
            return type(layer).__name__.lower()
    return type(layer).__name__


def _rows(network, depth):
    for step in flow(network):
        layer = step.operation
        yield Row(depth, layer.name, kind(step), output_shape(step), *count(layer))
        if backbone(layer):
            yield from _rows(backbone(layer), depth + 1)
        elif isinstance(layer, layers.Bidirectional):
            for way in (layer.forward_layer, layer.backward_layer):
                shape = way.compute_output_shape(step.input_tensors[0].shape)[1:]
                yield Row(depth + 1, way.name, _kind(way), tuple(shape), *count(way))


def _size(weights):
    return sum(math.prod(weight.shape) for weight in weights)


def _spaced(name, size, strides):
    """Format "conv 11×11 / 4", or "conv 15 / 2" over time; a stride of 1 is left out."""
    stride = f" / {strides[0]}" if strides[0] > 1 else ""
    return f"{name} {'×'.join(map(str, size))}{stride}"


def _activation(layer):
    return {"linear": "", "relu": ", ReLU"}.get(name := layer.activation.__name__, f", {name}")


def _format_key(key):
    """Format a key as in source code: (slice(None), -1) as ":, -1"."""
    parts = key if isinstance(key, (tuple, list)) else (key,)
    return ", ".join(
        f"{_blank(part.start)}:{_blank(part.stop)}" if isinstance(part, slice) else str(part)
        for part in parts
    )


def _blank(value):
    return "" if value is None else value
