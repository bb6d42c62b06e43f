import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ecg_tf.evaluation.confusion import confusion_counts, norm_counts
from ecg_tf.evaluation.multilabel_confusion import multilabel_confusion

labels_and_decisions = st.tuples(st.integers(1, 20), st.integers(1, 5)).flatmap(
    lambda shape: arrays(np.uint8, (2, *shape), elements=st.integers(0, 1))
)


def record_by_record(labels, decisions):
    """The definition, written with sets."""
    none = labels.shape[1]
    matrix = np.zeros((none + 1, none + 1), int)
    for label, decision in zip(labels, decisions, strict=True):
        true, predicted = set(np.flatnonzero(label)), set(np.flatnonzero(decision))
        for c in (true & predicted) or ({none} if not true | predicted else set()):
            matrix[c, c] += 1
        if true != predicted:
            for t in (true - predicted) or {none}:
                for p in (predicted - true) or {none}:
                    matrix[t, p] += 1
    return matrix


@given(labels_and_decisions)
def test_matrix_agrees_with_its_definition_record_by_record(tables):
    np.testing.assert_array_equal(multilabel_confusion(*tables), record_by_record(*tables))


@given(labels_and_decisions)
def test_its_diagonal_is_tp_of_the_classes_and_of_norm(tables):
    expected = [*confusion_counts(*tables)[:, 0], norm_counts(*tables)[0]]
    np.testing.assert_array_equal(np.diag(multilabel_confusion(*tables)), expected)


def test_missed_classes_are_paired_with_wrongly_predicted_ones():
    matrix = multilabel_confusion([[1, 1, 0, 0]], [[1, 0, 1, 1]])
    assert np.argwhere(matrix).tolist() == [[0, 0], [1, 2], [1, 3]]


def test_a_class_without_partner_is_paired_with_none():
    assert np.argwhere(multilabel_confusion([[1, 1]], [[1, 0]])).tolist() == [[0, 0], [1, 2]]
    assert np.argwhere(multilabel_confusion([[1, 0]], [[1, 1]])).tolist() == [[0, 0], [2, 1]]
    assert np.argwhere(multilabel_confusion([[0, 0]], [[0, 0]])).tolist() == [[2, 2]]
