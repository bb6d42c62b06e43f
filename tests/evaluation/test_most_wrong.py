import numpy as np
import pytest

from ecg_tf.evaluation.metrics import brier
from ecg_tf.evaluation.most_wrong import most_wrong


def test_largest_errors_come_first_and_ties_keep_their_order():
    labels = [[1, 0], [1, 0], [0, 0], [1, 0]]
    probabilities = [[0.9, 0.1], [0.0, 0.0], [1.0, 1.0], [0.0, 0.0]]
    records, errors = most_wrong(labels, probabilities, number=3)
    assert records.tolist() == [2, 1, 3]
    assert errors.tolist() == [1.0, 0.5, 0.5]


def test_errors_of_all_records_add_up_to_the_brier_score():
    generator = np.random.default_rng(0)
    labels, probabilities = generator.integers(0, 2, (30, 4)), generator.random((30, 4))
    _, errors = most_wrong(labels, probabilities, number=100)
    assert len(errors) == 30
    assert errors.mean() == pytest.approx(brier(labels, probabilities).mean())
