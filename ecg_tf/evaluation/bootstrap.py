"""How far the metrics would move with other patients: the bootstrap.

    weights = draw_patients(labels, patients)
    draws = resample(labels, probabilities, thresholds, weights)
    low, high = intervals(draws)

Two runs on the same records are compared draw by draw: resampled with the same weights, the
intervals of their differences are `intervals(draws_a - draws_b)` and leave out what the choice of
patients does to both alike.
"""

import warnings

import numpy as np

from ecg_tf.errors import InputError
from ecg_tf.evaluation.checks import check_binary, check_probabilities, check_same_shape
from ecg_tf.evaluation.confusion import confusion_cells, decide, norm_cells
from ecg_tf.evaluation.metrics import metric_rows
from ecg_tf.evaluation.weighted_scores import weighted_auroc_and_average_precision

DRAWS, SEED, LEVEL = 1000, 42, 0.95


def draw_patients(labels, patients=None, draws=DRAWS, seed=SEED):
    """Bootstrap draws of patients, as often-ness of each record.

    A draw takes as many patients as there are, each at random from all, so that one can come
    several times; with a patient come all of its records, because they resemble one another (Field
    and Welsh, J. R. Statist. Soc. B 69 (2007) 369–390: the cluster bootstrap). A draw in which a
    class lost all its positives or all its negatives is drawn again. Only the labels decide on
    that, so the draws are the same for every run on these records.

    Args:
        labels: (record, class) 0/1.
        patients: (record,) whose record each is; None: each record is a patient of its own.
        draws: how many.
        seed: a non-negative integer; the same gives the same draws.

    Returns:
        (draw, record) int32: how often each record occurs.

    Raises:
        InputError: not one patient for each record; fewer than one draw.
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
    kinds = kinds[:, kinds.any(axis=0)]  # an empty class cannot be drawn
    # Of each patient, how many records of each kind: small enough to try draws with.
    of_patient = np.zeros((number, kinds.shape[1]))
    np.add.at(of_patient, patients, kinds)

    generator = np.random.default_rng(seed)
    drawn = np.empty((draws, number), np.int32)
    missing = np.arange(draws)
    while missing.size:
        drawn[missing] = generator.multinomial(number, np.full(number, 1 / number), missing.size)
        missing = missing[~(drawn[missing] @ of_patient > 0).all(axis=1)]
    return drawn[:, patients]


def resample(labels, probabilities, thresholds, weights, norm_row=True):
    """All metrics of each draw.

    Args:
        labels: (record, class) 0/1.
        probabilities: (record, class) in [0, 1].
        thresholds: (class,) in [0, 1]; they stay as they are: chosen elsewhere, on dev.
        weights: (draw, record): how often each record occurs, of `draw_patients`.
        norm_row: False where NORM is one of the classes.

    Returns:
        (draw, class + 3, metric) float64, rows and metrics as in `metric_rows`.

    Raises:
        InputError: weights of other records.
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
    as_floats = weights.astype(np.float64)  # whole numbers, and products of matrices are fast
    cells = confusion_cells(labels, decisions)
    counts = _weighted_sums(as_floats, cells)
    norm = _weighted_sums(as_floats, norm_cells(labels, decisions)) if norm_row else None
    squares = _weighted_sums(as_floats, (probabilities - labels) ** 2)
    briers = squares / as_floats.sum(axis=1, keepdims=True)
    ranked = [
        weighted_auroc_and_average_precision(labels[:, c], probabilities[:, c], weights)
        for c in range(labels.shape[1])
    ]
    scores = np.concatenate([np.transpose(ranked, (2, 0, 1)), briers[..., None]], axis=-1)
    pairs = weighted_auroc_and_average_precision(
        labels.ravel(), probabilities.ravel(), np.repeat(weights, labels.shape[1], axis=1)
    )
    return metric_rows(counts, norm, scores, np.column_stack([*pairs, briers.mean(axis=1)]))


def intervals(draws, level=LEVEL):
    """Percentile intervals of resampled numbers (Efron and Tibshirani 1993, chapter 13).

    Args:
        draws: (draw, …), of `resample`, or the difference of two such arrays.
        level: of the draws, how many lie in the interval.

    Returns:
        (2, …) float64: lower and upper ends. Draws that are NaN (no decision for the class, so no
        precision) are left out; NaN where all are.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "All-NaN slice encountered", RuntimeWarning)
        return np.nanquantile(draws, [(1 - level) / 2, (1 + level) / 2], axis=0)


def p_values(differences):
    """Two-sided bootstrap p-values of "there is no difference".

    Twice the smaller share of draws on either side of 0, the draws counted with one more than there
    are, so that p is never 0 (Davison and Hinkley, Bootstrap Methods and their Application, 1997,
    section 4.4). It is below 0.05 where, but for that one draw, the 95 % interval excludes 0.

    Args:
        differences: (draw, …) of two runs, resampled with the same weights.

    Returns:
        (…,) float64 in (0, 1]; NaN where a difference is.
    """
    differences = np.asarray(differences)
    draws = len(differences)
    side = np.minimum((differences <= 0).sum(axis=0), (differences >= 0).sum(axis=0))
    p = np.minimum(2 * (side + 1) / (draws + 1), 1)
    return np.where(np.isnan(differences).any(axis=0), np.nan, p)


def _weighted_sums(weights, values):
    """(draw, record) by (record, …) to (draw, …)."""
    return np.tensordot(weights, values.astype(np.float64), axes=1)
