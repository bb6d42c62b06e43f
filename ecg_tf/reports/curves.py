"""The sections of a report page with the curves of the classes, as HTML."""

from ecg_tf.evaluation.evaluation import Evaluation
from ecg_tf.reports.class_grid import (
    calibration_grids,
    precision_recall_grids,
    roc_grids,
    threshold_grids,
)
from ecg_tf.reports.figures import draw_calibration, draw_ranking, draw_thresholds
from ecg_tf.reports.markup import embedded
from ecg_tf.reports.style import FEW

_POINTS = "Each point of a curve is a threshold; the markers show the thresholds used. "
_CHANCE = "show the share of the records with the class, which is chance. "
_ROC = "ROC: the diagonal is chance. "
_BINS = (
    "share of the records with the class against mean probability, in up to ten bins with equal "
    "numbers of records (scikit-learn's calibration_curve with quantiles). On the diagonal, "
    "probabilities are calibrated; below it, they are too high. Networks trained with class "
    "weights give probabilities that are too high by design. "
)
_BRIER = "The number beside each class is its Brier score."
_THRESHOLDS = (
    "Results of other thresholds on these records. The vertical line and the number show the "
    "threshold used. Do not choose thresholds from this figure: the reported metrics would then be "
    "too optimistic."
)
_ONE_SIDED = "The panel of a class without positives or without negatives is empty. "


def curves(evaluation: Evaluation) -> str:
    """The sections on ROC and precision–recall curves, calibration and thresholds."""
    draw = _together if len(evaluation.class_names) <= FEW else _apart
    return "\n".join(draw(evaluation))


def _together(evaluation):
    """The curves of a few classes, one figure in each section."""
    return [
        "<h2>ROC and precision–recall curves</h2>",
        embedded(
            draw_ranking(evaluation),
            "ROC and precision–recall curves of each class",
            f"{_POINTS}{_ROC}Precision–recall: the thin horizontal lines {_CHANCE}The legends show "
            "AUROC and average precision.",
        ),
        "<h2>Calibration</h2>",
        embedded(
            draw_calibration(evaluation),
            "calibration curves of each class",
            f"Top: {_BINS}Bottom: distribution of the probabilities. {_BRIER}",
        ),
        "<h2>Thresholds</h2>",
        embedded(
            draw_thresholds(evaluation),
            "sensitivity, specificity and G-mean of each class over its threshold",
            _THRESHOLDS,
        ),
    ]


def _apart(evaluation):
    """The curves of many classes, a panel for each class."""
    return [
        "<h2>ROC curves</h2>",
        *_embedded(
            roc_grids(evaluation),
            "ROC curves",
            f"{_POINTS}{_ROC}The number beside each class is its AUROC. {_ONE_SIDED}",
        ),
        "<h2>Precision–recall curves</h2>",
        *_embedded(
            precision_recall_grids(evaluation),
            "precision–recall curves",
            f"{_POINTS}The thin horizontal lines {_CHANCE}The number beside each class is its "
            f"average precision. {_ONE_SIDED}",
        ),
        "<h2>Calibration</h2>",
        *_embedded(
            calibration_grids(evaluation),
            "calibration curves",
            f"Curves: {_BINS}Bars: distribution of the probabilities. {_BRIER}",
        ),
        "<h2>Thresholds</h2>",
        *_embedded(
            threshold_grids(evaluation),
            "sensitivity, specificity and G-mean over the threshold",
            f"{_THRESHOLDS} {_ONE_SIDED}",
        ),
    ]


def _embedded(figures, description, caption):
    """Figures of some classes each, with the caption below the last."""
    figures = list(figures)
    return [
        embedded(figure, f"{description}, {classes}", caption * (figure is figures[-1][1]))
        for classes, figure in figures
    ]
