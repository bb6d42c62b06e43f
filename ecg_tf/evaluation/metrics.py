"""What the counts and the probabilities amount to.

The functions of counts take (…, 4) arrays of TP, FN, FP, TN, for example one row per class, and
answer (…,) float64. Where a metric would be 0/0 it is NaN, not 0: there was nothing to measure
(scikit-learn: `zero_division=np.nan`).
"""

import numpy as np
import pandas as pd
from sklearn.metrics import average_precision_score, roc_auc_score

from ecg_tf.errors import InputError
from ecg_tf.evaluation.checks import (
    check_binary,
    check_class_names,
    check_probabilities,
    check_same_shape,
)
from ecg_tf.evaluation.confusion import COUNTS, confusion_counts, decide, norm_counts

# The rows of a summary that are no classes; but NORM may be one.
NORM, POOLED, MACRO = "NORM", "pooled", "macro"


def sensitivity(counts):
    """TP / (TP + FN), also called recall or TPR; NaN without positives."""
    tp, fn, _, _ = _columns(counts)
    return _ratio(tp, tp + fn)


def specificity(counts):
    """TN / (TN + FP), which is 1 − FPR; NaN without negatives."""
    _, _, fp, tn = _columns(counts)
    return _ratio(tn, tn + fp)


def precision(counts):
    """TP / (TP + FP), the positive predictive value; NaN if nothing is predicted."""
    tp, _, fp, _ = _columns(counts)
    return _ratio(tp, tp + fp)


def npv(counts):
    """TN / (TN + FN), the negative predictive value; NaN if all is predicted."""
    _, fn, _, tn = _columns(counts)
    return _ratio(tn, tn + fn)


def f1(counts):
    """2 TP / (2 TP + FN + FP); NaN if nothing is positive and nothing is predicted."""
    tp, fn, fp, _ = _columns(counts)
    return _ratio(2 * tp, 2 * tp + fn + fp)


def accuracy(counts):
    """(TP + TN) / (TP + FN + FP + TN)."""
    tp, fn, fp, tn = _columns(counts)
    return _ratio(tp + tn, tp + fn + fp + tn)


def balanced_accuracy(counts):
    """(sensitivity + specificity) / 2; NaN where one of them is (Brodersen et al. 2010).

    K. H. Brodersen et al., The balanced accuracy and its posterior distribution, ICPR 2010,
    3121–3124.
    """
    return (sensitivity(counts) + specificity(counts)) / 2


def g_mean(counts):
    """sqrt(sensitivity · specificity); NaN where one of them is (Kubat and Matwin 1997).

    M. Kubat, S. Matwin, Addressing the curse of imbalanced training sets: one-sided selection,
    ICML 1997, 179–186.
    """
    return np.sqrt(sensitivity(counts) * specificity(counts))


COUNT_METRICS = {
    metric.__name__: metric
    for metric in (
        sensitivity,
        specificity,
        precision,
        npv,
        f1,
        accuracy,
        balanced_accuracy,
        g_mean,
    )
}


def auroc(labels, probabilities):
    """Area under the ROC curve of each class, by scikit-learn's `roc_auc_score`.

    It is the probability that a random positive gets a higher probability than a random negative,
    ties counting half (Hanley and McNeil, Radiology 143 (1982) 29–36).

    Args:
        labels: (record, class) 0/1.
        probabilities: (record, class) in [0, 1].

    Returns:
        (class,) float64; NaN for a class without positives or without negatives.
    """
    return _of_each_class(
        lambda truth, probability: (
            roc_auc_score(truth, probability) if truth.any() and not truth.all() else np.nan
        ),
        labels,
        probabilities,
    )


def average_precision(labels, probabilities):
    """Average precision of each class, by scikit-learn's `average_precision_score`.

    The precision from each probability that occurs on, weighted by the sensitivity that it adds;
    the area under the precision–recall curve without interpolation. A classifier that knows nothing
    gets the share of positives (Davis and Goadrich, ICML 2006, 233–240).

    Args:
        labels: (record, class) 0/1.
        probabilities: (record, class) in [0, 1].

    Returns:
        (class,) float64; NaN for a class without positives.
    """
    return _of_each_class(
        lambda truth, probability: (
            average_precision_score(truth, probability) if truth.any() else np.nan
        ),
        labels,
        probabilities,
    )


def brier(labels, probabilities):
    """Brier score of each class: the mean of (probability − label)²; 0 is best.

    G. W. Brier, Verification of forecasts expressed in terms of probability, Monthly Weather Review
    78 (1950) 1–3; its form for two outcomes, half of the original, as scikit-learn's
    `brier_score_loss` has it.

    Args:
        labels: (record, class) 0/1.
        probabilities: (record, class) in [0, 1].

    Returns:
        (class,) float64.
    """
    return _of_each_class(
        lambda truth, probability: np.mean((probability - truth) ** 2), labels, probabilities
    )


