"""ECG paper: leads in millivolt over seconds, on a grid.

Create axes with `lead_axes` (one per lead), or use one axis for all leads. Then call `draw_trace`
for each lead, and finally `draw_paper` for each axis.
"""

import itertools

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.ticker import MaxNLocator, MultipleLocator

from ecg_tf.leads import SAMPLING_RATE

TRACE, FAINT = "#14213d", "#9aa5b1"  # colours of the main trace and of a secondary trace
GRID = "#f3c6c6"
GRID_SECONDS = 0.2  # between two lines of the grid
_ROW_LINES = 30  # maximum number of horizontal grid lines of a lead


def lead_axes(figure, leads, same_scale=False):
    """Create an empty axis for each lead, one below the other, with the name of the lead.

    Args:
        figure: a matplotlib figure or subfigure.
        leads: names of the leads.
        same_scale: whether all axes have the same millivolt range.

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


def draw_trace(axis, trace, start=0.0, color=TRACE, label=None, sampling_rate=SAMPLING_RATE):
    """Draw a lead over the whole width of an axis.

    Args:
        axis: a matplotlib axis.
        trace: (time,) millivolt.
        start: time of the first sample, seconds.
        color: colour of the trace.
        label: name in a legend.
        sampling_rate: sampling rate of the trace, Hz.
    """
    seconds = start + np.arange(len(trace)) / sampling_rate
    axis.plot(seconds, trace, color=color, linewidth=0.9, label=label)
    axis.set_xlim(start, start + len(trace) / sampling_rate)


def draw_paper(axis, millivolt=None):
    """Draw the grid behind the traces, within the current limits of the axis.

    Vertical lines are 0.2 s apart.

    Args:
        axis: matplotlib axis, seconds to the right and millivolt upwards.
        millivolt: distance of horizontal lines, millivolt. Default: 0.5, or more if there would be
            too many lines.
    """
    (left, right), (low, high) = axis.get_xlim(), axis.get_ylim()
    millivolt = millivolt or line_distance(high - low, _ROW_LINES)
    # One collection of lines: ticks would take seconds to draw.
    upright = [((x, low), (x, high)) for x in _multiples(GRID_SECONDS, left, right)]
    level = [((left, y), (right, y)) for y in _multiples(millivolt, low, high)]
    axis.add_collection(
        LineCollection(upright + level, colors=GRID, linewidths=0.6, zorder=0.5), autolim=False
    )
    axis.set(xlim=(left, right), ylim=(low, high))
    axis.xaxis.set_major_locator(MultipleLocator(1))
    axis.tick_params(length=0)
    axis.grid(visible=False)  # the grid of the matplotlib style, if there is one
    axis.spines[:].set(color=GRID, visible=True)


def line_distance(span, most_lines):
    """Distance of grid lines: the smallest of 0.5, 1, 2, 5, 10, … mV with up to `most_lines`."""
    distances = (mv * 10**power for power in itertools.count() for mv in (0.5, 1, 2))
    return next(mv for mv in distances if span / mv <= most_lines)


def _multiples(step, low, high):
    return np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step
