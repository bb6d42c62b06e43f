"""The figures of a report, for the style `ecg_tf.reports.style.MATPLOTLIB`.

See `ecg_tf.reports.class_grid` for the curves of more classes than `ecg_tf.reports.style.FEW`.
"""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from ecg_tf.evaluation.evaluation import Evaluation
from ecg_tf.evaluation.multilabel_confusion import multilabel_confusion
from ecg_tf.leads import SAMPLING_RATE
from ecg_tf.plots.ecg_paper import draw_paper, draw_trace, lead_axes
from ecg_tf.reports.class_curves import (
    KEY,
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
from ecg_tf.reports.style import CLASS_LOOKS, INK, PAPER, QUIET, WIDTH

_LEAD = 0.85  # inches, height of a lead
_MOST_NUMBERED = 13  # rows of a confusion matrix with the counts written in it


def draw_confusion(evaluation: Evaluation) -> Figure:
    """Draw the multi-label confusion matrix: shares of the row as shades, and counts.

    A matrix of many classes is as wide as the page and has no counts in it.
    """
    matrix = multilabel_confusion(evaluation.labels, evaluation.decisions)
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    names = [*evaluation.class_names, "N.A."]
    numbered = len(names) <= _MOST_NUMBERED
    size = 0.8 * len(names) + 0.7 if numbered else WIDTH / 1.1
    figure = Figure(figsize=(size * 1.1, size * (1 if numbered else 1.1)), layout="constrained")
    axes = figure.subplots()
    # imshow would embed a bitmap
    line = {"edgecolors": PAPER, "linewidth": 1.2 if numbered else 0.2}
    axes.pcolormesh(shares, cmap="Blues", vmin=0, vmax=1.15, **line)
    for (row, column), count in np.ndenumerate(matrix) if numbered else ():
        share = shares[row, column]
        colour = PAPER if share > 0.75 else INK
        place = {"horizontalalignment": "center", "verticalalignment": "center", "color": colour}
        axes.text(column + 0.5, row + 0.42, f"{count}", size=10, **place)
        axes.text(column + 0.5, row + 0.72, f"{share:.0%}", size=7, **place)
    middles = np.arange(len(names)) + 0.5
    axes.set_xticks(middles, names)
    axes.set_yticks(middles, names)
    axes.invert_yaxis()
    axes.set_aspect("equal")
    axes.set_xlabel("predicted")
    axes.set_ylabel("true")
    axes.xaxis.set_label_position("top")
    axes.tick_params(length=0, labelcolor=INK, labeltop=True, labelbottom=False)
    if not numbered:
        room = 72 * WIDTH * 0.85 / len(names)  # points of a row
        axes.tick_params(labelsize=min(7.5, 0.9 * room), pad=1)
        axes.tick_params(axis="x", labelrotation=90)
    axes.spines[:].set_visible(False)
    axes.grid(False)
    return figure


def draw_ranking(evaluation: Evaluation) -> Figure:
    """Draw ROC and precision–recall curves of a few classes, with the operating points."""
    figure = Figure(figsize=(WIDTH, 4.6), layout="constrained")
    roc, precision_recall = figure.subplots(1, 2)
    for k in ranked(evaluation):
        row = evaluation.summary.iloc[k]
        draw_roc(roc, evaluation, k, CLASS_LOOKS[k], f"{row.name}  {row['auroc']:.3f}")
        label = f"{row.name}  {row['average_precision']:.3f}"
        draw_precision_recall(precision_recall, evaluation, k, CLASS_LOOKS[k], label)
    roc.plot([0, 1], [0, 1], color=QUIET, linewidth=0.7, zorder=1)
    roc.set(title="ROC", xlabel="1 − specificity", ylabel="sensitivity")
    precision_recall.set(title="Precision–recall", xlabel="sensitivity", ylabel="precision")
    for axes, title in ((roc, "AUROC"), (precision_recall, "average precision")):
        axes.set(xlim=LIMITS, ylim=LIMITS, aspect="equal")
        if axes.get_legend_handles_labels()[0]:
            axes.legend(
                title=title, loc="upper center", bbox_to_anchor=(0.5, -0.13), ncols=2, **KEY
            )
    return figure


def draw_calibration(evaluation: Evaluation) -> Figure:
    """Draw calibration curves of a few classes above histograms of the probabilities."""
    classes = len(evaluation.class_names)
    figure = Figure(figsize=(WIDTH, 2.9), layout="constrained")
    tops, bottoms = figure.subplots(
        2, classes, sharex=True, sharey="row", squeeze=False, height_ratios=(3, 1)
    )
    for k, (name, top, bottom) in enumerate(
        zip(evaluation.class_names, tops, bottoms, strict=True)
    ):
        colour, *_ = CLASS_LOOKS[k]
        draw_calibration_curve(top, evaluation, k, colour)
        draw_histogram(bottom, evaluation, k, colour)
        top.set_title(f"{name}  {format_number(evaluation.summary.iloc[k]['brier'])}")
        bottom.set_xlabel("probability")
        top.set(xlim=LIMITS, ylim=LIMITS, xticks=(0, 0.5, 1))
    tops[0].set_ylabel("share with the class")
    bottoms[0].set_ylabel("records")
    bottoms[0].yaxis.set_major_formatter("{x:.0%}")
    return figure


def draw_thresholds(evaluation: Evaluation) -> Figure:
    """Draw sensitivity, specificity and G-mean of each of a few classes over its threshold."""
    figure = Figure(figsize=(WIDTH, 2.35), layout="constrained")
    panels = figure.subplots(1, len(evaluation.class_names), sharey=True, squeeze=False)[0]
    for k in ranked(evaluation):
        draw_threshold_curves(panels[k], evaluation, k)
    for axes, name, threshold in zip(
        panels, evaluation.class_names, evaluation.thresholds, strict=True
    ):
        axes.set_title(f"{name}  {threshold:.3f}")
        axes.set(xlim=LIMITS, ylim=LIMITS, xticks=(0, 0.5, 1), xlabel="threshold")
    draw_key(figure, panels)
    return figure


def draw_traces(
    ecg: np.ndarray, leads: Sequence[str], sampling_rate: int = SAMPLING_RATE
) -> Figure:
    """Draw an ECG with a row for each lead, all with the same scale.

    Args:
        ecg: (time, lead) millivolt.
        leads: names of the leads.
        sampling_rate: sampling rate of the ECG, Hz.

    Returns:
        matplotlib.figure.Figure.
    """
    height = _LEAD * len(leads) + 0.35
    figure = Figure(figsize=(WIDTH, height))
    # Fixed margins in inches: to fit each of a page's ECGs to its texts would take seconds.
    figure.subplots_adjust(
        left=0.7 / WIDTH,
        right=1 - 0.12 / WIDTH,
        bottom=0.4 / height,
        top=1 - 0.05 / height,
        hspace=0.08,
    )
    axes = lead_axes(figure, leads, same_scale=True)
    for axis, trace in zip(axes, ecg.T, strict=True):
        draw_trace(axis, trace, sampling_rate=sampling_rate)
    for axis in axes:
        draw_paper(axis)
    return figure
