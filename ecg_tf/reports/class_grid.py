"""Curves of many classes: a small panel for each class, for the style `style.MATPLOTLIB`."""

from collections.abc import Callable, Iterator

import matplotlib
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from ecg_tf.evaluation.evaluation import Evaluation
from ecg_tf.reports.class_curves import (
    LIMITS,
    draw_calibration_curve,
    draw_histogram,
    draw_key,
    draw_precision_recall,
    draw_roc,
    draw_threshold_curves,
    ranked,
)
from ecg_tf.reports.formats import format_number
from ecg_tf.reports.style import ACCENT, CLASS_LOOKS, GRID, QUIET, RULE, WIDTH

COLUMNS, MOST = 6, 48  # panels in a row and in a figure, so that a figure fits a printed page
_SIDE = 1.25  # inches of a panel with its title
_LONGEST = 16  # characters of a name in a title
_TICKS = (0, 0.5, 1)


def roc_grids(evaluation: Evaluation) -> Iterator[tuple[str, Figure]]:
    """Draw the ROC curves; the titles state the AUROC."""

    def draw(axes, part, k):
        axes.plot([0, 1], [0, 1], color=QUIET, linewidth=0.5)
        draw_roc(axes, part, k, CLASS_LOOKS[0])

    return _grids(evaluation, draw, "auroc", ("1 − specificity", "sensitivity"))


def precision_recall_grids(evaluation: Evaluation) -> Iterator[tuple[str, Figure]]:
    """Draw the precision–recall curves; the titles state the average precision."""

    def draw(axes, part, k):
        draw_precision_recall(axes, part, k, CLASS_LOOKS[0])

    return _grids(evaluation, draw, "average_precision", ("sensitivity", "precision"))


def calibration_grids(evaluation: Evaluation) -> Iterator[tuple[str, Figure]]:
    """Draw the calibration curves over histograms; the titles state the Brier score."""

    def draw(axes, part, k):
        draw_histogram(axes, part, k, QUIET)
        draw_calibration_curve(axes, part, k, ACCENT)

    axis_names = ("probability", "share with the class")
    return _grids(evaluation, draw, "brier", axis_names, of_ranked=False)


def threshold_grids(evaluation: Evaluation) -> Iterator[tuple[str, Figure]]:
    """Draw the metrics over the threshold; the titles state the threshold used."""
    return _grids(evaluation, draw_threshold_curves, "threshold", ("threshold", ""), key=True)


def _grids(
    evaluation: Evaluation,
    draw: Callable[[Axes, Evaluation, int], None],
    column: str,
    axis_names: tuple[str, str],
    of_ranked: bool = True,
    key: bool = False,
) -> Iterator[tuple[str, Figure]]:
    """Draw figures of up to `MOST` panels.

    Args:
        evaluation: the evaluation.
        draw: function that draws the curve of class `k` of an evaluation in some axes.
        column: column of the summary that the titles state.
        axis_names: names of the axes.
        of_ranked: True to leave the panels of classes without positives or negatives empty.
        key: True for a legend.

    Yields:
        The names of the first and the last class, as text, and the figure.
    """
    names, numbers = evaluation.class_names, evaluation.summary[column].tolist()
    drawn = set(ranked(evaluation) if of_ranked else range(len(names)))
    for first in range(0, len(names), MOST):
        part = names[first : first + MOST]
        figure, panels = _panels(len(part), axis_names)
        for k, axes in enumerate(panels, start=first):
            name = names[k] if len(names[k]) <= _LONGEST else f"{names[k][: _LONGEST - 2]} …"
            axes.set_title(f"{name}  {format_number(numbers[k])}", size=7, pad=2)
            if k in drawn:
                draw(axes, evaluation, k)
        if key:
            draw_key(figure, panels)
        yield f"{part[0]} to {part[-1]}", figure


def _panels(classes: int, axis_names: tuple[str, str]) -> tuple[Figure, list[Axes]]:
    rows = -(-classes // COLUMNS)
    figure = Figure(figsize=(WIDTH, rows * _SIDE + 0.45))
    # Fixed margins in inches: to fit so many panels to their texts would take long.
    height = figure.get_figheight()
    figure.subplots_adjust(
        left=0.45 / WIDTH,
        right=1 - 0.05 / WIDTH,
        bottom=0.6 / height,
        top=1 - 0.18 / height,
        wspace=0.14,
        hspace=0.28,
    )
    with matplotlib.rc_context({"axes.grid": False}):  # `_draw_paper` draws it
        panels = figure.subplots(rows, COLUMNS, squeeze=False).ravel()
    for k, axes in enumerate(panels[:classes]):
        axes.set(xlim=LIMITS, ylim=LIMITS)
        _draw_paper(axes)
        lowest, leftmost = k >= classes - COLUMNS, k % COLUMNS == 0
        for axis, shown, name in zip(
            (axes.xaxis, axes.yaxis), (lowest, leftmost), axis_names, strict=True
        ):
            axis.set_visible(shown)
            if shown:
                axis.set_tick_params(length=0, labelsize=6)
                axis.set_ticks(_TICKS)
                axis.set_label_text(name, size=6.5)
                axis.labelpad = 1
    for axes in panels[classes:]:
        axes.remove()
    return figure, list(panels[:classes])


def _draw_paper(axes: Axes) -> None:
    """Draw the grid and the left and the lower edge of a panel.

    They are one collection of lines, because the ticks and spines of so many panels take seconds.
    """
    (left, right), (low, high) = LIMITS, LIMITS
    edges = [[(left, low), (right, low)], [(left, low), (left, high)]]
    level = [[(left, y), (right, y)] for y in _TICKS]
    upright = [[(x, low), (x, high)] for x in _TICKS]
    colours = [GRID] * (len(level) + len(upright)) + [RULE] * len(edges)
    lines = LineCollection(
        [*level, *upright, *edges], colors=colours, linewidths=0.6, zorder=0.5, clip_on=False
    )
    axes.add_collection(lines, autolim=False)
    axes.spines[:].set_visible(False)
