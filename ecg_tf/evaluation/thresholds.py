"""The probability from which a class is predicted, chosen from labels and probabilities."""

import numpy as np
from absl import logging
from sklearn.metrics import roc_curve

from ecg_tf.errors import InputError
from ecg_tf.evaluation.checks import (
    check_binary,
    check_class_names,
    check_probabilities,
    check_same_shape,
)

# What a method makes largest, of TP, FP, positives and negatives. Equally good points of the curve
# must come out equal, which roundings in TPR and FPR could prevent: so whole numbers, or one
# division, which rounds equal fractions equally.
_AIMS = {
    "gmean": lambda tp, fp, positives, negatives: tp * (negatives - fp),  # G² · P · N
    "youden": lambda tp, fp, positives, negatives: tp * negatives - fp * positives,  # J · P · N
    "f1": lambda tp, fp, positives, negatives: tp / (tp + fp + positives),  # F1 / 2
}

# The methods, and what they do, in words.
METHODS = {
    "gmean": "largest G-mean of sensitivity and specificity",
    "youden": "largest sensitivity + specificity − 1 (Youden's J)",
    "f1": "largest F1",
    "0.5": "0.5 for every class",
    "original": "largest G-mean, rounded to two digits, as the study has it",
}


def choose_thresholds(method, labels, probabilities, class_names=None):
    """Threshold of each class by one of the `METHODS`.

    gmean, youden and f1 look over all points of the ROC curve (Fawcett 2006), that is over all
    probabilities that occur, for the one where
        gmean: sqrt(TPR · (1 − FPR)), the G-mean, is largest (Kubat and Matwin 1997);
        youden: TPR − FPR = sensitivity + specificity − 1 is largest (Youden 1950);
        f1: 2 TP / (2 TP + FN + FP) is largest.
    The artificial point at infinity, where nothing is predicted, does not take part. Of equally
    good thresholds the highest wins: it predicts the fewest positives. The others:
        0.5: 0.5 for every class, whatever the data;
        original: the thresholds of gmean, rounded to two digits (0.6209 → 0.62), which is how the
            study's code decides: its reference counts come from the rounded ones. Its scripts for
            images took them from the last batch of dev alone; here, as in its scripts for signals,
            they are from all records given.

    Of a class without positives or without negatives no threshold can be chosen: it is 0.5, and a
    warning names the class.

    A prediction is probability ≥ threshold. To be fair, choose thresholds on one partition (dev)
    and report on another (test).

    Args:
        method: "gmean", "youden", "f1", "0.5" or "original".
        labels: (record, class) 0/1.
        probabilities: (record, class) in [0, 1].
        class_names: names of the classes for errors, None for their numbers.

    Returns:
        (class,) float64 in [0, 1].

    Raises:
        InputError: an unknown method, or an argument that is not as said above.

    References:
        T. Fawcett, An introduction to ROC analysis, Pattern Recognition Letters 27 (2006) 861–874.
        M. Kubat, S. Matwin, Addressing the curse of imbalanced training sets: one-sided selection,
        ICML 1997, 179–186.
        W. J. Youden, Index for rating diagnostic tests, Cancer 3 (1950) 32–35.
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
        logging.warning("%s, so no threshold can be chosen and 0.5 is taken", words)
    aim = _AIMS[method]
    return np.array([_best(aim, labels[:, c], probabilities[:, c]) for c in range(classes)])


def one_sided(labels, class_names):
    """The classes that every record has, or none.

    Args:
        labels: (record, class) 0/1.
        class_names: names of the classes.

    Returns:
        {name: "class HYP: 0 of 16 records have it"}.
    """
    return {
        name: f"class {name}: {count} of {len(labels)} records have it"
        for name, count in zip(class_names, np.count_nonzero(labels, axis=0), strict=True)
        if count in (0, len(labels))
    }


def _best(aim, labels, probabilities):
    positives = np.count_nonzero(labels)
    negatives = labels.size - positives
    if positives == 0 or negatives == 0:
        return 0.5
    fpr, tpr, thresholds = roc_curve(labels, probabilities, drop_intermediate=False)
    tp = np.rint(tpr * positives).astype(np.int64)
    fp = np.rint(fpr * negatives).astype(np.int64)
    # Thresholds fall along the curve, and argmax takes the first of equals.
    return thresholds[1:][np.argmax(aim(tp, fp, positives, negatives)[1:])]
