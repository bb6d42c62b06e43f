"""Choice of the thresholds from which classes are predicted."""

from collections.abc import Callable, Sequence

import numpy as np
from absl import logging

from ecg_tf.errors import InputError
from ecg_tf.evaluation.checks import (
    check_binary,
    check_class_names,
    check_probabilities,
    check_same_shape,
)

# The quantity that a method maximizes, of TP, FP, positives and negatives. Equally good points of
# the curve must be exactly equal, which rounding errors of TPR and FPR could prevent: hence whole
# numbers, or a single division, which rounds equal fractions equally.
_AIMS = {
    "gmean": lambda tp, fp, positives, negatives: tp * (negatives - fp),  # G² · P · N
    "youden": lambda tp, fp, positives, negatives: tp * negatives - fp * positives,  # J · P · N
    "f1": lambda tp, fp, positives, negatives: tp / (tp + fp + positives),  # F1 / 2
}

# The methods and their descriptions in reports.
METHODS = {
    "gmean": "largest G-mean of sensitivity and specificity",
    "youden": "largest sensitivity + specificity − 1 (Youden's J)",
    "f1": "largest F1",
    "0.5": "0.5 for every class",
    "original": "largest G-mean, rounded to two digits, as in the study",
}


def choose_thresholds(
    method: str,
    labels: np.ndarray,
    probabilities: np.ndarray,
    class_names: Sequence[str] | None = None,
) -> np.ndarray:
    """Choose the threshold of each class by one of the `METHODS`.

    gmean, youden and f1 choose among all points of the ROC curve, that is, among all probabilities
    that occur:
        gmean: the largest G-mean, sqrt(TPR · (1 − FPR));
        youden: the largest TPR − FPR = sensitivity + specificity − 1;
        f1: the largest 2 TP / (2 TP + FN + FP).
    The artificial point at infinity, where nothing is predicted, is excluded. Of equally good
    thresholds, the highest is chosen, which predicts the fewest positives. The other methods:
        0.5: 0.5 for each class;
        original: the thresholds of gmean, rounded to two digits (0.6209 → 0.62), as in the code of
            the study. Its scripts for images chose them on the last batch of dev only; here, as in
            its scripts for signals, they are chosen on all records.

    The threshold of a class without positives or without negatives is 0.5, with a warning.

    A class is predicted if probability ≥ threshold. Choose thresholds on one partition (dev) and
    report metrics on another (test).

    Args:
        method: "gmean", "youden", "f1", "0.5" or "original".
        labels: (record, class) 0/1.
        probabilities: (record, class) in [0, 1].
        class_names: names of the classes for warnings; None for their numbers.

    Returns:
        (class,) float64 in [0, 1].

    Raises:
        InputError: unknown method, or arguments of other shapes or values.

    References:
        T. Fawcett, An introduction to ROC analysis, Pattern Recognition Letters 27 (2006) 861–874,
        https://doi.org/10.1016/j.patrec.2005.10.010
        M. Kubat, S. Matwin, Addressing the curse of imbalanced training sets: one-sided selection,
        ICML 1997, 179–186.
        W. J. Youden, Index for rating diagnostic tests, Cancer 3 (1950) 32–35,
        https://doi.org/10.1002/1097-0142(1950)3:1<32::AID-CNCR2820030106>3.0.CO;2-3

    Examples:
        >>> from ecg_tf.evaluation.thresholds import choose_thresholds
        >>> labels, probabilities = [[1], [0], [1], [0]], [[0.9], [0.2], [0.7], [0.6]]
        >>> choose_thresholds("gmean", labels, probabilities)
        array([0.7])
    """
    if method not in METHODS:
        raise InputError(f"threshold {method!r}: expected one of {', '.join(METHODS)}")
    labels = check_binary("labels", labels)
    probabilities = check_probabilities(probabilities)
    check_same_shape("labels", labels, "probabilities", probabilities)
    classes = labels.shape[1]
    names = check_class_names(range(classes) if class_names is None else class_names, classes)

    if method == "0.5":
        return np.full(classes, 0.5)
    if method == "original":
        return np.round(choose_thresholds("gmean", labels, probabilities, class_names), 2)
    for words in one_sided(labels, names).values():
        logging.warning("%s, so no threshold can be chosen; using 0.5", words)
    aim = _AIMS[method]
    return np.array([_best(aim, labels[:, c], probabilities[:, c]) for c in range(classes)])


def one_sided(labels: np.ndarray, class_names: Sequence[str]) -> dict[str, str]:
    """Describe the classes that all records have, or none.

    Args:
        labels: (record, class) 0/1.
        class_names: names of the classes.

    Returns:
        {name: description}.

    Examples:
        >>> from ecg_tf.evaluation.thresholds import one_sided
        >>> one_sided([[1, 0], [0, 0]], ["MI", "HYP"])
        {'HYP': 'class HYP: 0 of 2 records have it'}
    """
    return {
        name: f"class {name}: {count} of {len(labels)} records have it"
        for name, count in zip(class_names, np.count_nonzero(labels, axis=0), strict=True)
        if count in (0, len(labels))
    }


def _best(aim: Callable, labels: np.ndarray, probabilities: np.ndarray) -> float:
    positives = np.count_nonzero(labels)
    negatives = labels.size - positives
    if positives == 0 or negatives == 0:
        return 0.5
    from sklearn.metrics import roc_curve  # imported here because it takes a second

    fpr, tpr, thresholds = roc_curve(labels, probabilities, drop_intermediate=False)
    tp = np.rint(tpr * positives).astype(np.int64)
    fp = np.rint(fpr * negatives).astype(np.int64)
    # Thresholds decrease along the curve, and argmax returns the first maximum.
    return thresholds[1:][np.argmax(aim(tp, fp, positives, negatives)[1:])]
