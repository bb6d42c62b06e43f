"""Curves of many classes: a small panel for each class, for the style `style.MATPLOTLIB`."""

from collections.abc import Callable, Iterator

from matplotlib.axes import Axes
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
from ecg_tf.reports.style import ACCENT, CLASS_LOOKS, QUIET, WIDTH

COLUMNS, MOST = 6, 48  # panels in a row and in a figure, so that a figure fits a printed page
_SIDE = 1.25  # inches of a panel with its title
_LONGEST = 16  # characters of a name in a title


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
    names = list(evaluation.class_names)
    for first in range(0, len(names), MOST):
        part = evaluation.restricted(names[first : first + MOST])
        figure, panels = _panels(len(part.class_names), axis_names)
        drawn = ranked(part) if of_ranked else range(len(panels))
        for k, axes in enumerate(panels):
            name = part.class_names[k]
            name = name if len(name) <= _LONGEST else f"{name[: _LONGEST - 2]} …"
            axes.set_title(f"{name}  {format_number(part.summary.iloc[k][column])}", size=7, pad=2)
            if k in drawn:
                draw(axes, part, k)
        if key:
            draw_key(figure, panels)
        yield f"{part.class_names[0]} to {part.class_names[-1]}", figure


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
    panels = figure.subplots(rows, COLUMNS, squeeze=False).ravel()
    for k, axes in enumerate(panels[:classes]):
        axes.set(xlim=LIMITS, ylim=LIMITS, xticks=(0, 0.5, 1), yticks=(0, 0.5, 1))
        lowest, leftmost = k >= classes - COLUMNS, k % COLUMNS == 0
        axes.tick_params(length=0, labelsize=6, labelbottom=lowest, labelleft=leftmost)
        if lowest:
            axes.set_xlabel(axis_names[0], size=6.5, labelpad=1)
        if leftmost:
            axes.set_ylabel(axis_names[1], size=6.5, labelpad=1)
    for axes in panels[classes:]:
        axes.remove()
    return figure, list(panels[:classes])
