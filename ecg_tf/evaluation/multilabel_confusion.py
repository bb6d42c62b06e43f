"""Which class is taken for which, where a record can have several."""

import numpy as np

from ecg_tf.evaluation.checks import check_binary, check_same_shape


def multilabel_confusion(labels, decisions):
    """True classes against predicted ones, with a row and a column for "none".

    Each record adds
        1 to (c, c) for each class c that is true and predicted, and 1 to (none, none) if none is
            true and none is predicted;
        1 to (t, p) for each pair of a class t that is true but missed and a class p that is
            predicted but not true;
        1 to (t, none) for each missed class t, if none is wrongly predicted;
        1 to (none, p) for each wrongly predicted class p, if none is missed.
    So the diagonal is the report's TP, with that of NORM at its end, and a record in which nothing
    is wrong lies on the diagonal only. After M. Heydarian, T. Doyle, R. Samavi, MLCM: Multi-Label
    Confusion Matrix, IEEE Access 10 (2022) 19083–19095, who book classes that are predicted beside
    all true ones in the rows of those; here, in the row of none, they cannot be read as confusions.

    Args:
        labels: (record, class) 0/1.
        decisions: (record, class) 0/1.

    Returns:
        (class + 1, class + 1) int64: true class by predicted class, none last.
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


def _or_none(classes, none):
    """(record, class + 1) int64."""
    return np.column_stack([classes, none]).astype(np.int64)
