from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit
from sklearn.metrics import f1_score, recall_score

from ecg_tf.errors import InputError
from ecg_tf.evaluation.thresholds import METHODS, choose_thresholds

GOLDEN = Path(__file__).parents[1] / "golden" / "evaluation.npz"

# Few different probabilities, so that there are many ties, and at least one label of each kind.
scored_labels = st.lists(
    st.tuples(st.booleans(), st.sampled_from(np.linspace(0, 1, 8))), min_size=2, max_size=40
).filter(lambda pairs: len({label for label, _ in pairs}) == 2)


def one_class(pairs):
    labels, probabilities = zip(*pairs, strict=True)
    return np.array(labels), np.array(probabilities)


def tp_times_tn(labels, probabilities, threshold):
    """G² · positives · negatives, exact: a whole number."""
    decisions = probabilities >= threshold
    return int(np.sum(labels & decisions)) * int(np.sum(~labels & ~decisions))


def test_thresholds_are_those_of_the_original():
    golden = np.load(GOLDEN)
    # The original's probabilities are float32, and so are its thresholds.
    thresholds = choose_thresholds("gmean", golden["labels"], expit(golden["logits"]))
    assert thresholds.dtype == np.float64
    np.testing.assert_array_equal(thresholds, golden["thresholds_gmean"])
    np.testing.assert_array_equal(np.round(thresholds, 2), golden["thresholds_gmean_rounded"])


@given(scored_labels)
def test_threshold_agrees_with_an_exhaustive_search(pairs):
    labels, probabilities = one_class(pairs)
    best = max(
        np.unique(probabilities),
        key=lambda threshold: (tp_times_tn(labels, probabilities, threshold), threshold),
    )
    assert choose_thresholds("gmean", labels[:, None], probabilities[:, None]) == best


@given(scored_labels)
def test_no_other_threshold_is_better(pairs):
    labels, probabilities = one_class(pairs)
    (threshold,) = choose_thresholds("gmean", labels[:, None], probabilities[:, None])
    reached = tp_times_tn(labels, probabilities, threshold)
    for other in np.linspace(-0.05, 1.05, 45):
        assert tp_times_tn(labels, probabilities, other) <= reached


def test_the_highest_of_equally_good_thresholds_is_chosen():
    labels = np.array([[1], [0], [1], [0]])
    probabilities = np.array([[0.8], [0.6], [0.4], [0.2]])
    # From 0.8: sensitivity 1/2, specificity 1. From 0.4: sensitivity 1, specificity 1/2.
    assert choose_thresholds("gmean", labels, probabilities) == [0.8]


def test_rounding_does_not_make_equally_good_thresholds_unequal():
    # From 0.9: TPR 1/3, FPR 0. From 0.5: TPR 1, FPR 2/3. Both have G² = 1/3, but not in float64.
    assert np.sqrt(1 / 3 * (1 - 0)) < np.sqrt(1 * (1 - 2 / 3))
    labels = np.array([[1], [1], [1], [0], [0], [0]])
    probabilities = np.array([[0.9], [0.5], [0.5], [0.5], [0.5], [0.1]])
    assert choose_thresholds("gmean", labels, probabilities) == [0.9]


def test_one_probability_for_all_records_is_the_threshold():
    assert choose_thresholds("gmean", [[1], [0], [0]], [[0.3], [0.3], [0.3]]) == [0.3]


def test_each_class_has_its_own_threshold():
    labels = [[1, 0], [0, 1]]
    probabilities = [[0.9, 0.2], [0.1, 0.4]]
    np.testing.assert_array_equal(choose_thresholds("gmean", labels, probabilities), [0.9, 0.4])


@pytest.mark.parametrize(("label", "found"), [(0, "0 of 2"), (1, "2 of 2")])
def test_class_with_one_kind_of_label_is_named_and_has_0_5(label, found, caplog):
    labels, probabilities = [[1, label], [0, label]], [[0.3, 0.9], [0.2, 0.8]]
    for method, expected in (("gmean", 0.3), ("youden", 0.3), ("f1", 0.3), ("original", 0.3)):
        thresholds = choose_thresholds(method, labels, probabilities, class_names=["MI", "STTC"])
        np.testing.assert_array_equal(thresholds, [expected, 0.5])
    assert len(caplog.messages) == 4
    assert caplog.messages[0].startswith(f"class STTC: {found} records have it, so no threshold")
    choose_thresholds("gmean", labels, probabilities)
    assert caplog.messages[-1].startswith("class 1: ")


