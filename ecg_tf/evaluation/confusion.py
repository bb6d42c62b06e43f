"""Decisions and their confusion counts."""

import numpy as np

from ecg_tf.evaluation.checks import (
    check_binary,
    check_probabilities,
    check_same_shape,
    check_thresholds,
)

COUNTS = ("TP", "FN", "FP", "TN")  # true positives, false negatives, … in the order of reports


def decide(probabilities: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """Decide which classes are predicted: 1 where the probability reaches the threshold.

    Args:
        probabilities: (record, class) in [0, 1].
        thresholds: (class,) in [0, 1].

    Returns:
        (record, class) uint8: probability ≥ threshold.

    Raises:
        InputError: arguments of other shapes or values.

    Examples:
        >>> from ecg_tf.evaluation.confusion import decide
        >>> decide([[0.5, 0.4], [0.1, 0.9]], [0.5, 0.8]).tolist()
        [[1, 0], [0, 1]]
    """
    probabilities = check_probabilities(probabilities)
    thresholds = check_thresholds(thresholds, classes=probabilities.shape[1])
    return (probabilities >= thresholds).astype(np.uint8)


def confusion_cells(labels: np.ndarray, decisions: np.ndarray) -> np.ndarray:
    """Classify each record as TP, FN, FP or TN of each class.

    Args:
        labels: (record, class) 0/1.
        decisions: (record, class) 0/1.

    Returns:
        (record, class, 4) bool: TP, FN, FP, TN; exactly one of them is true.
    """
    labels = check_binary("labels", labels)
    decisions = check_binary("decisions", decisions)
    check_same_shape("labels", labels, "decisions", decisions)
    cells = (labels & decisions, labels & ~decisions, ~labels & decisions, ~labels & ~decisions)
    return np.stack(cells, axis=-1)


def norm_cells(labels: np.ndarray, decisions: np.ndarray) -> np.ndarray:
    """Classify each record as TP, FN, FP or TN of NORM: "none of the classes" as a class.

    TP: no class is true and none is predicted. FN: no class is true, but at least one is predicted.
    FP: at least one class is true, but none is predicted. TN: at least one class is true and at
    least one, not necessarily the same, is predicted.

    Args:
        labels: (record, class) 0/1.
        decisions: (record, class) 0/1.

    Returns:
        (record, 4) bool: TP, FN, FP, TN; exactly one of them is true.
    """
    labels = check_binary("labels", labels)
    decisions = check_binary("decisions", decisions)
    check_same_shape("labels", labels, "decisions", decisions)
    none_true = ~labels.any(axis=1, keepdims=True)
    none_predicted = ~decisions.any(axis=1, keepdims=True)
    return confusion_cells(none_true, none_predicted)[:, 0]


def confusion_counts(labels: np.ndarray, decisions: np.ndarray) -> np.ndarray:
    """Count true and false positives and negatives of each class.

    Args:
        labels: (record, class) 0/1.
        decisions: (record, class) 0/1.

    Returns:
        (class, 4) int64: TP, FN, FP, TN. Each row sums to the number of records.

    Examples:
        >>> from ecg_tf.evaluation.confusion import confusion_counts
        >>> confusion_counts([[1], [1], [0]], [[1], [0], [1]]).tolist()
        [[1, 1, 1, 0]]
    """
    return confusion_cells(labels, decisions).sum(axis=0, dtype=np.int64)


def norm_counts(labels: np.ndarray, decisions: np.ndarray) -> np.ndarray:
    """Count true and false positives and negatives of NORM: see `norm_cells`.

    Args:
        labels: (record, class) 0/1.
        decisions: (record, class) 0/1.

    Returns:
        (4,) int64: TP, FN, FP, TN.
    """
    return norm_cells(labels, decisions).sum(axis=0, dtype=np.int64)
