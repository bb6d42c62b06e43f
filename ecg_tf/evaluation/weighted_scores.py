"""AUROC and average precision of many weighted samples of the same records, from one sort.

A sample in which record k occurs w times is the records with weight w of k. Which record has a
higher probability than which does not depend on the weights, so all samples share one order. The
sums are of whole numbers and therefore exact.
"""

import numpy as np

_BLOCK = 64  # samples at a time: what they need stays in the processor's cache


def weighted_auroc_and_average_precision(labels, probabilities, weights):
    """AUROC and average precision of one class in many weighted samples.

    With P(t) and N(t) the weights of positives and negatives of probability t, P and N their sums,
    and P(≥t), N(≥t) those of probability t or more:
        AUROC = Σₜ N(t) · (P(≥t) − P(t)/2) / (P · N), ties counting half (Hanley and McNeil 1982);
        average precision = Σₜ P(t)/P · P(≥t) / (P(≥t) + N(≥t)), scikit-learn's definition.

    Args:
        labels: (record,) bool.
        probabilities: (record,).
        weights: (sample, record) whole numbers, not negative.

    Returns:
        Two (sample,) float64: AUROC, NaN where a sample has no positives or no negatives; average
        precision, NaN where it has no positives.
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


def _scores(weights, labels, starts):
    """Both scores of some samples; the records are sorted, highest probability first."""
    weights = weights.astype(np.int64)
    positive = np.add.reduceat(weights * labels, starts, axis=1)
    negative = np.add.reduceat(weights * ~labels, starts, axis=1)
    reached = np.cumsum(positive, axis=1)
    predicted = reached + np.cumsum(negative, axis=1)
    positives, pairs = reached[:, -1], reached[:, -1] * (predicted[:, -1] - reached[:, -1])
    halves = np.sum(negative * (2 * reached - positive), axis=1)
    precision = np.divide(reached, predicted, out=np.zeros(reached.shape), where=predicted > 0)
    with np.errstate(invalid="ignore"):  # 0/0 is NaN, as it should be
        return halves / (2 * pairs), np.sum(positive * precision, axis=1) / positives
