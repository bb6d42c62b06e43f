"""Decisions, and how often they are right and wrong."""

import numpy as np

from ecg_tf.evaluation.checks import (
    check_binary,
    check_probabilities,
    check_same_shape,
    check_thresholds,
)

COUNTS = ("TP", "FN", "FP", "TN")  # true positives, false negatives, … in the order of the report


def decide(probabilities, thresholds):
    """Decisions: 1 where the probability has reached its class's threshold.

    Args:
        probabilities: (record, class) in [0, 1].
        thresholds: (class,) in [0, 1].

    Returns:
        (record, class) uint8: probability ≥ threshold.
    """
    probabilities = check_probabilities(probabilities)
    thresholds = check_thresholds(thresholds, classes=probabilities.shape[1])
    return (probabilities >= thresholds).astype(np.uint8)


def confusion_cells(labels, decisions):
    """Which of the four each record is for each class; the counts before they are summed.

    Args:
        labels: (record, class) 0/1.
        decisions: (record, class) 0/1.

    Returns:
        (record, class, 4) bool: TP, FN, FP, TN, of which exactly one is true.
    """
    labels = check_binary("labels", labels)
    decisions = check_binary("decisions", decisions)
    check_same_shape("labels", labels, "decisions", decisions)
    cells = (labels & decisions, labels & ~decisions, ~labels & decisions, ~labels & ~decisions)
    return np.stack(cells, axis=-1)


def norm_cells(labels, decisions):
    """The same for the NORM row of the report: "none of the classes", as if it were a class.

    TP: no class is true and none is predicted. FN: none is true, at least one is predicted. FP: at
    least one is true, none is predicted. TN: at least one is true and at least one, which need not
    be the same, is predicted.

    Args:
        labels: (record, class) 0/1.
        decisions: (record, class) 0/1.

    Returns:
        (record, 4) bool: TP, FN, FP, TN, of which exactly one is true.
    """
    labels = check_binary("labels", labels)
    decisions = check_binary("decisions", decisions)
    check_same_shape("labels", labels, "decisions", decisions)
    none_true = ~labels.any(axis=1, keepdims=True)
    none_predicted = ~decisions.any(axis=1, keepdims=True)
    return confusion_cells(none_true, none_predicted)[:, 0]


def confusion_counts(labels, decisions):
    """True and false positives and negatives of each class.

    Args:
        labels: (record, class) 0/1.
        decisions: (record, class) 0/1.

    Returns:
        (class, 4) int64: TP, FN, FP, TN. Each row adds up to the number of records.
    """
    return confusion_cells(labels, decisions).sum(axis=0, dtype=np.int64)


def norm_counts(labels, decisions):
    """The counts of `norm_cells`.

    Args:
        labels: (record, class) 0/1.
        decisions: (record, class) 0/1.

    Returns:
        (4,) int64: TP, FN, FP, TN.
    """
    return norm_cells(labels, decisions).sum(axis=0, dtype=np.int64)
