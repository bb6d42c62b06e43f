"""The curves of one class in the axes of a figure.

The ROC, precision–recall and threshold curves of a class without positives or without negatives are
undefined and not drawn.
"""

from collections.abc import Iterable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from sklearn.calibration import calibration_curve
from sklearn.metrics import precision_recall_curve, roc_curve

from ecg_tf.evaluation.evaluation import Evaluation
from ecg_tf.reports.style import ACCENT, INK, PAPER, QUIET, WARNING

BINS = 10  # of calibration curves and their histograms
LIMITS = (-0.02, 1.02)  # of both axes
KEY = {"handlelength": 4}


def ranked(evaluation: Evaluation) -> list[int]:
    """The positions of the classes that have positives and negatives."""
    labels = evaluation.labels.astype(bool)
    return np.flatnonzero(labels.any(axis=0) & ~labels.all(axis=0)).tolist()


def draw_roc(axes: Axes, evaluation: Evaluation, k: int, looks: tuple, label: str = "") -> None:
    """Draw the ROC curve of class `k` and its operating point.

    Args:
        axes: the axes.
        evaluation: the evaluation.
        k: position of a class of `ranked`.
        looks: colour, marker and line, as in `ecg_tf.reports.style.CLASS_LOOKS`.
        label: entry of the legend.
    """
    row = evaluation.summary.iloc[k]
    fpr, tpr, _ = roc_curve(evaluation.labels[:, k], evaluation.probabilities[:, k])
    line, point = _line_and_point(looks)
    axes.plot(fpr, tpr, **line, label=label)
    axes.plot(1 - row["specificity"], row["sensitivity"], **point)


def draw_precision_recall(
    axes: Axes, evaluation: Evaluation, k: int, looks: tuple, label: str = ""
) -> None:
    """Draw the precision–recall curve of class `k`, its operating point and its chance level.

    Args:
        axes: the axes.
        evaluation: the evaluation.
        k: position of a class of `ranked`.
        looks: colour, marker and line, as in `ecg_tf.reports.style.CLASS_LOOKS`.
        label: entry of the legend.
    """
    row, truth = evaluation.summary.iloc[k], evaluation.labels[:, k]
    precision, recall, _ = precision_recall_curve(truth, evaluation.probabilities[:, k])
    line, point = _line_and_point(looks)
    axes.step(recall, precision, where="post", **line, label=label)
    axes.plot(row["sensitivity"], row["precision"], **point)
    axes.plot([0, 1], [np.mean(truth)] * 2, color=looks[0], linewidth=0.5)


def draw_calibration_curve(axes: Axes, evaluation: Evaluation, k: int, colour: str) -> None:
    """Draw the share of positives of class `k` over mean probability, in quantile bins."""
    share, mean = calibration_curve(
        evaluation.labels[:, k],
        evaluation.probabilities[:, k],
        pos_label=1,
        n_bins=BINS,
        strategy="quantile",
    )
    axes.plot([0, 1], [0, 1], color=QUIET, linewidth=0.7)
    axes.plot(mean, share, color=colour, marker="o", markersize=3.5)


def draw_histogram(axes: Axes, evaluation: Evaluation, k: int, colour: str) -> None:
    """Draw the distribution of the probabilities of class `k`, as shares of the records."""
    probability = evaluation.probabilities[:, k]
    numbers, edges = np.histogram(probability, bins=BINS, range=(0, 1))
    axes.stairs(numbers / len(probability), edges, fill=True, color=colour, alpha=0.5)


def draw_threshold_curves(axes: Axes, evaluation: Evaluation, k: int) -> None:
    """Draw sensitivity, specificity and G-mean of class `k` over its threshold."""
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
    for label, curve, line in curves:  # thresholds between two probabilities act as the upper one
        axes.step(over, curve, where="pre", label=label, **line)
    axes.axvline(evaluation.thresholds[k], color=QUIET, linewidth=0.8)


def draw_key(figure: Figure, panels: Iterable[Axes]) -> None:
    """Draw the legend of the first of `panels` that has curves below the figure."""
    for axes in panels:
        handles, names = axes.get_legend_handles_labels()
        if handles:
            figure.legend(handles, names, loc="outside lower center", ncols=3, **KEY)
            break


def _line_and_point(looks: tuple) -> tuple[dict, dict]:
    colour, marker, style = looks
    both = {"color": colour, "marker": marker, "markersize": 6.5, "markeredgecolor": PAPER}
    # markevery=[]: markers in the legend, but not on the curve
    return {**both, "linestyle": style, "markevery": []}, {**both, "zorder": 3}
