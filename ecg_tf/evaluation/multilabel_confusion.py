"""Confusion matrices of records with several classes."""

import numpy as np

from ecg_tf.evaluation.checks import check_binary, check_same_shape


def multilabel_confusion(labels: np.ndarray, decisions: np.ndarray) -> np.ndarray:
    """Count true classes against predicted classes, with a row and a column for "none".

    Each record adds
        1 to (c, c) for each class c that is true and predicted, and 1 to (none, none) if no class
            is true and none is predicted;
        1 to (t, p) for each pair of a missed class t (true, not predicted) and a wrongly predicted
            class p (predicted, not true);
        1 to (t, none) for each missed class t, if no class is wrongly predicted;
        1 to (none, p) for each wrongly predicted class p, if no class is missed.
    The diagonal thus holds the TP of the report, with the TP of NORM last, and a correct record
    contributes to the diagonal only. Heydarian et al. count classes that are predicted in addition
    to all true classes in the rows of the true classes; here they are in the row "none", so that
    they are not read as confusions.

    Args:
        labels: (record, class) 0/1.
        decisions: (record, class) 0/1.

    Returns:
        (class + 1, class + 1) int64: true class by predicted class, "none" last.

    References:
        M. Heydarian, T. Doyle, R. Samavi, MLCM: Multi-label confusion matrix, IEEE Access 10 (2022)
        19083–19095, https://doi.org/10.1109/ACCESS.2022.3151048

    Examples:
        >>> from ecg_tf.evaluation.multilabel_confusion import multilabel_confusion
        >>> multilabel_confusion([[1, 0], [1, 0]], [[1, 0], [0, 1]]).tolist()
        [[1, 1, 0], [0, 0, 0], [0, 0, 0]]
    """
    labels = check_binary("labels", labels)
    decisions = check_binary("decisions", decisions)
    check_same_shape("labels", labels, "decisions", decisions)
    right = _or_none(labels & decisions, ~(labels | decisions).any(axis=1))
    missed, wrong = labels & ~decisions, decisions & ~labels
    is_wrong = missed.any(axis=1) | wrong.any(axis=1)
    missed = _or_none(missed, is_wrong & ~missed.any(axis=1))
    wrong = _or_none(wrong, is_wrong & ~wrong.any(axis=1))
    return np.diag(right.sum(axis=0)) + missed.T @ wrong


def _or_none(classes: int, none: np.ndarray) -> np.ndarray:
    """(record, class + 1) int64."""
    return np.column_stack([classes, none]).astype(np.int64)
