"""A network as a picture: boxes and arrows, both branches of a fusion side by side.

First the network becomes parts, each a layer and what shares its box; these become a tree of
elements (`_Box`, `_Residual`, `_Split`, `_Column`, `_Columns`, `_Frame`), each of which knows its
size and draws itself. Lengths are in inches, y runs downwards.
"""

import collections
import dataclasses
import re

from keras import layers
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyBboxPatch, Polygon

from ecg_tf.describe.layer_table import count, format_shape, kind, layer_table, totals
from ecg_tf.layers import ECGFilter, FieldImages, Gain, ZScore
from ecg_tf.models.flow import backbone, flow, output_shape
from ecg_tf.models.frozen import Frozen
from ecg_tf.models.self_attention import SelfAttention
from ecg_tf.plots.png import check_png, write_png

_WIDTH = 3.0  # of a box
_LINES = (0.15, 0.345)  # where its lines of text are
_FOOT = 0.14  # from a line to what it stands on
_GAP = 0.24  # between boxes, and so the length of an arrow
_ASIDE = 0.34  # between what stands side by side
_MARGIN = 0.3
_TITLE = 0.9
_LEGEND = "In the boxes: output shape and parameters; “/ 2” is a stride of 2."
_PLUS = 0.09  # radius
_DPI = 110

_LINE, _TEXT = "#4a5560", "#1c2730"
_OTHER = ("#f6f7f8", "#8a96a1")
# Face and edge of a box, by its first layer.
_COLOURS = (
    ((layers.Conv1D, layers.Conv2D), ("#dcebf8", "#3b74a8")),
    (layers.Dense, ("#fdebd3", "#c5812f")),
    ((layers.GRU, layers.Bidirectional), ("#e0f1da", "#57903f")),
    ((ECGFilter, Gain, ZScore, FieldImages), ("#ece4f6", "#7d5fae")),
    (SelfAttention, ("#fbe1e8", "#b9506c")),
    (object, _OTHER),
)
_FROZEN, _FROZEN_TEXT = ("#eef0f2", "#aab4bc"), "#6b767f"

# They keep the shape and share the box of the layer before them.
_JOINING = (
    layers.BatchNormalization,
    layers.Dropout,
    layers.Identity,
    layers.ReLU,
    layers.Softmax,
    layers.SpatialDropout2D,
)


def draw_network(network, out):
    """Draw a network into a PNG file, written whole or not at all.

    Layers that keep the shape (ReLU, batch normalisation, dropout, …) share the box of the layer
    before them, and the convolutions of a residual block one box.

    Args:
        network: keras.Model, functional, of one input and one output; its ways part and meet again.
        out: the file, ending in .png; its folder exists.

    Raises:
        InputError: another ending, or a missing folder.
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
    _write(axis, _MARGIN, _MARGIN + 0.1, network.name, color=_TEXT, fontsize=15, fontweight="bold")
    _write(axis, _MARGIN, _MARGIN + 0.4, about, color=_LINE, fontsize=9)
    _write(axis, _MARGIN, _MARGIN + 0.6, _LEGEND, color=_LINE, fontsize=9)
    tree.draw(axis, (width - tree.width) / 2, _MARGIN + _TITLE)
    write_png(figure, out)


# From the network to parts.


@dataclasses.dataclass(eq=False)
class _Part:
    """A step of the network and those that share its box, and the parts that follow it."""

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
        """The first name in the box that Keras has not made up, or ""."""
        names = (step.operation.name for step in self.steps if not _made_up(step.operation))
        return next(names, "")

    @property
    def kind(self):
        return ", ".join(filter(None, [kind(self.steps[0]), *map(_joined, self.steps[1:])]))


def _made_up(operation):
    """Whether an operation has the name that Keras gives it, such as max_pooling2d_1."""
    plain = re.sub(r"_\d+$", "", operation.name).replace("_", "")
    return plain == type(operation).__name__.lower()


def _joined(step):
    """What a step does, in the box of another."""
    layer = step.operation
    if isinstance(layer, layers.BatchNormalization):
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
            parts[step] = before[0]  # the padding of the layer after it is not worth a box
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


# From parts to elements. Each has a width, a height, an inlet and an outlet (how far from its left
# the arrow into its top and the one out of its bottom are), and `forks`: whether it starts with
# lines of its own, so that no arrowhead leads to it.


def _tree(network, frozen=False, inner=False):
    """The element of a network; an inner one's input has no box."""
    parts = _parts(network)
    ahead = {}  # of each part, what all ways from it lead through, the nearest first
    for part in reversed(parts):
        ways = [[follower, *ahead[follower]] for follower in part.followers]
        ahead[part] = [p for p in ways[0] if all(p in way for way in ways)] if ways else []

    def way(part, end):
        elements = []
        while part is not end:
            if not isinstance(part.operation, layers.Add):  # that of a residual block is in it
                elements.append(_element(part, frozen))
            meeting = ahead[part][0] if ahead[part] else None
            if len(part.followers) > 1:
                branches = [way(follower, meeting) for follower in part.followers]
                if isinstance(meeting.operation, layers.Add):
                    elements.append(_residual(branches, meeting, part.shape))
                else:
                    elements.append(_Split([_Column(b) if b else _Bypass() for b in branches]))
            part = meeting
        return elements

    elements = way(parts[0], None)[1 if inner else 0 :]
    columns = [[elements[0]]]
    for element in elements[1:]:
        if isinstance(element, _Residual) and element.shrinks:
            columns.append([])
        columns[-1].append(element)
    columns = [_Column(column) for column in columns]
    return columns[0] if len(columns) == 1 else _Columns(columns, inner)


