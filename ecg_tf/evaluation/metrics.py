"""Metrics of counts and of probabilities.

Metrics of counts take arrays (…, 4) of TP, FN, FP, TN, for example one row per class, and return
(…,) float64. A metric that would be 0/0 is NaN, as in scikit-learn with `zero_division=np.nan`.
"""

from collections.abc import Callable

import numpy as np

from ecg_tf.evaluation.checks import check_binary, check_probabilities, check_same_shape
from ecg_tf.evaluation.weighted_scores import weighted_auroc_and_average_precision


def sensitivity(counts: np.ndarray) -> np.ndarray:
    """Compute TP / (TP + FN), also called recall or true positive rate.

    Args:
        counts: (…, 4) TP, FN, FP, TN.

    Returns:
        (…,) float64 in [0, 1]; NaN if there are no positives (TP + FN = 0).

    See Also:
        `specificity`, `precision`; `sklearn.metrics.recall_score`.

    Examples:
        >>> from ecg_tf.evaluation.metrics import sensitivity
        >>> float(sensitivity([3, 1, 2, 4]))
        0.75
    """
    tp, fn, _, _ = _columns(counts)
    return _ratio(tp, tp + fn)


def specificity(counts: np.ndarray) -> np.ndarray:
    """Compute TN / (TN + FP), which is 1 − the false positive rate.

    Args:
        counts: (…, 4) TP, FN, FP, TN.

    Returns:
        (…,) float64 in [0, 1]; NaN if there are no negatives (TN + FP = 0).

    See Also:
        `sensitivity`, `npv`.

    Examples:
        >>> from ecg_tf.evaluation.metrics import specificity
        >>> float(specificity([3, 1, 1, 4]))
        0.8
    """
    _, _, fp, tn = _columns(counts)
    return _ratio(tn, tn + fp)


def precision(counts: np.ndarray) -> np.ndarray:
    """Compute TP / (TP + FP), also called positive predictive value.

    Args:
        counts: (…, 4) TP, FN, FP, TN.

    Returns:
        (…,) float64 in [0, 1]; NaN if nothing is predicted (TP + FP = 0).

    See Also:
        `npv`, `sensitivity`; `sklearn.metrics.precision_score`.

    Examples:
        >>> from ecg_tf.evaluation.metrics import precision
        >>> precision([[3, 1, 1, 4], [0, 2, 0, 7]])
        array([0.75,  nan])
    """
    tp, _, fp, _ = _columns(counts)
    return _ratio(tp, tp + fp)


def npv(counts: np.ndarray) -> np.ndarray:
    """Compute TN / (TN + FN), the negative predictive value.

    Args:
        counts: (…, 4) TP, FN, FP, TN.

    Returns:
        (…,) float64 in [0, 1]; NaN if everything is predicted (TN + FN = 0).

    See Also:
        `precision`, `specificity`.

    Examples:
        >>> from ecg_tf.evaluation.metrics import npv
        >>> float(npv([3, 1, 1, 4]))
        0.8
    """
    _, fn, _, tn = _columns(counts)
    return _ratio(tn, tn + fn)


def f1(counts: np.ndarray) -> np.ndarray:
    """Compute 2 TP / (2 TP + FN + FP), the harmonic mean of sensitivity and precision.

    Args:
        counts: (…, 4) TP, FN, FP, TN.

    Returns:
        (…,) float64 in [0, 1]; NaN if there are no positives and nothing is predicted.

    Examples:
        >>> from ecg_tf.evaluation.metrics import f1
        >>> float(f1([3, 1, 1, 4]))
        0.75
    """
    tp, fn, fp, _ = _columns(counts)
    return _ratio(2 * tp, 2 * tp + fn + fp)


def accuracy(counts: np.ndarray) -> np.ndarray:
    """Compute (TP + TN) / (TP + FN + FP + TN).

    Args:
        counts: (…, 4) TP, FN, FP, TN.

    Returns:
        (…,) float64 in [0, 1]; NaN if there are no records.

    See Also:
        `balanced_accuracy`, which does not depend on the share of positives.

    Examples:
        >>> from ecg_tf.evaluation.metrics import accuracy
        >>> float(accuracy([3, 1, 1, 5]))
        0.8
    """
    tp, fn, fp, tn = _columns(counts)
    return _ratio(tp + tn, tp + fn + fp + tn)


def balanced_accuracy(counts: np.ndarray) -> np.ndarray:
    """Compute (sensitivity + specificity) / 2.

    Args:
        counts: (…, 4) TP, FN, FP, TN.

    Returns:
        (…,) float64 in [0, 1]; NaN if there are no positives or no negatives.

    See Also:
        `g_mean`; `sklearn.metrics.balanced_accuracy_score`.

    References:
        K. H. Brodersen et al., The balanced accuracy and its posterior distribution, ICPR 2010,
        3121–3124, https://doi.org/10.1109/ICPR.2010.764

    Examples:
        >>> from ecg_tf.evaluation.metrics import balanced_accuracy
        >>> float(balanced_accuracy([3, 1, 1, 1]))
        0.625
    """
    return (sensitivity(counts) + specificity(counts)) / 2


