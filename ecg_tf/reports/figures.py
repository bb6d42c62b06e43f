"""The figures of a report, for the style `ecg_tf.reports.style.MATPLOTLIB`.

The ROC, precision–recall and threshold curves of a class without positives or without negatives are
undefined and not drawn.
"""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from sklearn.calibration import calibration_curve
from sklearn.metrics import precision_recall_curve, roc_curve

from ecg_tf.evaluation.evaluation import Evaluation
from ecg_tf.evaluation.multilabel_confusion import multilabel_confusion
from ecg_tf.leads import SAMPLING_RATE
from ecg_tf.plots.ecg_paper import draw_paper, draw_trace, lead_axes
from ecg_tf.reports.formats import format_number
from ecg_tf.reports.style import (
    ACCENT,
    CLASS_LOOKS,
    INK,
    PAPER,
    QUIET,
    WARNING,
)

_WIDTH = 7.4  # inches, of a page
_LEAD = 0.85  # inches, height of a lead
_KEY = {"handlelength": 4}
BINS = 10  # of calibration curves and their histograms


def draw_confusion(evaluation: Evaluation) -> Figure:
    """Draw the multi-label confusion matrix: counts, and shares of the row as shades."""
    matrix = multilabel_confusion(evaluation.labels, evaluation.decisions)
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    names = [*evaluation.class_names, "N.A."]
    size = 0.8 * len(names) + 0.7
    figure = Figure(figsize=(size * 1.1, size), layout="constrained")
    axes = figure.subplots()
    # imshow would embed a bitmap
    axes.pcolormesh(shares, cmap="Blues", vmin=0, vmax=1.15, edgecolors=PAPER, linewidth=1.2)
    for (row, column), count in np.ndenumerate(matrix):
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
    axes.spines[:].set_visible(False)
    axes.grid(False)
    return figure


def draw_ranking(evaluation: Evaluation) -> Figure:
    """Draw ROC and precision–recall curves of all classes, with the operating points."""
    figure = Figure(figsize=(_WIDTH, 4.6), layout="constrained")
    roc, precision_recall = figure.subplots(1, 2)
    roc.plot([0, 1], [0, 1], color=QUIET, linewidth=0.7)
    for k, name in _ranked(evaluation):
        row = evaluation.summary.loc[name]
        truth, probability = evaluation.labels[:, k], evaluation.probabilities[:, k]
        colour, marker, style = CLASS_LOOKS[k % len(CLASS_LOOKS)]
        looks = {"color": colour, "marker": marker, "markersize": 6.5, "markeredgecolor": PAPER}
        # markevery=[]: markers in the legend, but not on the curve
        line = {**looks, "linestyle": style, "markevery": []}
        point = {**looks, "zorder": 3}

        fpr, tpr, _ = roc_curve(truth, probability)
        roc.plot(fpr, tpr, **line, label=f"{name}  {row['auroc']:.3f}")
        roc.plot(1 - row["specificity"], row["sensitivity"], **point)
        precision, recall, _ = precision_recall_curve(truth, probability)
        label = f"{name}  {row['average_precision']:.3f}"
        precision_recall.step(recall, precision, where="post", **line, label=label)
        precision_recall.plot(row["sensitivity"], row["precision"], **point)
        share = np.mean(truth)
        precision_recall.plot([0, 1], [share, share], color=colour, linewidth=0.5)
    roc.set(title="ROC", xlabel="1 − specificity", ylabel="sensitivity")
    precision_recall.set(title="Precision–recall", xlabel="sensitivity", ylabel="precision")
    for axes, title in ((roc, "AUROC"), (precision_recall, "average precision")):
        axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
        if axes.get_legend_handles_labels()[0]:
            axes.legend(
                title=title, loc="upper center", bbox_to_anchor=(0.5, -0.13), ncols=2, **_KEY
            )
    return figure