def _element(part, frozen):
    network = backbone(part.operation)
    if network:
        frozen = isinstance(part.operation, Frozen)
        return _Frame(part.operation.name, _tree(network, frozen, inner=True), frozen)
    return _Box(part.name, part.kind, part.shape, part.parameters, _colours(part, frozen))


def _colours(part, frozen):
    if frozen:
        return _FROZEN
    return next(colours for types, colours in _COLOURS if isinstance(part.operation, types))


def _residual(branches, meeting, shape):
    """The element of a residual block of convolutions: they share one box.

    Args:
        branches: the boxes of its two ways; those of the shortcut are one or none.
        meeting: the part that adds both.
        shape: of what enters.
    """
    shortcut, body = sorted(branches, key=len)
    box = _Box(
        name=meeting.name,
        kind="conv " + " → ".join(map(_size, body)),
        shape=meeting.shape,
        parameters=sum(b.parameters for b in (*body, *shortcut)),
        colours=body[0].colours,
    )
    text = _size(shortcut[0]) if shortcut else ""
    then = meeting.kind.removeprefix("add, ")
    return _Residual(box, text, then, shrinks=meeting.shape[:-1] < shape[:-1])


def _size(box):
    """Of the box of a convolution: "3×3 / 2"."""
    return box.kind.split(",")[0].removeprefix("conv ")


@dataclasses.dataclass
class _Box:
    """Name and kind above, shape and parameters below; one line if it has neither of two."""

    name: str
    kind: str
    shape: tuple
    parameters: int
    colours: tuple

    width = _WIDTH
    inlet = outlet = _WIDTH / 2
    forks = False

    @property
    def height(self):
        return _LINES[len(self._texts()) - 1] + _FOOT

    def draw(self, axis, left, top):
        face, edge = self.colours
        _rectangle(axis, left, top, self, facecolor=face, edgecolor=edge)
        colour = _FROZEN_TEXT if self.colours == _FROZEN else _TEXT
        right = left + self.width - 0.1
        for y, (first, second) in zip(_LINES, self._texts(), strict=False):
            weight = "bold" if first == self.name else "normal"
            _write(axis, left + 0.1, top + y, first, color=colour, fontweight=weight)
            _write(axis, right, top + y, second, color=colour, ha="right")

    def _texts(self):
        """What stands left and right in each line."""
        shape = format_shape(self.shape)
        if not self.name and not self.parameters:
            return [(self.kind, shape)]
        parameters = f"{self.parameters:,}" if self.parameters else ""
        return [(self.name, self.kind), (shape, parameters)]


