"""What the counts and the probabilities amount to.

The functions of counts take (…, 4) arrays of TP, FN, FP, TN, for example one row per class, and
answer (…,) float64. Where a metric would be 0/0 it is NaN, not 0: there was nothing to measure
(scikit-learn: `zero_division=np.nan`).
"""

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from ecg_tf.errors import InputError
from ecg_tf.evaluation.checks import (
    check_binary,
    check_class_names,
    check_probabilities,
    check_same_shape,
)
from ecg_tf.evaluation.confusion import COUNTS, confusion_counts, decide, norm_counts

NORM, POOLED, MACRO = "NORM", "pooled", "macro"  # the rows of a summary that are no classes


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


def f1(counts):
    """2 TP / (2 TP + FN + FP); NaN if nothing is positive and nothing is predicted."""
    tp, fn, fp, _ = _columns(counts)
    return _ratio(2 * tp, 2 * tp + fn + fp)


def accuracy(counts):
    """(TP + TN) / (TP + FN + FP + TN)."""
    tp, fn, fp, tn = _columns(counts)
    return _ratio(tp + tn, tp + fn + fp + tn)


def g_mean(counts):
    """sqrt(sensitivity · specificity); NaN where one of them is."""
    return np.sqrt(sensitivity(counts) * specificity(counts))


COUNT_METRICS = {
    metric.__name__: metric
    for metric in (sensitivity, specificity, precision, f1, accuracy, g_mean)
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
    labels = check_binary("labels", labels)
    probabilities = check_probabilities(probabilities)
    check_same_shape("labels", labels, "probabilities", probabilities)
    return np.array(
        [
            roc_auc_score(truth, probability) if truth.any() and not truth.all() else np.nan
            for truth, probability in zip(labels.T, probabilities.T, strict=True)
        ]
    )


def summarize(labels, probabilities, thresholds, class_names):
    """All counts and metrics in one table, from which every form of the report is made.

    Rows: one for each class, then
        NORM: "none of the classes" as if it were a class (see `norm_counts`). It counts toward
            neither `pooled` nor `macro`. No probability belongs to it, so it has no AUROC and no
            threshold.
        pooled: the metrics of the counts summed over the classes (micro); its G-mean is the root
            of pooled sensitivity · pooled specificity. This is what the study calls "mean". AUROC
            is not pooled: probabilities of different classes are not on one scale.
        macro: the mean of each metric over the classes, its G-mean the mean of their G-means. It
            is NaN if the metric of one class is: a mean over fewer classes is another quantity.

    Columns: TP, FN, FP, TN, sensitivity, specificity, precision, f1, accuracy, g_mean, auroc,
    threshold. All are float64, the counts too, and NaN where they are not defined: macro has no
    counts, and only classes have thresholds.

    Args:
        labels: (record, class) 0/1.
        probabilities: (record, class) in [0, 1].
        thresholds: (class,) in [0, 1]; a class is predicted at probability ≥ threshold.
        class_names: names of the classes, none of them NORM, pooled or macro.

    Returns:
        pandas.DataFrame whose index, "class", is [*class_names, "NORM", "pooled", "macro"].
    """
    decisions = decide(probabilities, thresholds)
    counts = confusion_counts(labels, decisions)
    class_names = check_class_names(class_names, classes=len(counts))
    taken = {NORM, POOLED, MACRO}.intersection(class_names)
    if taken:
        raise InputError(f"class_names: {class_names}, {sorted(taken)} would be two rows at once")

    rows = np.vstack([counts, norm_counts(labels, decisions), counts.sum(axis=0)])
    index = pd.Index([*class_names, NORM, POOLED], name="class")
    summary = pd.DataFrame(rows, index, COUNTS, dtype=np.float64)
    for name, metric in COUNT_METRICS.items():
        summary[name] = metric(rows)
    summary["auroc"] = [*auroc(labels, probabilities), np.nan, np.nan]
    summary["threshold"] = [*thresholds, np.nan, np.nan]

    averaged = [*COUNT_METRICS, "auroc"]
    summary.loc[MACRO] = summary.loc[class_names, averaged].mean(skipna=False)
    return summary


def _columns(counts):
    return np.moveaxis(np.asarray(counts), -1, 0)


def _ratio(part, whole):
    return np.divide(part, whole, out=np.full(np.shape(whole), np.nan), where=whole != 0)
