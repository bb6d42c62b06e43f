"""Boxes and arrows of a network diagram.

Each element has a width, a height, an inlet and an outlet (distances from its left edge to the
arrow into its top and to the line out of its bottom), and `draw(axis, left, top)`. `forks` is true
for an element that starts with lines of its own, so that no arrowhead leads to it. Lengths are in
inches; y grows downwards.
"""

import dataclasses

from matplotlib.patches import Circle, FancyBboxPatch, Polygon

from ecg_tf.describe.layer_table import format_shape

LINE, TEXT = "#4a5560", "#1c2730"
OTHER = ("#f6f7f8", "#8a96a1")  # face and edge of a box without a colour of its own
FROZEN, _FROZEN_TEXT = ("#eef0f2", "#aab4bc"), "#6b767f"

_WIDTH = 3.0  # of a box
_LINES = (0.15, 0.345)  # y of its lines of text
_FOOT = 0.14  # from the last line of text to the bottom
_GAP = 0.24  # between boxes: the length of an arrow
_ASIDE = 0.34  # between elements side by side
_PLUS = 0.09  # radius


@dataclasses.dataclass
class Box:
    """A layer: name and kind above, output shape and parameters below.

    A layer with neither a name nor parameters has one line only: kind and shape.
    """

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
        colour = _FROZEN_TEXT if self.colours == FROZEN else TEXT
        right = left + self.width - 0.1
        for y, (first, second) in zip(_LINES, self._texts(), strict=False):
            weight = "bold" if first == self.name else "normal"
            write(axis, left + 0.1, top + y, first, color=colour, fontweight=weight)
            write(axis, right, top + y, second, color=colour, ha="right")

    def _texts(self):
        """The left and the right text of each line."""
        shape = format_shape(self.shape)
        if not self.name and not self.parameters:
            return [(self.kind, shape)]
        parameters = f"{self.parameters:,}" if self.parameters else ""
        return [(self.name, self.kind), (shape, parameters)]


@dataclasses.dataclass
class Residual:
    """A residual block: a box, the shortcut to its right, and the plus below that adds both."""

    box: Box
    shortcut: str  # operation on the shortcut; "" for none
    then: str  # operation after the plus
    shrinks: bool  # whether the output has fewer pixels than the input

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
        axis.add_patch(Circle((middle, plus), _PLUS, facecolor="white", edgecolor=LINE))
        write(axis, middle, plus, "+", ha="center", color=LINE)
        write(axis, middle - 2 * _PLUS, plus, self.then, ha="right", color=LINE, fontsize=8)
        if self.shortcut:
            y = top + _GAP + self.box.height / 2
            background = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
            colour = _FROZEN_TEXT if self.box.colours == FROZEN else self.box.colours[1]
            style = {"color": colour, "fontsize": 8, "rotation": 90}
            write(axis, right, y, self.shortcut, ha="center", bbox=background, **style)


class Bypass:
    """A branch without a box."""

    width, height = 0.2, 0.0
    inlet = outlet = 0.1


class Split:
    """Branches side by side, with the lines into and out of them."""

    forks = True

    def __init__(self, branches):
        # A bypass is drawn to the right of the branch that it bypasses.
        self.branches = sorted(branches, key=lambda branch: isinstance(branch, Bypass))
        self.width = sum(b.width for b in branches) + _ASIDE * (len(branches) - 1)
        self.height = _GAP + max(b.height for b in branches) + _GAP / 2
        passes_by = isinstance(self.branches[1], Bypass)
        self.inlet = self.outlet = self.branches[0].inlet if passes_by else self.width / 2

    def draw(self, axis, left, top):
        bottom, middle = top + self.height, left + self.inlet
        for branch in self.branches:
            x, end, y = left + branch.inlet, left + branch.outlet, top + _GAP
            if isinstance(branch, Bypass):
                _line(axis, (middle, x, x, middle), (top, top, bottom, bottom))
            else:
                _line(axis, (middle, x), (top, top))
                _lead(axis, x, top, y, branch)
                branch.draw(axis, left, y)
                _line(axis, (end, end, middle), (y + branch.height, bottom, bottom))
            left += branch.width + _ASIDE


class Column:
    """Elements one below the other, with their inlets aligned."""

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


class Columns:
    """Columns side by side; each continues the one before it."""

    forks = True

    def __init__(self, columns, inner):
        self.columns, self.inner = columns, inner  # inner: part of another network
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


class Frame:
    """A backbone: its elements in a frame that carries its name."""

    forks = False
    _PAD, _HEAD = 0.18, 0.32

    def __init__(self, name, inside, frozen):
        self.name, self.inside, self.frozen = name, inside, frozen
        self.width = inside.width + 2 * self._PAD
        self.height = self._HEAD + _GAP + inside.height + self._PAD
        self.inlet, self.outlet = inside.inlet + self._PAD, inside.outlet + self._PAD

    def draw(self, axis, left, top):
        line = (0, (5, 3)) if self.frozen else "solid"
        colour = _FROZEN_TEXT if self.frozen else TEXT
        style = {"facecolor": "#fbfcfc", "edgecolor": OTHER[1], "linestyle": line}
        _rectangle(axis, left, top, self, **style)
        write(axis, left + 0.12, top + 0.18, self.name, color=colour, fontweight="bold")
        if self.frozen:
            write(axis, left + self.width - 0.12, top + 0.18, "frozen", color=colour, ha="right")
        start = top + self._HEAD + _GAP
        _lead(axis, left + self.inlet, top, start, self.inside)
        self.inside.draw(axis, left + self._PAD, start)
        x = left + self.outlet
        _line(axis, (x, x), (start + self.inside.height, top + self.height))


# Drawing primitives.


def _gap(element):
    """The distance between an element and the one above it."""
    return _GAP / 3 if element.forks else _GAP * 4 / 3


def _lead(axis, x, top, bottom, element):
    """Draw a line down to an element, with an arrowhead unless the element forks."""
    if element.forks:
        _line(axis, (x, x), (top, bottom))
    else:
        _arrow(axis, (x, top), (x, bottom))


def _line(axis, x, y):
    axis.plot(x, y, color=LINE, linewidth=1, solid_joinstyle="miter", solid_capstyle="projecting")


def _arrow(axis, start, end):
    """Draw a line, straight down or to the left, with an arrowhead at its end."""
    (x, y), long, wide = end, 0.075, 0.036
    if start[0] == x:
        shaft, head = (x, y - long / 2), [(x, y), (x - wide, y - long), (x + wide, y - long)]
    else:
        shaft, head = (x + long / 2, y), [(x, y), (x + long, y - wide), (x + long, y + wide)]
    _line(axis, (start[0], shaft[0]), (start[1], shaft[1]))
    axis.add_patch(Polygon(head, color=LINE, linewidth=0))


def _rectangle(axis, left, top, element, **style):
    round_corners = "round,pad=0,rounding_size=0.06"
    axis.add_patch(
        FancyBboxPatch((left, top), element.width, element.height, round_corners, **style)
    )


def write(axis, x, y, text, **style):
    """Write text at a place; `style` as in `matplotlib.axes.Axes.text`."""
    axis.text(x, y, text, **{"fontsize": 8.5, "va": "center_baseline", **style})
