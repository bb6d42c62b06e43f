"""Confidence intervals of metrics: the bootstrap over patients.

    weights = draw_patients(labels, patients)
    draws = resample(labels, probabilities, thresholds, weights)
    low, high = intervals(draws)

Two runs on the same records are resampled with the same weights. The intervals of their differences
are then `intervals(draws_a - draws_b)`; variation that affects both runs alike cancels out.
"""

import warnings

import numpy as np

from ecg_tf.errors import InputError
from ecg_tf.evaluation.checks import check_binary, check_probabilities, check_same_shape
from ecg_tf.evaluation.confusion import confusion_cells, decide, norm_cells
from ecg_tf.evaluation.summary import metric_rows
from ecg_tf.evaluation.weighted_scores import weighted_auroc_and_average_precision

DRAWS, SEED, LEVEL = 1000, 42, 0.95
_FEWEST_KEPT = 0.01  # share of the draws that contain records of all demanded kinds
_MOST_PAIRS = 2**24  # weights of pairs of record and class at a time


def draw_patients(
    labels: np.ndarray,
    patients: np.ndarray | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
) -> np.ndarray:
    """Draw bootstrap samples of patients.

    Each draw consists of as many patients as there are, drawn with replacement, with all their
    records, because the records of a patient are similar (cluster bootstrap). Draws in which a
    class has no positives or no negatives are repeated. If there are so many rare classes that
    fewer than 1 % of the draws would be kept, the rarest may be missing from a draw; their metrics
    are then undefined in it. This depends on the labels only, so the draws are the same for all
    runs on the same records.

    Args:
        labels: (record, class) 0/1.
        patients: (record,) the patient of each record; None if each record is a patient.
        draws: number of draws.
        seed: seed of the random numbers, a non-negative integer.

    Returns:
        (draw, record) int32: number of times that each record occurs.

    Raises:
        InputError: `patients` has another length than `labels`, or `draws` is less than 1.

    References:
        C. A. Field, A. H. Welsh, Bootstrapping clustered data, J. R. Statist. Soc. B 69 (2007)
        369–390, https://doi.org/10.1111/j.1467-9868.2007.00593.x

    Examples:
        >>> from ecg_tf.evaluation.bootstrap import draw_patients
        >>> weights = draw_patients([[1], [0], [0]], patients=[7, 8, 8], draws=4)
        >>> weights.shape, bool((weights[:, 1] == weights[:, 2]).all())
        ((4, 3), True)
    """
    labels = check_binary("labels", labels)
    if draws < 1:
        raise InputError(f"draws: {draws}, expected at least 1")
    patients = np.arange(len(labels)) if patients is None else np.asarray(patients)
    if patients.shape != labels.shape[:1]:
        raise InputError(
            f"patients: shape {patients.shape}, expected one for each record, ({len(labels)},)"
        )
    _, patients = np.unique(patients, return_inverse=True)
    number = patients.max() + 1
    kinds = np.hstack([labels, ~labels])
    kinds = kinds[:, kinds.any(axis=0)]  # of an empty class nothing can be drawn
    # Number of records of each kind and patient: a small table to check draws with.
    of_patient = np.zeros((number, kinds.shape[1]))
    np.add.at(of_patient, patients, kinds)
    of_patient = of_patient[:, _demanded((of_patient > 0).mean(axis=0), number)]

    generator = np.random.default_rng(seed)
    drawn = np.empty((draws, number), np.int32)
    missing = np.arange(draws)
    while missing.size:
        drawn[missing] = generator.multinomial(number, np.full(number, 1 / number), missing.size)
        missing = missing[~(drawn[missing] @ of_patient > 0).all(axis=1)]
    return drawn[:, patients]


def _demanded(shares: np.ndarray, patients: int) -> np.ndarray:
    """Choose the kinds of records that every draw must contain.

    Args:
        shares: (kind,) share of the patients that have records of the kind.
        patients: number of patients.

    Returns:
        Positions of kinds: all, or the most frequent ones if too few draws contained all.
    """
    order = np.argsort(-shares, kind="stable")
    kept = np.cumprod(1 - (1 - shares[order]) ** patients)  # as if kinds were independent
    return np.sort(order[kept >= _FEWEST_KEPT])


