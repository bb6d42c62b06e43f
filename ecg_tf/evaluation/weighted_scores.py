"""AUROC and average precision of many weighted samples of the same records.

In a sample, each record has a weight: the number of times that it occurs. The order of the records
by probability does not depend on the weights, so they are sorted only once. Sums are sums of
integers and therefore exact.
"""

import numpy as np

_BLOCK = 64  # samples at a time, so that they fit into the cache of the processor


def weighted_auroc_and_average_precision(
    labels: np.ndarray, probabilities: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Compute AUROC and average precision of one class in many weighted samples.

    P(t) and N(t) are the weights of positives and negatives with probability t, P and N their sums,
    and P(≥t) and N(≥t) the weights with probability t or more:
        AUROC = Σₜ N(t) · (P(≥t) − P(t)/2) / (P · N); ties count half (Hanley and McNeil 1982);
        average precision = Σₜ P(t)/P · P(≥t) / (P(≥t) + N(≥t)), as in scikit-learn.

    Args:
        labels: (record,) bool.
        probabilities: (record,).
        weights: (sample, record) non-negative integers.

    Returns:
        auroc: (sample,) float64; NaN for samples without positives or without negatives.
        average_precision: (sample,) float64; NaN for samples without positives.
    """
    order = np.argsort(-probabilities, kind="stable")
    falling = probabilities[order]
    starts = np.flatnonzero(np.r_[True, falling[1:] != falling[:-1]])  # of equal probabilities
    labels = labels[order]
    blocks = [
        _scores(weights[first : first + _BLOCK, order], labels, starts)
        for first in range(0, len(weights), _BLOCK)
    ]
    areas, precisions = zip(*blocks, strict=True)
    return np.concatenate(areas), np.concatenate(precisions)


def _scores(
    weights: np.ndarray, labels: np.ndarray, starts: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Both scores of some samples; records are sorted by decreasing probability."""
    weights = weights.astype(np.int64)
    positive = np.add.reduceat(weights * labels, starts, axis=1)
    negative = np.add.reduceat(weights * ~labels, starts, axis=1)
    reached = np.cumsum(positive, axis=1)
    predicted = reached + np.cumsum(negative, axis=1)
    positives, pairs = reached[:, -1], reached[:, -1] * (predicted[:, -1] - reached[:, -1])
    halves = np.sum(negative * (2 * reached - positive), axis=1)
    precision = np.divide(reached, predicted, out=np.zeros(reached.shape), where=predicted > 0)
    with np.errstate(invalid="ignore"):  # 0/0 gives NaN, as documented
        return halves / (2 * pairs), np.sum(positive * precision, axis=1) / positives