@pytest.mark.parametrize(
    ("labels", "probabilities", "message"),
    [
        ([[1], [0]], [[0.5], [0.5], [0.5]], r"labels \(2, 1\) and probabilities \(3, 1\)"),
        ([1, 0], [0.5, 0.5], r"labels: shape \(2,\), expected \(record, class\)"),
        (np.zeros((0, 4)), np.zeros((0, 4)), r"labels: shape \(0, 4\).*at least one"),
        ([[1], [2]], [[0.5], [0.5]], r"labels\[1, 0\] is 2, expected 0 or 1"),
        ([[1], [0]], [[0.5], [np.nan]], r"probabilities\[1, 0\] is nan, expected one in \[0, 1\]"),
        ([[1], [0]], [[1.5], [0.5]], r"probabilities\[0, 0\] is 1.5, expected one in \[0, 1\]"),
        ([[1], [0]], [[0.5], [-np.inf]], r"probabilities\[1, 0\] is -inf"),
    ],
)
def test_what_was_found_and_expected_is_said(labels, probabilities, message):
    with pytest.raises(InputError, match=message):
        choose_thresholds("gmean", labels, probabilities)


def test_class_names_must_fit_the_classes():
    with pytest.raises(InputError, match="expected 1 different names"):
        choose_thresholds("gmean", [[1], [0]], [[0.5], [0.5]], class_names=["MI", "STTC"])


def youden(labels, decisions):
    """J = sensitivity + specificity − 1, exact."""
    return (
        Fraction(int(np.sum(labels & decisions)), int(np.sum(labels)))
        + Fraction(int(np.sum(~labels & ~decisions)), int(np.sum(~labels)))
        - 1
    )


def f1(labels, decisions):
    """F1, exact."""
    tp = int(np.sum(labels & decisions))
    return Fraction(2 * tp, int(np.sum(labels)) + int(np.sum(decisions)))


@pytest.mark.parametrize(("method", "aim"), [("youden", youden), ("f1", f1)])
@given(pairs=scored_labels)
def test_youden_and_f1_agree_with_an_exact_search(method, aim, pairs):
    labels, probabilities = one_class(pairs)
    best = max(np.unique(probabilities), key=lambda t: (aim(labels, probabilities >= t), t))
    assert choose_thresholds(method, labels[:, None], probabilities[:, None]) == best


@given(scored_labels)
def test_exact_aims_of_the_search_are_scikit_learns(pairs):
    labels, probabilities = one_class(pairs)
    decisions = probabilities >= np.median(probabilities)
    recalls = [recall_score(labels, decisions, pos_label=kind) for kind in (True, False)]
    assert float(youden(labels, decisions)) == pytest.approx(sum(recalls) - 1)
    assert float(f1(labels, decisions)) == pytest.approx(f1_score(labels, decisions))


def test_original_is_the_studys_rounded_threshold():
    golden = np.load(GOLDEN)
    thresholds = choose_thresholds("original", golden["labels"], expit(golden["logits"]))
    np.testing.assert_array_equal(thresholds, golden["thresholds_gmean_rounded"])


def test_method_0_5_does_not_depend_on_the_data():
    assert (
        choose_thresholds("0.5", [[1, 0], [0, 0]], [[0.9, 0.1], [0.8, 0.1]]).tolist() == [0.5] * 2
    )


def test_unknown_method_is_an_error_that_names_the_known_ones():
    with pytest.raises(InputError, match=r"threshold 'best': expected one of gmean, youden, f1"):
        choose_thresholds("best", [[1], [0]], [[0.5], [0.5]])


@pytest.mark.parametrize("method", METHODS)
def test_every_method_gives_a_threshold_in_0_to_1_per_class(method):
    golden = np.load(GOLDEN)
    thresholds = choose_thresholds(method, golden["labels"], expit(golden["logits"]))
    assert thresholds.shape == (4,)
    assert ((thresholds >= 0) & (thresholds <= 1)).all()
