"""The records that a run is most wrong about."""

import numpy as np

from ecg_tf.evaluation.checks import check_binary, check_probabilities, check_same_shape


def most_wrong(labels, probabilities, number=10):
    """The records with the largest mean over the classes of (probability − label)².

    It is what the record adds to the Brier score: 0 if the network was certain and right of every
    class, 1 if it was certain and wrong of every one.

    Args:
        labels: (record, class) 0/1.
        probabilities: (record, class) in [0, 1].
        number: how many at most.

    Returns:
        records: (number,) their positions, the most wrong first; of equals the first first.
        errors: (number,) float64 in [0, 1], what each adds.
    """
    labels = check_binary("labels", labels)
    probabilities = check_probabilities(probabilities)
    check_same_shape("labels", labels, "probabilities", probabilities)
    errors = np.mean((probabilities - labels) ** 2, axis=1)
    records = np.argsort(-errors, kind="stable")[:number]
    return records, errors[records]
