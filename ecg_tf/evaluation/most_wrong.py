"""The records with the largest errors."""

import numpy as np

from ecg_tf.evaluation.checks import check_binary, check_probabilities, check_same_shape


def most_wrong(
    labels: np.ndarray, probabilities: np.ndarray, number: int = 10
) -> tuple[np.ndarray, np.ndarray]:
    """Find the records with the largest error: the mean over the classes of (probability − label)².

    The error is the contribution of the record to the Brier score: 0 if all probabilities are 0 or
    1 and correct, 1 if all are 0 or 1 and wrong.

    Args:
        labels: (record, class) 0/1.
        probabilities: (record, class) in [0, 1].
        number: maximum number of records.

    Returns:
        records: (number,) int64 positions of the records, largest error first; records with equal
            errors keep their order.
        errors: (number,) float64 in [0, 1].

    Examples:
        >>> from ecg_tf.evaluation.most_wrong import most_wrong
        >>> records, errors = most_wrong([[1], [0], [1]], [[0.5], [1.0], [1.0]], number=2)
        >>> records.tolist(), errors.tolist()
        ([1, 0], [1.0, 0.25])
    """
    labels = check_binary("labels", labels)
    probabilities = check_probabilities(probabilities)
    check_same_shape("labels", labels, "probabilities", probabilities)
    errors = np.mean((probabilities - labels) ** 2, axis=1)
    records = np.argsort(-errors, kind="stable")[:number]
    return records, errors[records]