@dataclasses.dataclass
class _Residual:
    """A box, the shortcut to its right, and the plus below that adds it."""

    box: _Box
    shortcut: str  # what it does; "" for nothing
    then: str  # what follows the plus
    shrinks: bool  # whether what comes out has fewer pixels than what enters

    width = _WIDTH + 0.3
    inlet = outlet = _WIDTH / 2
    forks = True

    @property
    def height(self):
        return _GAP + self.box.height + _GAP + 2 * _PLUS

    def draw(self, axis, left, top):
        middle, right = left + self.inlet, left + self.width - 0.1
        plus = top + self.height - _PLUS
        _line(axis, (middle, right, right), (top, top, plus))
        _arrow(axis, (right, plus), (middle + _PLUS, plus))
        _arrow(axis, (middle, top), (middle, top + _GAP))
        self.box.draw(axis, left, top + _GAP)
        _arrow(axis, (middle, top + _GAP + self.box.height), (middle, plus - _PLUS))
        axis.add_patch(Circle((middle, plus), _PLUS, facecolor="white", edgecolor=_LINE))
        _write(axis, middle, plus, "+", ha="center", color=_LINE)
        _write(axis, middle - 2 * _PLUS, plus, self.then, ha="right", color=_LINE, fontsize=8)
        if self.shortcut:
            y = top + _GAP + self.box.height / 2
            background = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
            colour = _FROZEN_TEXT if self.box.colours == _FROZEN else self.box.colours[1]
            style = {"color": colour, "fontsize": 8, "rotation": 90}
            _write(axis, right, y, self.shortcut, ha="center", bbox=background, **style)


class _Bypass:
    """A branch without a box."""

    width, height = 0.2, 0.0
    inlet = outlet = 0.1


class _Split:
    """Branches side by side, with the lines into and out of them."""

    forks = True

    def __init__(self, branches):
        # What passes by stands to the right of what it passes.
        self.branches = sorted(branches, key=lambda branch: isinstance(branch, _Bypass))
        self.width = sum(b.width for b in branches) + _ASIDE * (len(branches) - 1)
        self.height = _GAP + max(b.height for b in branches) + _GAP / 2
        passes_by = isinstance(self.branches[1], _Bypass)
        self.inlet = self.outlet = self.branches[0].inlet if passes_by else self.width / 2

    def draw(self, axis, left, top):
        bottom, middle = top + self.height, left + self.inlet
        for branch in self.branches:
            x, end, y = left + branch.inlet, left + branch.outlet, top + _GAP
            if isinstance(branch, _Bypass):
                _line(axis, (middle, x, x, middle), (top, top, bottom, bottom))
            else:
                _line(axis, (middle, x), (top, top))
                _lead(axis, x, top, y, branch)
                branch.draw(axis, left, y)
                _line(axis, (end, end, middle), (y + branch.height, bottom, bottom))
            left += branch.width + _ASIDE


class _Column:
    """Elements one below the other, their inlets in one line."""

    def __init__(self, elements):
        self.elements = elements
        self.inlet = max(e.inlet for e in elements)
        self.outlet = self.inlet - elements[-1].inlet + elements[-1].outlet
        self.width = self.inlet + max(e.width - e.inlet for e in elements)
        self.height = sum(e.height for e in elements) + sum(map(_gap, elements[1:]))
        self.forks = elements[0].forks

    def draw(self, axis, left, top):
        middle, before = left + self.inlet, None
        for element in self.elements:
            if before:
                y = top + _gap(element)
                if before.outlet != before.inlet:
                    x = middle - before.inlet + before.outlet
                    _line(axis, (x, x, middle), (top, top + _GAP / 3, top + _GAP / 3))
                    top += _GAP / 3
                _lead(axis, middle, top, y, element)
                top = y
            element.draw(axis, middle - element.inlet, top)
            top += element.height
            before = element


