from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import expit
from sklearn.metrics import confusion_matrix, multilabel_confusion_matrix

from ecg_tf.errors import InputError
from ecg_tf.evaluation.confusion import confusion_counts, decide, norm_counts

GOLDEN = Path(__file__).parents[1] / "golden" / "evaluation.npz"

# (labels or decisions, record, class); classes without positives or negatives do occur.
labels_and_decisions = st.tuples(st.integers(1, 30), st.integers(2, 5)).flatmap(
    lambda shape: arrays(np.uint8, (2, *shape), elements=st.integers(0, 1))
)


def from_sklearn(matrix):
    """TP, FN, FP, TN of scikit-learn's [[TN, FP], [FN, TP]]."""
    (tn, fp), (fn, tp) = np.moveaxis(matrix, (-2, -1), (0, 1))
    return np.stack([tp, fn, fp, tn], axis=-1)


def test_counts_are_those_of_the_original():
    golden = np.load(GOLDEN)
    decisions = decide(expit(golden["logits"]), golden["thresholds_gmean_rounded"])
    np.testing.assert_array_equal(
        confusion_counts(golden["labels"], decisions), golden["confusion"]
    )
    np.testing.assert_array_equal(
        norm_counts(golden["labels"], decisions), golden["confusion_norm"]
    )


def test_decision_is_1_from_the_threshold_on():
    decisions = decide([[0.4, 0.4], [0.5, 0.5], [0.6, 0.6]], [0.5, 0.6])
    np.testing.assert_array_equal(decisions, [[0, 0], [1, 0], [1, 1]])
    assert decisions.dtype == np.uint8


def test_float32_probability_reaches_its_own_float64_threshold():
    probability = np.float32(0.1)
    assert decide([[probability]], [np.float64(probability)]) == [[1]]


def test_columns_are_tp_fn_fp_tn():
    labels = [[1]] * 4 + [[1]] * 3 + [[0]] * 2 + [[0]] * 1
    decisions = [[1]] * 4 + [[0]] * 3 + [[1]] * 2 + [[0]] * 1
    counts = confusion_counts(labels, decisions)
    np.testing.assert_array_equal(counts, [[4, 3, 2, 1]])
    assert counts.dtype == np.int64


@given(labels_and_decisions)
def test_counts_are_those_of_scikit_learn(tables):
    labels, decisions = tables
    expected = from_sklearn(multilabel_confusion_matrix(labels, decisions))
    np.testing.assert_array_equal(confusion_counts(labels, decisions), expected)


@given(labels_and_decisions)
def test_norm_row_is_scikit_learns_of_records_without_any_class(tables):
    labels, decisions = tables
    matrix = confusion_matrix(labels.sum(axis=1) == 0, decisions.sum(axis=1) == 0, labels=[0, 1])
    np.testing.assert_array_equal(norm_counts(labels, decisions), from_sklearn(matrix))


def test_norm_row_does_not_depend_on_the_predicted_class():
    assert norm_counts([[1, 0]], [[0, 1]]).tolist() == [0, 0, 0, 1]


@pytest.mark.parametrize(
    ("thresholds", "message"),
    [
        ([0.5], r"thresholds: shape \(1,\), expected one for each class, \(2,\)"),
        (0.5, r"thresholds: shape \(\)"),
        ([0.5, np.nan], r"thresholds\[1\] is nan"),
        ([0.5, np.inf], r"thresholds\[1\] is inf"),
    ],
)
def test_thresholds_must_be_one_in_0_to_1_for_each_class(thresholds, message):
    with pytest.raises(InputError, match=message):
        decide([[0.5, 0.5]], thresholds)


@pytest.mark.parametrize("count", [confusion_counts, norm_counts])
def test_counting_requires_equal_shapes_of_0_and_1(count):
    with pytest.raises(InputError, match=r"labels \(1, 2\) and decisions \(2, 2\)"):
        count([[0, 1]], [[0, 1], [0, 1]])
    with pytest.raises(InputError, match=r"decisions\[0, 1\] is 0.7, expected 0 or 1"):
        count([[0, 1]], [[0, 0.7]])
    with pytest.raises(InputError, match=r"labels\[0, 0\] is nan"):
        count([[np.nan, 1]], [[0, 1]])