def draw_calibration(evaluation: Evaluation) -> Figure:
    """Draw calibration curves: share of positives over mean probability, in quantile bins."""
    classes = len(evaluation.class_names)
    figure = Figure(figsize=(_WIDTH, 2.9), layout="constrained")
    tops, bottoms = figure.subplots(
        2, classes, sharex=True, sharey="row", squeeze=False, height_ratios=(3, 1)
    )
    for k, (name, top, bottom) in enumerate(
        zip(evaluation.class_names, tops, bottoms, strict=True)
    ):
        truth, probability = evaluation.labels[:, k], evaluation.probabilities[:, k]
        share, mean = calibration_curve(
            truth, probability, pos_label=1, n_bins=BINS, strategy="quantile"
        )
        colour, *_ = CLASS_LOOKS[k % len(CLASS_LOOKS)]
        top.plot([0, 1], [0, 1], color=QUIET, linewidth=0.7)
        top.plot(mean, share, color=colour, marker="o", markersize=3.5)
        top.set_title(f"{name}  {format_number(evaluation.summary.loc[name, 'brier'])}")
        weights = np.full(len(probability), 1 / len(probability))
        bottom.hist(probability, bins=BINS, range=(0, 1), weights=weights, color=colour, alpha=0.5)
        bottom.set_xlabel("probability")
        top.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), xticks=(0, 0.5, 1))
    tops[0].set_ylabel("share with the class")
    bottoms[0].set_ylabel("records")
    bottoms[0].yaxis.set_major_formatter("{x:.0%}")
    return figure


def draw_thresholds(evaluation: Evaluation) -> Figure:
    """Draw sensitivity, specificity and G-mean of each class over its threshold."""
    figure = Figure(figsize=(_WIDTH, 2.35), layout="constrained")
    panels = figure.subplots(1, len(evaluation.class_names), sharey=True, squeeze=False)[0]
    for k, _ in _ranked(evaluation):
        fpr, tpr, thresholds = roc_curve(
            evaluation.labels[:, k], evaluation.probabilities[:, k], drop_intermediate=False
        )
        # From threshold 0, where every record is predicted, to above the highest probability.
        over = np.r_[0, thresholds[:0:-1], 1]
        sensitivity, specificity = np.r_[1, tpr[:0:-1], 0], np.r_[0, 1 - fpr[:0:-1], 1]
        curves = (
            ("sensitivity", sensitivity, {"color": ACCENT}),
            ("specificity", specificity, {"color": WARNING, "linestyle": (0, (5, 1.5))}),
            ("G-mean", np.sqrt(sensitivity * specificity), {"color": INK, "linewidth": 1.8}),
        )
        for (
            label,
            curve,
            line,
        ) in curves:  # thresholds between two probabilities act as the upper one
            panels[k].step(over, curve, where="pre", label=label, **line)
        panels[k].axvline(evaluation.thresholds[k], color=QUIET, linewidth=0.8)
    for axes, name, threshold in zip(
        panels, evaluation.class_names, evaluation.thresholds, strict=True
    ):
        axes.set_title(f"{name}  {threshold:.3f}")
        axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), xticks=(0, 0.5, 1), xlabel="threshold")
    for axes in panels:
        handles, names = axes.get_legend_handles_labels()
        if handles:
            figure.legend(handles, names, loc="outside lower center", ncols=3, **_KEY)
            break
    return figure


def _ranked(evaluation):
    """Numbers and names of the classes that have positives and negatives."""
    kinds = evaluation.labels.any(axis=0) & ~evaluation.labels.astype(bool).all(axis=0)
    return [(k, name) for k, name in enumerate(evaluation.class_names) if kinds[k]]


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
    figure = Figure(figsize=(_WIDTH, _LEAD * len(leads) + 0.35), layout="constrained")
    axes = lead_axes(figure, leads, same_scale=True)
    for axis, trace in zip(axes, ecg.T, strict=True):
        draw_trace(axis, trace, sampling_rate=sampling_rate)
    for axis in axes:
        draw_paper(axis)
    return figure
