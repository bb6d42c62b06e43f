"""All counts and metrics of an evaluation in one table."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ecg_tf.errors import InputError
from ecg_tf.evaluation.checks import check_class_names
from ecg_tf.evaluation.confusion import COUNTS, confusion_counts, decide, norm_counts
from ecg_tf.evaluation.metrics import COUNT_METRICS, METRICS, SCORES

# Rows of a summary that are not classes; NORM may also be a class. See `none_row` on NORM and NONE.
NORM, NONE, POOLED, MACRO = "NORM", "none", "pooled", "macro"
DISEASES = ("MI", "STTC", "CD", "HYP")  # the classes of the study


def none_row(class_names: Sequence[str]) -> str | None:
    """The name of the row for "none of the classes".

    Args:
        class_names: names of the classes.

    Returns:
        NORM for the four classes of the study, "none" for others. None if there is no such row: if
        the classes are those four and NORM, or if a class has the name "none".

    Examples:
        >>> none_row(["MI", "STTC", "CD", "HYP"]), none_row(["AF", "NORM"])
        ('NORM', 'none')
        >>> none_row(["MI", "STTC", "CD", "HYP", "NORM"])
    """
    if set(class_names) == set(DISEASES):
        return NORM
    if set(class_names) == {*DISEASES, NORM} or NONE in class_names:
        return None
    return NONE


def metric_rows(
    counts: np.ndarray, none: np.ndarray | None, scores: np.ndarray, pooled_scores: np.ndarray
) -> np.ndarray:
    """Compute all metrics of all rows of a summary, for one evaluation or many resampled ones.

    Args:
        counts: (…, class, 4) TP, FN, FP, TN of each class.
        none: (…, 4) counts of the row `none_row`; None if there is no such row.
        scores: (…, class, 3) AUROC, average precision and Brier score of each class.
        pooled_scores: (…, 3) the same over all pairs of record and class.

    Returns:
        (…, row, metric) float64: `METRICS` of each class, of "none of the classes" (if there is
        such a row), pooled and macro; see `summarize`.
    """
    counts = np.asarray(counts)
    none = [] if none is None else [np.asarray(none)[..., None, :]]
    rows = np.concatenate([counts, *none, counts.sum(axis=-2, keepdims=True)], axis=-2)
    of_counts = np.stack([metric(rows) for metric in COUNT_METRICS.values()], axis=-1)
    pooled_scores = np.asarray(pooled_scores)[..., None, :]
    of_none = [np.full_like(pooled_scores, np.nan) for _ in none]  # it has no probability
    of_scores = np.concatenate([scores, *of_none, pooled_scores], axis=-2)
    table = np.concatenate([of_counts, of_scores], axis=-1)
    # TP + FN and FP + TN: macro is over the classes that have positives and negatives.
    ranked = ((counts[..., :2].sum(-1) > 0) & (counts[..., 2:].sum(-1) > 0))[..., None]
    sums = np.where(ranked, table[..., : counts.shape[-2], :], 0).sum(axis=-2, keepdims=True)
    with np.errstate(invalid="ignore"):  # 0/0 gives NaN
        macro = sums / ranked.sum(axis=-2, keepdims=True)
    return np.concatenate([table, macro], axis=-2)


def summarize(
    labels: np.ndarray,
    probabilities: np.ndarray,
    thresholds: np.ndarray,
    class_names: Sequence[str],
) -> pd.DataFrame:
    """Compute all counts and metrics, the table that all reports are made from.

    Rows: one per class, then
        NORM or "none", as `none_row` names it: "none of the classes" counted like a class (see
            `ecg_tf.evaluation.confusion.norm_cells`). Not included in pooled and macro. It has no
            probability, hence no AUROC, average precision, Brier score and threshold.
        pooled: metrics of the counts summed over the classes (micro average, the "mean" of the
            study); its G-mean is the root of pooled sensitivity · pooled specificity. AUROC,
            average precision and Brier score are computed over all pairs of record and class; they
            are lower if the probabilities of the classes have different scales.
        macro: mean of each metric over the classes that have positives and negatives, as in the
            benchmark of PTB-XL (Strodthoff et al. 2020); its G-mean is the mean of their G-means.
            NaN if there is no such class, or if the metric of one of them is NaN, such as the
            precision of a class that is never predicted.

    Columns: TP, FN, FP, TN, then `ecg_tf.evaluation.metrics.METRICS`, then threshold. All are
    float64, including the counts. Undefined numbers are NaN: macro has no counts, and only classes
    have thresholds.

    Args:
        labels: (record, class) 0/1.
        probabilities: (record, class) in [0, 1].
        thresholds: (class,) in [0, 1]; a class is predicted if probability ≥ threshold.
        class_names: names of the classes; "pooled" and "macro" are not allowed.

    Returns:
        Table with the index "class": [*class_names, "NORM" or "none", "pooled", "macro"].

    Raises:
        InputError: arguments of other shapes or values, or names that are not allowed.

    References:
        N. Strodthoff et al., Deep learning for ECG analysis: benchmarks and insights from PTB-XL,
        IEEE J. Biomed. Health Inform. 25 (2021) 1519–1528,
        https://doi.org/10.1109/JBHI.2020.3022989

    Examples:
        >>> labels, probabilities = [[1, 0], [0, 1], [0, 0]], [[0.9, 0.2], [0.4, 0.7], [0.6, 0.1]]
        >>> summary = summarize(labels, probabilities, [0.5, 0.5], ["MI", "CD"])
        >>> print(summary[["TP", "FN", "FP", "TN", "specificity"]].to_csv(), end="")
        class,TP,FN,FP,TN,specificity
        MI,1.0,0.0,1.0,1.0,0.5
        CD,1.0,0.0,0.0,2.0,1.0
        none,0.0,1.0,0.0,2.0,1.0
        pooled,2.0,0.0,1.0,3.0,0.75
        macro,,,,,0.75
    """
    decisions = decide(probabilities, thresholds)
    counts = confusion_counts(labels, decisions)
    class_names = check_class_names(class_names, classes=len(counts))
    taken = {POOLED, MACRO}.intersection(class_names)
    if taken:
        raise InputError(f"class_names: {class_names}, {sorted(taken)} are names of other rows")

    pairs = np.reshape(labels, (-1, 1)), np.reshape(probabilities, (-1, 1))
    scores = np.column_stack([score(labels, probabilities) for score in SCORES.values()])
    pooled_scores = [score(*pairs)[0] for score in SCORES.values()]
    of_rows = dict(zip(class_names, counts, strict=True))
    none, none_name = None, none_row(class_names)
    if none_name:
        none = of_rows[none_name] = norm_counts(labels, decisions)
    of_rows |= {POOLED: counts.sum(axis=0), MACRO: np.full(len(COUNTS), np.nan)}
    index = pd.Index(of_rows, name="class")
    summary = pd.DataFrame(np.vstack(list(of_rows.values())), index, COUNTS)
    summary[list(METRICS)] = metric_rows(counts, none, scores, pooled_scores)
    summary["threshold"] = [*thresholds, *[np.nan] * (len(index) - len(class_names))]
    return summary
