import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    balanced_accuracy_score,
    brier_score_loss,
    f1_score,
    multilabel_confusion_matrix,
    precision_score,
    recall_score,
    roc_auc_score,
)

from ecg_tf.data import labels
from ecg_tf.errors import InputError
from ecg_tf.evaluation import metrics
from ecg_tf.evaluation.metrics import METRICS, auroc
from ecg_tf.evaluation.summary import DISEASES, summarize

CLASSES = ["MI", "STTC", "CD", "HYP"]
PUBLISHED = {  # AlexNet with attention: TP, FN, FP, TN (Narotamo et al. 2024)
    "MI": (337, 216, 363, 1247),
    "STTC": (391, 132, 268, 1372),
    "CD": (298, 200, 198, 1467),
    "HYP": (154, 109, 329, 1571),
}


@st.composite
def cases(draw):
    """Labels, probabilities and thresholds of four classes: many ties, some classes empty."""
    records = draw(st.integers(1, 25))
    eighths = st.integers(0, 8).map(lambda n: n / 8)
    labels = draw(arrays(np.uint8, (records, 4), elements=st.integers(0, 1)))
    labels[:, draw(arrays(bool, 4))] = draw(st.integers(0, 1))
    probabilities = draw(arrays(np.float64, (records, 4), elements=eighths))
    thresholds = draw(arrays(np.float64, 4, elements=eighths))
    return labels, probabilities, thresholds


def by_scikit_learn(labels, decisions, average):
    """The metrics of counts from scikit-learn; `average` None: for each class."""
    how = {"average": average, "zero_division": np.nan}
    recall = recall_score(labels, decisions, **how)
    recall_of_negatives = recall_score(1 - labels, 1 - decisions, **how)
    return {
        "sensitivity": recall,
        "specificity": recall_of_negatives,
        "precision": precision_score(labels, decisions, **how),
        "npv": precision_score(1 - labels, 1 - decisions, **how),
        "f1": f1_score(labels, decisions, **how),
        "balanced_accuracy": (recall + recall_of_negatives) / 2,
        "g_mean": np.sqrt(recall * recall_of_negatives),
    }


def macro(values, labels):
    """The mean over the classes with positives and negatives; NaN without such a class."""
    both = [len(set(column)) == 2 for column in labels.T]
    return np.mean(np.asarray(values)[both]) if any(both) else np.nan


@given(cases())
def test_counts_metrics_and_macro_agree_with_scikit_learn(case):
    labels, probabilities, thresholds = case
    decisions = (probabilities >= thresholds).astype(int)
    summary = summarize(*case, CLASSES)
    for name, ((tn, fp), (fn, tp)) in zip(
        CLASSES, multilabel_confusion_matrix(labels, decisions), strict=True
    ):
        assert summary.loc[name, ["TP", "FN", "FP", "TN"]].tolist() == [tp, fn, fp, tn]
    for name, expected in by_scikit_learn(labels, decisions, average=None).items():
        np.testing.assert_allclose(summary.loc[CLASSES, name], expected, rtol=1e-12)
        np.testing.assert_allclose(summary.loc["macro", name], macro(expected, labels), rtol=1e-12)
    for c, name in enumerate(CLASSES):
        expected = accuracy_score(labels[:, c], decisions[:, c])
        assert summary.loc[name, "accuracy"] == pytest.approx(expected)
        if len(set(labels[:, c])) == 2:  # scikit-learn's has no NaN: it leaves an empty class out
            expected = balanced_accuracy_score(labels[:, c], decisions[:, c])
            assert summary.loc[name, "balanced_accuracy"] == pytest.approx(expected)


@given(cases())
def test_pooled_metrics_are_scikit_learns_micro_averages(case):
    labels, probabilities, thresholds = case
    decisions = (probabilities >= thresholds).astype(int)
    pooled = summarize(*case, CLASSES).loc["pooled"]
    for name, expected in by_scikit_learn(labels, decisions, average="micro").items():
        np.testing.assert_allclose(pooled[name], expected, rtol=1e-12)
    assert pooled["accuracy"] == pytest.approx(accuracy_score(labels.ravel(), decisions.ravel()))


