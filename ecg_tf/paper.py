"""Axes like ECG paper."""

from matplotlib.ticker import MultipleLocator

from ecg_tf.leads import SAMPLES, SAMPLING_RATE

SECONDS = SAMPLES / SAMPLING_RATE
TRACE = "#14213d"  # colour of an ECG
_GRID = "#f3c6c6"


def lead_axes(figure, leads):
    """An empty axis for each lead, one below the other: 10 s, a line every 0.2 s and 0.5 mV."""
    axes = figure.subplots(len(leads), 1, sharex=True, squeeze=False)[:, 0]
    for axis, lead in zip(axes, leads, strict=True):
        axis.set_ylabel("mV")
        axis.set_title(lead, loc="left", fontsize=11, fontweight="bold", pad=3)
        axis.xaxis.set_minor_locator(MultipleLocator(0.2))
        axis.yaxis.set_minor_locator(MultipleLocator(0.5))
        axis.grid(which="both", color=_GRID, linewidth=0.6)
        axis.tick_params(which="both", length=0, labelsize=9)
        axis.spines[:].set_color(_GRID)
        axis.set_axisbelow(True)
    axes[-1].set_xlim(0, SECONDS)
    axes[-1].xaxis.set_major_locator(MultipleLocator(1))
    axes[-1].set_xlabel("seconds")
    return axes
