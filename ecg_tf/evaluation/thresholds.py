"""The probability from which a class is predicted."""

import numpy as np
from sklearn.metrics import roc_curve

from ecg_tf.errors import InputError
from ecg_tf.evaluation.checks import (
    check_binary,
    check_class_names,
    check_probabilities,
    check_same_shape,
)


def gmean_thresholds(labels, probabilities, class_names=None):
    """Threshold of each class with the largest G-mean.

    G-mean = sqrt(TPR · (1 − FPR)) (Kubat and Matwin 1997), looked for over all points of the ROC
    curve (Fawcett 2006), that is over all probabilities that occur. The artificial point at
    infinity, where nothing is predicted, does not take part. Of equally good thresholds the
    highest wins: it predicts the fewest positives.

    A prediction is probability ≥ threshold. To be fair, choose thresholds on one partition (dev)
    and report on another (test).

    Args:
        labels: (record, class) 0/1. Every class needs a positive and a negative.
        probabilities: (record, class) in [0, 1].
        class_names: names of the classes for errors, None for their numbers.

    Returns:
        (class,) float64, each a probability of its class.

    Raises:
        InputError: a class has no positive or no negative; or an argument is not as said above.

    References:
        T. Fawcett, An introduction to ROC analysis, Pattern Recognition Letters 27 (2006) 861–874.
        M. Kubat, S. Matwin, Addressing the curse of imbalanced training sets: one-sided selection,
        ICML 1997, 179–186.
    """
    labels = check_binary("labels", labels)
    probabilities = check_probabilities(probabilities)
    check_same_shape("labels", labels, "probabilities", probabilities)
    classes = labels.shape[1]
    names = check_class_names(range(classes) if class_names is None else class_names, classes)

    return np.array(
        [_gmean_threshold(labels[:, c], probabilities[:, c], names[c]) for c in range(classes)]
    )


def _gmean_threshold(labels, probabilities, name):
    positives = np.count_nonzero(labels)
    negatives = labels.size - positives
    if positives == 0 or negatives == 0:
        raise InputError(
            f"class {name}: {positives} positives and {negatives} negatives, "
            "expected at least one of each to choose its threshold"
        )
    fpr, tpr, thresholds = roc_curve(labels, probabilities, drop_intermediate=False)
    # TP · TN = G² · positives · negatives has its maximum where G has. In whole numbers equal
    # points are equal, which roundings in TPR and FPR could make unequal.
    tp = np.rint(tpr * positives).astype(np.int64)
    tn = negatives - np.rint(fpr * negatives).astype(np.int64)
    # Thresholds fall along the curve, and argmax takes the first of equals.
    return thresholds[1:][np.argmax((tp * tn)[1:])]