@given(cases())
def test_norm_row_is_scikit_learns_of_records_without_any_class(case):
    labels, probabilities, thresholds = case
    decisions = probabilities >= thresholds
    none_true, none_predicted = labels.sum(axis=1) == 0, decisions.sum(axis=1) == 0
    norm = summarize(*case, CLASSES).loc["NORM"]
    expected = recall_score(none_true, none_predicted, zero_division=np.nan)
    np.testing.assert_allclose(norm["sensitivity"], expected)
    expected = precision_score(none_true, none_predicted, zero_division=np.nan)
    np.testing.assert_allclose(norm["precision"], expected)
    assert norm["accuracy"] == pytest.approx(accuracy_score(none_true, none_predicted))


@given(cases())
def test_auroc_is_scikit_learns_and_nan_for_one_sided_classes(case):
    labels, probabilities, _ = case
    summary = summarize(*case, CLASSES)
    expected = [
        roc_auc_score(labels[:, c], probabilities[:, c]) if len(set(labels[:, c])) == 2 else np.nan
        for c in range(4)
    ]
    np.testing.assert_allclose(summary.loc[CLASSES, "auroc"], expected)
    np.testing.assert_allclose(summary.loc["macro", "auroc"], macro(expected, labels))


@given(cases())
def test_average_precision_is_scikit_learns_and_nan_without_positives(case):
    labels, probabilities, _ = case
    summary = summarize(*case, CLASSES)
    expected = [
        average_precision_score(labels[:, c], probabilities[:, c]) if labels[:, c].any() else np.nan
        for c in range(4)
    ]
    np.testing.assert_allclose(summary.loc[CLASSES, "average_precision"], expected)
    np.testing.assert_allclose(summary.loc["macro", "average_precision"], macro(expected, labels))


@given(cases())
def test_brier_score_is_scikit_learns(case):
    labels, probabilities, _ = case
    summary = summarize(*case, CLASSES)
    expected = [brier_score_loss(labels[:, c], probabilities[:, c], pos_label=1) for c in range(4)]
    np.testing.assert_allclose(summary.loc[CLASSES, "brier"], expected, atol=1e-15)
    # All classes have the same records.
    assert summary.loc["pooled", "brier"] == pytest.approx(np.mean(expected), abs=1e-15)
    of_macro = macro(expected, labels)
    assert summary.loc["macro", "brier"] == pytest.approx(of_macro, abs=1e-15, nan_ok=True)


@given(cases())
def test_pooled_scores_agree_with_scikit_learn_on_all_pairs(case):
    labels, probabilities, _ = case
    pooled = summarize(*case, CLASSES).loc["pooled"]
    truth, scores = labels.ravel(), probabilities.ravel()
    expected = roc_auc_score(truth, scores) if 0 < truth.sum() < truth.size else np.nan
    np.testing.assert_allclose(pooled["auroc"], expected)
    expected = average_precision_score(truth, scores) if truth.any() else np.nan
    np.testing.assert_allclose(pooled["average_precision"], expected)


@given(cases())
def test_auroc_is_how_often_a_positive_ranks_above_a_negative(case):
    labels, probabilities, _ = case
    for c, area in enumerate(auroc(labels, probabilities)):
        positives, negatives = (probabilities[labels[:, c] == kind, c] for kind in (1, 0))
        wins = [(p > n) + (p == n) / 2 for p in positives for n in negatives]
        np.testing.assert_allclose(area, np.mean(wins) if wins else np.nan)


def test_published_confusion_matrix_gives_the_published_means():
    labels = np.column_stack([np.repeat([1, 1, 0, 0], counts) for counts in PUBLISHED.values()])
    decisions = np.column_stack([np.repeat([1, 0, 1, 0], counts) for counts in PUBLISHED.values()])
    summary = summarize(labels, decisions.astype(float), [0.5] * 4, CLASSES)
    for name, counts in PUBLISHED.items():
        assert tuple(summary.loc[name, ["TP", "FN", "FP", "TN"]]) == counts
    pooled = summary.loc["pooled", ["sensitivity", "specificity", "g_mean"]]
    assert [f"{value:.4f}" for value in pooled] == ["0.6424", "0.8301", "0.7302"]


def test_macro_g_mean_is_the_mean_of_the_g_means():
    # One class is always predicted (sensitivity 1, specificity 0), the other never (0, 1).
    labels = [[1, 1], [0, 0]]
    summary = summarize(labels, [[0.9, 0.1], [0.9, 0.1]], [0.5, 0.5], ["MI", "CD"])
    assert summary.loc["macro", "sensitivity"] == summary.loc["macro", "specificity"] == 0.5
    assert summary.loc["macro", "g_mean"] == 0
    assert summary.loc["pooled", "g_mean"] == 0.5


