import numpy as np
import pytest

from ecg_tf.errors import InputError
from ecg_tf.training.loss import WeightedCrossEntropy, positive_weights

NAMES = ("MI", "STTC", "CD", "HYP")
LABELS = np.array([[1, 0, 0, 0], [1, 1, 0, 0], [0, 0, 1, 1], [0, 0, 0, 0]], np.uint8)


def test_equals_the_study_on_the_golden_logits(golden):
    evaluation = golden("evaluation")
    loss = WeightedCrossEntropy(17111 / np.array([4389, 3136, 1915, 417]))
    value = loss(evaluation["labels"].astype("float32"), evaluation["logits"])
    assert float(value) == pytest.approx(float(evaluation["weighted_bce"]), rel=1e-6)


def test_stays_finite_for_extreme_logits():
    loss = WeightedCrossEntropy(np.ones(2))
    value = loss(np.array([[1.0, 0.0]], "f4"), np.array([[-200.0, 200.0]], "f4"))
    assert float(value) == pytest.approx(200)


def test_auto_is_negatives_over_positives():
    np.testing.assert_allclose(positive_weights("auto", LABELS, NAMES), [1, 3, 3, 3])


def test_original_is_first_match_counts():
    expected = 17111 / np.array([4389, 3136, 1915, 417])
    np.testing.assert_allclose(positive_weights("original", LABELS, NAMES), expected)


def test_none_and_numbers():
    np.testing.assert_array_equal(positive_weights("none", LABELS, NAMES), np.ones(4))
    np.testing.assert_array_equal(positive_weights("1,2,3.5,4", LABELS, NAMES), [1, 2, 3.5, 4])


@pytest.mark.parametrize("choice", ["some", "1,2,3", "1,2,3,-4", "1,2,3,nan", ""])
def test_an_unknown_choice_is_refused(choice):
    with pytest.raises(InputError, match="expected auto, original, none or 4 positive numbers"):
        positive_weights(choice, LABELS, NAMES)


def test_original_has_no_number_for_norm():
    labels = np.column_stack([LABELS, [0, 0, 0, 1]])
    with pytest.raises(InputError, match=r"are for 4 classes, here are MI, .*, NORM; use auto"):
        positive_weights("original", labels, (*NAMES, "NORM"))
    np.testing.assert_allclose(positive_weights("auto", labels, (*NAMES, "NORM"))[4], 3)


def test_class_that_no_or_every_record_has_is_warned_of(monkeypatch):
    said = []
    monkeypatch.setattr("absl.logging.warning", lambda text, *args: said.append(text % args))
    np.testing.assert_array_equal(positive_weights("auto", LABELS[:2], NAMES)[2:], [1, 1])
    one_sided = np.array([[1, 1], [1, 0]])
    np.testing.assert_array_equal(positive_weights("auto", one_sided, NAMES[:2]), [1, 1])
    assert [line.partition(":")[0] for line in said] == [
        "no training record has CD, HYP",
        "every training record has MI",
        "every training record has MI",
    ]


def test_original_is_for_the_classes_of_the_study_only():
    with pytest.raises(InputError, match="for 4 classes, here are A, B, C, D; use auto"):
        positive_weights("original", LABELS, ("A", "B", "C", "D"))