def resample(
    labels: np.ndarray,
    probabilities: np.ndarray,
    thresholds: np.ndarray,
    weights: np.ndarray,
    with_none: bool = True,
) -> np.ndarray:
    """Compute all metrics of each draw.

    Args:
        labels: (record, class) 0/1.
        probabilities: (record, class) in [0, 1].
        thresholds: (class,) in [0, 1]; the same in all draws.
        weights: (draw, record) from `draw_patients`.
        with_none: whether there is a row for "none of the classes", see
            `ecg_tf.evaluation.summary.none_row`.

    Returns:
        (draw, row, metric) float64: rows and metrics as in `ecg_tf.evaluation.summary.metric_rows`.

    Raises:
        InputError: `weights` is for another number of records.

    Examples:
        >>> from ecg_tf.evaluation.bootstrap import draw_patients, resample
        >>> labels, probabilities = [[1], [0], [1], [0]], [[0.9], [0.2], [0.4], [0.6]]
        >>> resample(labels, probabilities, [0.5], draw_patients(labels, draws=9)).shape
        (9, 4, 11)
    """
    labels = check_binary("labels", labels)
    probabilities = check_probabilities(probabilities)
    check_same_shape("labels", labels, "probabilities", probabilities)
    weights = np.asarray(weights)
    if weights.ndim != 2 or weights.shape[1] != len(labels):
        raise InputError(
            f"weights: shape {weights.shape}, expected (draw, record) of {len(labels)} records"
        )
    decisions = decide(probabilities, thresholds)
    as_floats = weights.astype(np.float64)  # exact for whole numbers, and matrix products are fast
    cells = confusion_cells(labels, decisions)
    counts = _weighted_sums(as_floats, cells)
    none = _weighted_sums(as_floats, norm_cells(labels, decisions)) if with_none else None
    squares = _weighted_sums(as_floats, (probabilities - labels) ** 2)
    briers = squares / as_floats.sum(axis=1, keepdims=True)
    ranked = [
        weighted_auroc_and_average_precision(labels[:, c], probabilities[:, c], weights)
        for c in range(labels.shape[1])
    ]
    scores = np.concatenate([np.transpose(ranked, (2, 0, 1)), briers[..., None]], axis=-1)
    pairs = _of_pairs(labels, probabilities, weights)
    return metric_rows(counts, none, scores, np.column_stack([*pairs, briers.mean(axis=1)]))


def intervals(draws: np.ndarray, level: float = LEVEL) -> np.ndarray:
    """Compute percentile intervals of resampled numbers.

    Args:
        draws: (draw, …) from `resample`, or the difference of two such arrays.
        level: share of the draws inside the interval.

    Returns:
        (2, …) float64: lower and upper ends. Undefined draws (for example, precision without a
        prediction) are left out; NaN if all draws are undefined.

    References:
        B. Efron, R. J. Tibshirani, An Introduction to the Bootstrap, Chapman & Hall 1993, chapter
        13, https://doi.org/10.1201/9780429246593

    Examples:
        >>> import numpy as np
        >>> from ecg_tf.evaluation.bootstrap import intervals
        >>> intervals(np.arange(101.0))
        array([ 2.5, 97.5])
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "All-NaN slice encountered", RuntimeWarning)
        return np.nanquantile(draws, [(1 - level) / 2, (1 + level) / 2], axis=0)


def p_values(differences: np.ndarray) -> np.ndarray:
    """Compute two-sided bootstrap p-values of the hypothesis that there is no difference.

    p is twice the smaller share of draws on either side of 0. One draw is added to both counts, so
    that p is never 0. Apart from this draw, p is below 0.05 if the 95 % interval excludes 0.

    Args:
        differences: (draw, …) differences of two runs that are resampled with the same weights.

    Returns:
        (…,) float64 in (0, 1]; NaN if any difference is NaN.

    References:
        A. C. Davison, D. V. Hinkley, Bootstrap Methods and their Application, Cambridge University
        Press 1997, section 4.4, https://doi.org/10.1017/CBO9780511802843

    Examples:
        >>> import numpy as np
        >>> from ecg_tf.evaluation.bootstrap import p_values
        >>> round(float(p_values(np.linspace(-0.01, 0.99, 999))), 3)
        0.022
    """
    differences = np.asarray(differences)
    draws = len(differences)
    side = np.minimum((differences <= 0).sum(axis=0), (differences >= 0).sum(axis=0))
    p = np.minimum(2 * (side + 1) / (draws + 1), 1)
    return np.where(np.isnan(differences).any(axis=0), np.nan, p)


def _of_pairs(
    labels: np.ndarray, probabilities: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """AUROC and average precision over all pairs of record and class, (draw,) each."""
    draws = max(1, _MOST_PAIRS // labels.size)
    parts = [
        weighted_auroc_and_average_precision(
            labels.ravel(),
            probabilities.ravel(),
            np.repeat(weights[first : first + draws], labels.shape[1], axis=1),
        )
        for first in range(0, len(weights), draws)
    ]
    return tuple(np.concatenate(scores) for scores in zip(*parts, strict=True))


def _weighted_sums(weights: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Sums over records: from (draw, record) and (record, …) to (draw, …)."""
    return np.tensordot(weights, values.astype(np.float64), axes=1)