class _Columns:
    """Columns side by side, each of which goes on where the one before it ends."""

    forks = True

    def __init__(self, columns, inner):
        self.columns, self.inner = columns, inner  # inner: lines lead in and out
        self.width = sum(c.width for c in columns) + _ASIDE * (len(columns) - 1)
        self.height = max(c.height for c in columns) + 2 * _GAP
        self.inlet = columns[0].inlet
        self.outlet = self.width - columns[-1].width + columns[-1].outlet

    def draw(self, axis, left, top):
        start = top + _GAP
        if self.inner:
            _lead(axis, left + self.inlet, top, start, self.columns[0])
        for number, column in enumerate(self.columns, start=1):
            column.draw(axis, left, start)
            x, end = left + column.outlet, start + column.height
            left += column.width + _ASIDE
            if number < len(self.columns):
                following, way = self.columns[number], left - _ASIDE / 2
                into = left + following.inlet
                _line(axis, (x, x, way, way, into), (end, end + _GAP, end + _GAP, top, top))
                _lead(axis, into, top, start, following)
            elif self.inner:
                _line(axis, (x, x), (end, top + self.height))


class _Frame:
    """A backbone: its elements in a frame with its name."""

    forks = False
    _PAD, _HEAD = 0.18, 0.32

    def __init__(self, name, inside, frozen):
        self.name, self.inside, self.frozen = name, inside, frozen
        self.width = inside.width + 2 * self._PAD
        self.height = self._HEAD + _GAP + inside.height + self._PAD
        self.inlet, self.outlet = inside.inlet + self._PAD, inside.outlet + self._PAD

    def draw(self, axis, left, top):
        line = (0, (5, 3)) if self.frozen else "solid"
        colour = _FROZEN_TEXT if self.frozen else _TEXT
        style = {"facecolor": "#fbfcfc", "edgecolor": _OTHER[1], "linestyle": line}
        _rectangle(axis, left, top, self, **style)
        _write(axis, left + 0.12, top + 0.18, self.name, color=colour, fontweight="bold")
        if self.frozen:
            _write(axis, left + self.width - 0.12, top + 0.18, "frozen", color=colour, ha="right")
        start = top + self._HEAD + _GAP
        _lead(axis, left + self.inlet, top, start, self.inside)
        self.inside.draw(axis, left + self._PAD, start)
        x = left + self.outlet
        _line(axis, (x, x), (start + self.inside.height, top + self.height))


# What the elements are drawn with.


def _gap(element):
    """The distance of an element to the one above it."""
    return _GAP / 3 if element.forks else _GAP * 4 / 3


def _lead(axis, x, top, bottom, element):
    """A line down to an element, with an arrowhead unless that starts with lines of its own."""
    if element.forks:
        _line(axis, (x, x), (top, bottom))
    else:
        _arrow(axis, (x, top), (x, bottom))


def _line(axis, x, y):
    axis.plot(x, y, color=_LINE, linewidth=1, solid_joinstyle="miter", solid_capstyle="projecting")


def _arrow(axis, start, end):
    """A line, straight down or straight to the left, with an arrowhead at its end."""
    (x, y), long, wide = end, 0.075, 0.036
    if start[0] == x:
        shaft, head = (x, y - long / 2), [(x, y), (x - wide, y - long), (x + wide, y - long)]
    else:
        shaft, head = (x + long / 2, y), [(x, y), (x + long, y - wide), (x + long, y + wide)]
    _line(axis, (start[0], shaft[0]), (start[1], shaft[1]))
    axis.add_patch(Polygon(head, color=_LINE, linewidth=0))


def _rectangle(axis, left, top, element, **style):
    round_corners = "round,pad=0,rounding_size=0.06"
    axis.add_patch(
        FancyBboxPatch((left, top), element.width, element.height, round_corners, **style)
    )


def _write(axis, x, y, text, **style):
    axis.text(x, y, text, **{"fontsize": 8.5, "va": "center_baseline", **style})
