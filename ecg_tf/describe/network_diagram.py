"""Network diagrams: boxes and arrows, with the branches of a fusion side by side.

A network is first turned into parts: a layer, and the layers that share its box. The parts become a
tree of elements (`ecg_tf.describe.boxes`).
"""

import collections
import dataclasses
import os
import re

import keras
from keras import layers
from matplotlib.figure import Figure

from ecg_tf.describe.boxes import (
    FROZEN,
    LINE,
    OTHER,
    TEXT,
    Box,
    Bypass,
    Column,
    Columns,
    Frame,
    Residual,
    Split,
    write,
)
from ecg_tf.describe.layer_table import count, kind, layer_table, totals
from ecg_tf.layers import ECGFilter, FieldImages, Gain, StateSpace, ZScore
from ecg_tf.models.flow import backbone, flow, output_shape
from ecg_tf.models.frozen import Frozen
from ecg_tf.models.gated_dense import GatedDense
from ecg_tf.models.self_attention import SelfAttention
from ecg_tf.plots.png import check_png, write_png

_MARGIN = 0.3  # inches, like all lengths
_TITLE = 0.9
_LEGEND = "In the boxes: output shape and parameters; “/ 2” is a stride of 2."
_DPI = 110

# Face and edge of a box, by its first layer.
_COLOURS = (
    ((layers.Conv1D, layers.Conv2D), ("#dcebf8", "#3b74a8")),
    ((layers.Dense, GatedDense), ("#fdebd3", "#c5812f")),
    ((layers.RNN, layers.Bidirectional, StateSpace), ("#e0f1da", "#57903f")),
    ((ECGFilter, Gain, ZScore, FieldImages), ("#ece4f6", "#7d5fae")),
    (SelfAttention, ("#fbe1e8", "#b9506c")),
    (object, OTHER),
)

# Layers that keep the shape and share the box of the layer before them.
_JOINING = (
    layers.Activation,
    layers.BatchNormalization,
    layers.Dropout,
    layers.Identity,
    layers.LayerNormalization,
    layers.ReLU,
    layers.Softmax,
    layers.SpatialDropout2D,
)


def draw_network(network: keras.Model, out: str | os.PathLike) -> None:
    """Draw a network into a PNG file.

    Layers that keep the shape (ReLU, batch normalisation, dropout, …) share the box of the layer
    before them, and the layers of a residual block one box.

    Args:
        network: functional keras.Model with one input and one output.
        out: path of the PNG file; its folder must exist. Written atomically.

    Raises:
        InputError: the path does not end in .png, or its folder does not exist.

    Examples:
        >>> import os, tempfile
        >>> from ecg_tf.models import gru
        >>> path = os.path.join(tempfile.mkdtemp(), "gru.png")
        >>> draw_network(gru(hidden_size=4), path)
        >>> os.path.getsize(path) > 1000
        True
    """
    out = check_png(out)
    tree = _tree(network)
    width = max(tree.width, 5.4) + 2 * _MARGIN
    height = tree.height + _TITLE + 2 * _MARGIN
    figure = Figure(figsize=(width, height), dpi=_DPI)
    axis = figure.add_axes((0, 0, 1, 1))
    axis.set(xlim=(0, width), ylim=(height, 0))
    axis.axis("off")
    about = "; ".join(totals(layer_table(network)))
    write(axis, _MARGIN, _MARGIN + 0.1, network.name, color=TEXT, fontsize=15, fontweight="bold")
    write(axis, _MARGIN, _MARGIN + 0.4, about, color=LINE, fontsize=9)
    write(axis, _MARGIN, _MARGIN + 0.6, _LEGEND, color=LINE, fontsize=9)
    tree.draw(axis, (width - tree.width) / 2, _MARGIN + _TITLE)
    write_png(figure, out)


# From the network to parts.


@dataclasses.dataclass(eq=False)
class _Part:
    """The steps of a network that share a box, and the parts that follow."""

    steps: list
    followers: list = dataclasses.field(default_factory=list)

    @property
    def operation(self):
        return self.steps[0].operation

    @property
    def shape(self):
        return output_shape(self.steps[-1])

    @property
    def parameters(self):
        return sum(count(step.operation)[0] for step in self.steps)

    @property
    def name(self):
        """The first name in the box that is not one of Keras' default names, or ""."""
        names = (step.operation.name for step in self.steps if not _made_up(step.operation))
        return next(names, "")

    @property
    def kind(self):
        return ", ".join(filter(None, [kind(self.steps[0]), *map(_joined, self.steps[1:])]))


