"""The look of ECG paper, for every picture with leads in it."""

from matplotlib.ticker import MultipleLocator

GRID, TRACE = "#f3c6c6", "#14213d"


def ecg_paper(axis, millivolt=0.5):
    """Give a matplotlib axis (seconds, millivolt) a line every 0.2 s and every `millivolt` mV."""
    axis.xaxis.set_minor_locator(MultipleLocator(0.2))
    axis.yaxis.set_minor_locator(MultipleLocator(millivolt))
    axis.grid(which="both", color=GRID, linewidth=0.6)
    axis.tick_params(which="both", length=0, labelsize=9)
    axis.spines[:].set_color(GRID)
    axis.set_axisbelow(True)