SCORES = {score.__name__: score for score in (auroc, average_precision, brier)}
METRICS = (*COUNT_METRICS, *SCORES)


def metric_rows(counts, norm, scores, pooled_scores):
    """All metrics of all rows of the report, of one evaluation or of many resampled ones.

    Args:
        counts: (…, class, 4) of each class.
        norm: (…, 4) of the NORM row; None for no such row, where NORM is one of the classes.
        scores: (…, class, 3): AUROC, average precision and Brier score of each class.
        pooled_scores: (…, 3): the same over all pairs of record and class.

    Returns:
        (…, class + 3, metric) float64, `METRICS` of each class, of NORM, pooled and macro; see
        `summarize`. One row less without NORM's.
    """
    counts = np.asarray(counts)
    norm = [] if norm is None else [np.asarray(norm)[..., None, :]]
    rows = np.concatenate([counts, *norm, counts.sum(axis=-2, keepdims=True)], axis=-2)
    of_counts = np.stack([metric(rows) for metric in COUNT_METRICS.values()], axis=-1)
    pooled_scores = np.asarray(pooled_scores)[..., None, :]
    of_norm = [np.full_like(pooled_scores, np.nan) for _ in norm]  # no probability belongs to it
    of_scores = np.concatenate([scores, *of_norm, pooled_scores], axis=-2)
    table = np.concatenate([of_counts, of_scores], axis=-1)
    macro = table[..., : counts.shape[-2], :].mean(axis=-2, keepdims=True)
    return np.concatenate([table, macro], axis=-2)


def summarize(labels, probabilities, thresholds, class_names):
    """All counts and metrics in one table, from which every form of the report is made.

    Rows: one for each class, then
        NORM: "none of the classes" as if it were a class (see `norm_cells`). It counts toward
            neither `pooled` nor `macro`. No probability belongs to it, so it has no AUROC, no
            average precision, no Brier score and no threshold. Where NORM is one of the classes,
            there is no such row: NORM's is then that of any class.
        pooled: the metrics of the counts summed over the classes (micro); its G-mean is the root
            of pooled sensitivity · pooled specificity. This is what the study calls "mean". Its
            AUROC, average precision and Brier score are those of all pairs of record and class:
            they suffer where the probabilities of the classes are on different scales.
        macro: the mean of each metric over the classes, its G-mean the mean of their G-means. It
            is NaN if the metric of one class is: a mean over fewer classes is another quantity.

    Columns: TP, FN, FP, TN, then `METRICS` (sensitivity, specificity, precision, npv, f1, accuracy,
    balanced_accuracy, g_mean, auroc, average_precision, brier), then threshold. All are float64,
    the counts too, and NaN where they are not defined: macro has no counts, and only classes have
    thresholds.

    Args:
        labels: (record, class) 0/1.
        probabilities: (record, class) in [0, 1].
        thresholds: (class,) in [0, 1]; a class is predicted at probability ≥ threshold.
        class_names: names of the classes, none of them pooled or macro.

    Returns:
        pandas.DataFrame whose index, "class", is [*class_names, "NORM", "pooled", "macro"], each
        once.
    """
    decisions = decide(probabilities, thresholds)
    counts = confusion_counts(labels, decisions)
    class_names = check_class_names(class_names, classes=len(counts))
    taken = {POOLED, MACRO}.intersection(class_names)
    if taken:
        raise InputError(f"class_names: {class_names}, {sorted(taken)} would be two rows at once")

    pairs = np.reshape(labels, (-1, 1)), np.reshape(probabilities, (-1, 1))
    scores = np.column_stack([score(labels, probabilities) for score in SCORES.values()])
    pooled_scores = [score(*pairs)[0] for score in SCORES.values()]
    of_rows = dict(zip(class_names, counts, strict=True))
    norm = None
    if NORM not in class_names:
        norm = of_rows[NORM] = norm_counts(labels, decisions)
    of_rows |= {POOLED: counts.sum(axis=0), MACRO: np.full(len(COUNTS), np.nan)}
    index = pd.Index(of_rows, name="class")
    summary = pd.DataFrame(np.vstack(list(of_rows.values())), index, COUNTS)
    summary[list(METRICS)] = metric_rows(counts, norm, scores, pooled_scores)
    summary["threshold"] = [*thresholds, *[np.nan] * (len(index) - len(class_names))]
    return summary


def _of_each_class(score, labels, probabilities):
    labels = check_binary("labels", labels)
    probabilities = check_probabilities(probabilities)
    check_same_shape("labels", labels, "probabilities", probabilities)
    columns = zip(labels.T, probabilities.T, strict=True)
    return np.array([score(truth, probability) for truth, probability in columns])


def _columns(counts):
    return np.moveaxis(np.asarray(counts), -1, 0)


def _ratio(part, whole):
    return np.divide(part, whole, out=np.full(np.shape(whole), np.nan), where=whole != 0)