def _made_up(operation):
    """Whether an operation has one of Keras' default names, such as max_pooling2d_1."""
    plain = re.sub(r"_\d+$", "", operation.name).replace("_", "")
    return plain == type(operation).__name__.lower()


def _joined(step):
    """The text for a step in the box of another one."""
    layer = step.operation
    if isinstance(layer, layers.BatchNormalization | layers.LayerNormalization):
        return "norm"
    does_nothing = isinstance(layer, layers.Identity) or getattr(layer, "rate", None) == 0
    return "" if does_nothing else kind(step)


def _parts(network):
    """The parts of a network, the input first."""
    steps = flow(network)
    uses = collections.Counter(parent for step in steps for parent in step.parent_nodes)
    parts = {}  # of each step
    for step in steps:
        before = [parts[parent] for parent in step.parent_nodes]
        if isinstance(step.operation, layers.ZeroPadding2D):
            parts[step] = before[0]  # drawn as part of the layer after it
        elif (
            isinstance(step.operation, _JOINING)
            and uses[before[0].steps[-1]] == 1
            and not backbone(before[0].operation)
        ):
            before[0].steps.append(step)
            parts[step] = before[0]
        else:
            parts[step] = _Part([step])
            for part in before:
                part.followers.append(parts[step])
    return list(dict.fromkeys(parts.values()))


# From parts to elements.


def _tree(network, frozen=False, inner=False):
    """The element of a network; the input of an inner network gets no box."""
    parts = _parts(network)
    ahead = {}  # for each part: the parts that all paths from it pass through, nearest first
    for part in reversed(parts):
        paths = [[follower, *ahead[follower]] for follower in part.followers]
        ahead[part] = [p for p in paths[0] if all(p in path for path in paths)] if paths else []

    def path(part, end):
        elements = []
        while part is not end:
            if not isinstance(part.operation, layers.Add):  # a residual block draws its own
                elements.append(_element(part, frozen))
            meeting = ahead[part][0] if ahead[part] else None
            if len(part.followers) > 1:
                branches = [path(follower, meeting) for follower in part.followers]
                if isinstance(meeting.operation, layers.Add):
                    elements.append(_residual(branches, meeting, part.shape))
                else:
                    elements.append(Split([Column(b) if b else Bypass() for b in branches]))
            part = meeting
        return elements

    elements = path(parts[0], None)[1 if inner else 0 :]
    columns = [[elements[0]]]
    for element in elements[1:]:
        if isinstance(element, Residual) and element.shrinks:
            columns.append([])
        columns[-1].append(element)
    columns = [Column(column) for column in columns]
    return columns[0] if len(columns) == 1 else Columns(columns, inner)


def _element(part, frozen):
    network = backbone(part.operation)
    if network:
        frozen = isinstance(part.operation, Frozen)
        return Frame(part.operation.name, _tree(network, frozen, inner=True), frozen)
    return Box(part.name, part.kind, part.shape, part.parameters, _colours(part, frozen))


def _colours(part, frozen):
    if frozen:
        return FROZEN
    return next(colours for types, colours in _COLOURS if isinstance(part.operation, types))


def _residual(branches, meeting, shape):
    """The element of a residual block; its convolutions share one box.

    Args:
        branches: the boxes of both paths; the shortcut has one box or none.
        meeting: the part that adds both paths.
        shape: shape of the block's input.
    """
    shortcut, body = sorted(branches, key=len)
    box = Box(
        name=meeting.name,
        kind=_spelled(body),
        shape=meeting.shape,
        parameters=sum(part.parameters for part in (*body, *shortcut, meeting)),
        colours=body[0].colours,
    )
    text = _size(shortcut[0]) if shortcut else ""
    then = meeting.kind.removeprefix("add, ")
    return Residual(box, text, then, shrinks=meeting.shape[:-1] < shape[:-1])


def _spelled(boxes):
    """The layers of a path: "conv 3×3 → 3×3"; "conv" only if all of them are convolutions."""
    convolutions = all(box.kind.startswith("conv ") for box in boxes)
    return "conv " * convolutions + " → ".join(map(_size, boxes))


def _size(box):
    """The first layer of a box; of a convolution, its kernel size and stride: "3×3 / 2"."""
    return box.kind.split(",")[0].removeprefix("conv ")