def test_undefined_metrics_are_nan():
    no_positive, no_negative = [0, 0, 3, 4], [3, 4, 0, 0]
    nothing_predicted, only_true_negatives = [0, 2, 0, 5], [0, 0, 0, 7]
    assert np.isnan(metrics.sensitivity(no_positive))
    assert np.isnan(metrics.specificity(no_negative))
    assert np.isnan(metrics.precision(nothing_predicted))
    assert np.isnan(metrics.npv([3, 0, 4, 0]))
    assert np.isnan(metrics.f1(only_true_negatives))
    assert np.isnan(metrics.balanced_accuracy([no_positive, no_negative])).all()
    assert np.isnan(metrics.g_mean([no_positive, no_negative])).all()
    assert metrics.accuracy(only_true_negatives) == 1


def test_counts_may_have_any_leading_axes():
    draws = np.arange(24).reshape(2, 3, 4)  # as a bootstrap has them: draw, class, count
    for metric in metrics.COUNT_METRICS.values():
        expected = [[metric(counts) for counts in draw] for draw in draws]
        np.testing.assert_array_equal(metric(draws), expected)


def test_summary_has_rows_for_classes_none_pooled_and_macro():
    summary = summarize([[1, 0], [0, 1]], [[0.9, 0.2], [0.1, 0.4]], [0.3, 0.6], ["MI", "CD"])
    assert summary.index.tolist() == ["MI", "CD", "none", "pooled", "macro"]
    assert summary.index.name == "class"
    assert summary["threshold"].tolist()[:2] == [0.3, 0.6]
    assert summary["threshold"].isna().tolist() == [False, False, True, True, True]
    assert summary["auroc"].isna().tolist() == [False, False, True, False, False]
    assert summary.columns.tolist() == ["TP", "FN", "FP", "TN", *METRICS, "threshold"]
    assert summary.loc["macro", ["TP", "FN", "FP", "TN"]].isna().all()


def test_none_counts_toward_neither_pooled_nor_macro():
    # Both records without the class are missed; the classes themselves are right in one of two.
    summary = summarize([[1], [0], [0]], [[0.9], [0.9], [0.9]], [0.5], ["MI"])
    assert summary.loc["none", "sensitivity"] == 0
    assert summary.loc["pooled", "sensitivity"] == summary.loc["macro", "sensitivity"] == 1


@pytest.mark.parametrize(
    ("class_names", "row"),
    [
        (CLASSES, "NORM"),
        (CLASSES[::-1], "NORM"),
        ([*CLASSES, "NORM"], None),
        (CLASSES[:3], "none"),
        ([*CLASSES[:3], "NORM"], "none"),
        ([*CLASSES, "NORM", "AF"], "none"),
        (["A", "none"], None),
    ],
)
def test_the_row_of_records_without_a_class_has_the_right_name(class_names, row):
    """NORM stands for "none" only beside the four classes of the study."""
    assert set(DISEASES) == set(CLASSES) == set(labels.CLASSES)
    table = np.eye(2, len(class_names))
    table[1] = 0
    summary = summarize(table, table, [0.5] * len(class_names), class_names)
    rows = [name for name in summary.index if name not in class_names]
    assert rows == [*([row] if row else []), "pooled", "macro"]
    if row:
        assert summary.loc[row, ["TP", "FN", "FP", "TN"]].tolist() == [1, 0, 0, 1]


@pytest.mark.parametrize("class_names", [["MI"], ["MI", "MI"], ["pooled", "MI"], ["MI", "macro"]])
def test_class_names_must_be_unique_and_one_per_class(class_names):
    with pytest.raises(InputError, match="class_names"):
        summarize([[1, 0]], [[0.5, 0.5]], [0.5, 0.5], class_names)


def test_labels_must_be_of_the_same_records_as_probabilities():
    with pytest.raises(InputError, match=r"labels \(1, 2\)"):
        summarize([[1, 0]], [[0.5, 0.5]] * 2, [0.5, 0.5], ["MI", "CD"])
    with pytest.raises(InputError, match=r"labels \(1, 2\) and probabilities \(2, 2\)"):
        auroc([[1, 0]], [[0.5, 0.5]] * 2)
