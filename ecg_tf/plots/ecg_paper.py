"""ECG paper: leads, in millivolt over seconds, on its grid.

For every picture with leads in it: `lead_axes` for one lead below the other (an axis each), or any
one axis for all of them; then `draw_trace` for each lead, and at last `draw_paper` on each axis.
"""

import itertools

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.ticker import MaxNLocator, MultipleLocator

from ecg_tf.leads import SAMPLING_RATE

TRACE, FAINT = "#14213d", "#9aa5b1"  # colours of an ECG, and of one that matters less
GRID = "#f3c6c6"
GRID_SECONDS = 0.2  # between two lines of the grid
_ROW_LINES = 30  # of the grid, at most, in the row of a lead


def lead_axes(figure, leads, same_scale=False):
    """An empty axis for each lead, one below the other, with the lead's name at its left.

    Args:
        figure: a matplotlib figure or subfigure.
        leads: their names.
        same_scale: whether all axes show the same range of millivolt.

    Returns:
        (lead,) matplotlib axes.
    """
    axes = figure.subplots(len(leads), 1, sharex=True, sharey=same_scale, squeeze=False)[:, 0]
    for axis, lead in zip(axes, leads, strict=True):
        axis.set_ylabel(lead, rotation=0, ha="right", va="center", fontweight="bold")
        axis.yaxis.set_major_locator(MaxNLocator(4, steps=(1, 2, 5, 10)))
    axes[-1].set_xlabel("seconds; millivolt at the left")
    figure.align_ylabels(axes)
    return axes


def draw_trace(axis, trace, start=0.0, color=TRACE, label=None):
    """Draw one lead, which then fills the axis from left to right.

    Args:
        axis: a matplotlib axis.
        trace: (time,) millivolt, at 100 Hz.
        start: seconds at which it begins.
        color: its colour.
        label: its name in a legend.
    """
    seconds = start + np.arange(len(trace)) / SAMPLING_RATE
    axis.plot(seconds, trace, color=color, linewidth=0.9, label=label)
    axis.set_xlim(start, start + len(trace) / SAMPLING_RATE)


def draw_paper(axis, millivolt=None):
    """Put the grid behind what is drawn, within the limits that the axis now has, and keep them.

    Args:
        axis: a matplotlib axis, seconds to the right and millivolt upwards.
        millivolt: between two lines, which are 0.2 s apart in the other direction; 0.5 unless
            given, more if the lines would be too many for the row of a lead.
    """
    (left, right), (low, high) = axis.get_xlim(), axis.get_ylim()
    millivolt = millivolt or line_distance(high - low, _ROW_LINES)
    # One collection instead of ticks: those take matplotlib seconds.
    upright = [((x, low), (x, high)) for x in _multiples(GRID_SECONDS, left, right)]
    level = [((left, y), (right, y)) for y in _multiples(millivolt, low, high)]
    axis.add_collection(
        LineCollection(upright + level, colors=GRID, linewidths=0.6, zorder=0.5), autolim=False
    )
    axis.set(xlim=(left, right), ylim=(low, high))
    axis.xaxis.set_major_locator(MultipleLocator(1))
    axis.tick_params(length=0)
    axis.grid(visible=False)  # matplotlib's own, where the settings in force want it
    axis.spines[:].set(color=GRID, visible=True)


def line_distance(span, most_lines):
    """Millivolt from line to line: 0.5, or of 1, 2, 5, 10, 20 … what needs at most `most_lines`."""
    distances = (mv * 10**power for power in itertools.count() for mv in (0.5, 1, 2))
    return next(mv for mv in distances if span / mv <= most_lines)


def _multiples(step, low, high):
    return np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step
