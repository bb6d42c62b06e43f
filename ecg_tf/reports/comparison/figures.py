"""The figures of a comparison, for the style `ecg_tf.reports.style.MATPLOTLIB`."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ecg_tf.evaluation.bootstrap import LEVEL
from ecg_tf.evaluation.compared_run import KINDS
from ecg_tf.evaluation.comparison import Comparison
from ecg_tf.evaluation.summary import MACRO
from ecg_tf.reports.comparison.tables import by_merit, quantity_name, shown_quantities
from ecg_tf.reports.formats import format_signed
from ecg_tf.reports.style import CLASS_LOOKS, INK, PAPER, QUIET, WIDTH

_LOOKS = dict(zip(KINDS, CLASS_LOOKS, strict=False))  # colour, marker, line


def draw_runs(comparison: Comparison) -> Figure:
    """Draw each quantity of each run with its 95 % interval, largest macro AUROC first.

    Of many classes, only the averages are drawn.
    """
    runs, quantities = by_merit(comparison), shown_quantities(comparison)
    classes = len(quantities) - 2
    rows = 2 if classes else 1
    size = (WIDTH, rows * (0.55 + 0.19 * len(runs)) + 0.4)
    figure = Figure(figsize=size, layout="constrained")
    top, *bottom = np.atleast_1d(figure.subfigures(rows, 1))
    panels = list(top.subplots(1, 2, sharey=True))
    if classes:
        panels += list(np.atleast_1d(bottom[0].subplots(1, classes, sharey=True)))
    heights = np.arange(len(runs))
    for axes, quantity in zip(panels, quantities, strict=True):
        for height, run in zip(heights, runs, strict=True):
            value, low, high = run.evaluation.measured(*quantity)
            colour, marker, _ = _LOOKS[run.kind]
            axes.plot([low, high], [height, height], color=colour, linewidth=1.4)
            axes.plot(value, height, marker=marker, color=colour, markersize=4.5, linestyle="")
        axes.set_title(quantity_name(quantity))
        axes.set_yticks(heights, [run.name for run in runs])
        axes.set_ylim(len(runs) - 0.5, -0.5)
        axes.tick_params(axis="y", length=0, labelcolor=INK)
        axes.locator_params(axis="x", nbins=4)
    shown = [kind for kind in KINDS if kind in {run.kind for run in runs}]
    looks = [Line2D([], [], color=_LOOKS[k][0], marker=_LOOKS[k][1], markersize=4.5) for k in shown]
    figure.legend(looks, shown, loc="outside lower center", ncols=len(shown))
    return figure


def draw_pairs(comparison: Comparison) -> Figure:
    """Draw the differences of macro AUROC, row minus column; significant ones in bold."""
    names = [run.name for run in by_merit(comparison)]
    number = len(names)
    table = np.full((number, number), np.nan)
    told = np.zeros((number, number), bool)
    for row, first in enumerate(names):
        for column, second in enumerate(names):
            if row != column:
                found = comparison.difference(first, second, (MACRO, "auroc"))
                table[row, column] = found["difference"]
                told[row, column] = found["corrected_p"] < 1 - LEVEL
    side = min(0.62, (WIDTH - 1.4) / number)
    figure = Figure(figsize=(side * number + 1.6, side * number + 1.1), layout="constrained")
    axes = figure.subplots()
    reach = np.max(np.abs(table), where=np.isfinite(table), initial=1e-3)
    shades = {"cmap": "RdBu", "vmin": -1.6 * reach, "vmax": 1.6 * reach}  # no darker than text
    axes.pcolormesh(np.ma.masked_invalid(table), **shades, edgecolors=PAPER, linewidth=1.2)
    for (row, column), difference in np.ndenumerate(table):
        if np.isfinite(difference):
            text = format_signed(difference).replace("0.", ".")
            axes.text(
                column + 0.5,
                row + 0.5,
                text,
                horizontalalignment="center",
                verticalalignment="center",
                size=min(7.5, 13 * side),
                color=INK if told[row, column] else QUIET,
                weight="bold" if told[row, column] else "normal",
            )
    middles = np.arange(number) + 0.5
    axes.set_xticks(middles, names, rotation=45, horizontalalignment="left")
    axes.set_yticks(middles, names)
    axes.invert_yaxis()
    axes.set_aspect("equal")
    axes.tick_params(length=0, labelcolor=INK, labeltop=True, labelbottom=False)
    axes.spines[:].set_visible(False)
    axes.grid(False)
    return figure