def g_mean(counts: np.ndarray) -> np.ndarray:
    """Compute sqrt(sensitivity · specificity).

    Args:
        counts: (…, 4) TP, FN, FP, TN.

    Returns:
        (…,) float64 in [0, 1]; NaN if there are no positives or no negatives.

    See Also:
        `balanced_accuracy`, the arithmetic mean of the same rates.

    References:
        M. Kubat, S. Matwin, Addressing the curse of imbalanced training sets: one-sided selection,
        ICML 1997, 179–186.

    Examples:
        >>> from ecg_tf.evaluation.metrics import g_mean
        >>> float(g_mean([1, 3, 0, 4]))
        0.5
    """
    return np.sqrt(sensitivity(counts) * specificity(counts))


_OF_COUNTS = (sensitivity, specificity, precision, npv, f1, accuracy, balanced_accuracy, g_mean)
COUNT_METRICS = {metric.__name__: metric for metric in _OF_COUNTS}


def auroc(labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Compute the area under the ROC curve of each class.

    The area is the probability that a random positive has a higher probability than a random
    negative; ties count half.

    Args:
        labels: (record, class) 0/1.
        probabilities: (record, class) in [0, 1].

    Returns:
        (class,) float64 in [0, 1]; NaN for classes without positives or without negatives.

    See Also:
        `average_precision`, which depends on the share of positives;
        `sklearn.metrics.roc_auc_score`.

    References:
        J. A. Hanley, B. J. McNeil, The meaning and use of the area under a receiver operating
        characteristic (ROC) curve, Radiology 143 (1982) 29–36,
        https://doi.org/10.1148/radiology.143.1.7063747

    Examples:
        >>> from ecg_tf.evaluation.metrics import auroc
        >>> auroc([[1, 0], [0, 0], [1, 0]], [[0.9, 0.2], [0.4, 0.1], [0.3, 0.6]])
        array([0.5, nan])
    """
    return _of_each_class(lambda *column: _ranking_scores(*column)[0], labels, probabilities)


def average_precision(labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Compute the average precision of each class.

    The mean of the precisions at all thresholds, weighted by the increase in sensitivity: the area
    under the precision–recall curve without interpolation. Chance is the share of positives.

    Args:
        labels: (record, class) 0/1.
        probabilities: (record, class) in [0, 1].

    Returns:
        (class,) float64 in [0, 1]; NaN for classes without positives.

    See Also:
        `auroc`, which does not depend on the share of positives;
        `sklearn.metrics.average_precision_score`.

    References:
        J. Davis, M. Goadrich, The relationship between precision-recall and ROC curves, ICML 2006,
        233–240, https://doi.org/10.1145/1143844.1143874

    Examples:
        >>> from ecg_tf.evaluation.metrics import average_precision
        >>> average_precision([[1], [0], [1], [0]], [[0.9], [0.8], [0.7], [0.1]]).round(3)
        array([0.833])
    """
    return _of_each_class(lambda *column: _ranking_scores(*column)[1], labels, probabilities)


def brier(labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Compute the Brier score of each class: the mean of (probability − label)².

    This is the form for two outcomes, half of Brier's original, as in scikit-learn's
    `brier_score_loss`.

    Args:
        labels: (record, class) 0/1.
        probabilities: (record, class) in [0, 1].

    Returns:
        (class,) float64 in [0, 1]; 0 is best.

    References:
        G. W. Brier, Verification of forecasts expressed in terms of probability, Monthly Weather
        Review 78 (1950) 1–3, https://doi.org/10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2

    Examples:
        >>> from ecg_tf.evaluation.metrics import brier
        >>> brier([[1], [0]], [[0.5], [0.5]])
        array([0.25])
    """
    return _of_each_class(
        lambda truth, probability: np.mean((probability - truth) ** 2), labels, probabilities
    )


SCORES = {score.__name__: score for score in (auroc, average_precision, brier)}
METRICS = (*COUNT_METRICS, *SCORES)


def _of_each_class(score: Callable, labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    labels = check_binary("labels", labels)
    probabilities = check_probabilities(probabilities)
    check_same_shape("labels", labels, "probabilities", probabilities)
    columns = zip(labels.T, probabilities.T, strict=True)
    return np.array([score(truth, probability) for truth, probability in columns])


def _ranking_scores(truth: np.ndarray, probability: np.ndarray) -> tuple[float, float]:
    """AUROC and average precision of one class, as the bootstrap computes them."""
    once = np.ones((1, len(truth)), np.int64)
    scores = weighted_auroc_and_average_precision(truth, probability, once)
    return scores[0][0], scores[1][0]


def _columns(counts: np.ndarray) -> np.ndarray:
    return np.moveaxis(np.asarray(counts), -1, 0)


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.full(np.shape(whole), np.nan), where=whole != 0)
