"""The leads of one ECG as a picture, on ECG paper."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, MultipleLocator

from ecg_tf.evaluation.style import ECG_GRID, ECG_TRACE, INK

_WIDTH, _LEAD = 7.4, 0.85  # inches: the whole picture, and the height of a lead


def draw_traces(ecg, leads, sampling_rate):
    """An ECG, a row for each lead, all on one scale; a line of the grid every 0.2 s and 0.5 mV.

    Args:
        ecg: (time, lead) millivolt.
        leads: names of the leads.
        sampling_rate: Hz.

    Returns:
        matplotlib.figure.Figure.
    """
    seconds = np.arange(len(ecg)) / sampling_rate
    figure = Figure(figsize=(_WIDTH, _LEAD * len(leads) + 0.35), layout="constrained")
    axes = figure.subplots(len(leads), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    for axis, lead, trace in zip(axes, leads, ecg.T, strict=True):
        axis.plot(seconds, trace, color=ECG_TRACE, linewidth=0.8)
        axis.set_ylabel(lead, rotation=0, ha="right", va="center", color=INK, weight="bold")
        axis.yaxis.set_major_locator(MaxNLocator(4, steps=(1, 2, 5, 10)))
        axis.xaxis.set_major_locator(MultipleLocator(1))
        axis.tick_params(length=0)
        axis.spines[:].set_visible(False)
        axis.grid(False)
    low, high = axes[0].get_ylim()
    for axis in axes:  # lines, because ticks of a grid take seconds
        grid = {"colors": ECG_GRID, "linewidth": 0.5, "zorder": 0}
        axis.vlines(np.arange(0, seconds[-1], 0.2), low, high, **grid)
        axis.hlines(np.arange(np.ceil(low * 2), high * 2) / 2, 0, seconds[-1], **grid)
    axes[-1].set(xlim=(0, seconds[-1]), ylim=(low, high))
    axes[-1].set_xlabel("seconds; one step of the grid is 0.2 s and 0.5 mV", loc="right")
    return figure
