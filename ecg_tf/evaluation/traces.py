"""The leads of one ECG as a picture, on ECG paper."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator

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
        axis.yaxis.set_minor_locator(MultipleLocator(0.5))
        axis.xaxis.set_minor_locator(MultipleLocator(0.2))
        axis.yaxis.set_major_locator(MultipleLocator(1))
        axis.xaxis.set_major_locator(MultipleLocator(1))
        axis.grid(which="both", color=ECG_GRID, linewidth=0.5)
        axis.tick_params(which="both", length=0)
        axis.spines[:].set_visible(False)
    axes[-1].set_xlim(0, seconds[-1])
    axes[-1].set_xlabel("seconds; one step of the grid is 0.2 s and 0.5 mV", loc="right")
    return figure
