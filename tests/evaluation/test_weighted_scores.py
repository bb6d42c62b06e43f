import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import average_precision_score, roc_auc_score

from ecg_tf.evaluation.weighted_scores import weighted_auroc_and_average_precision


@st.composite
def cases(draw):
    """Labels and probabilities of one class with many ties, and three weighted samples of them."""
    records = draw(st.integers(1, 20))
    eighths = st.integers(0, 8).map(lambda n: n / 8)
    labels = draw(arrays(bool, records))
    probabilities = draw(arrays(np.float64, records, elements=eighths))
    weights = draw(arrays(np.int32, (3, records), elements=st.integers(0, 3)))
    return labels, probabilities, weights


@given(cases())
def test_weighted_scores_agree_with_scikit_learn_on_repeated_records(case):
    labels, probabilities, weights = case
    areas, precisions = weighted_auroc_and_average_precision(*case)
    for area, precision, often in zip(areas, precisions, weights, strict=True):
        truth, scores = np.repeat(labels, often), np.repeat(probabilities, often)
        kinds = len(set(truth.tolist()))
        expected = roc_auc_score(truth, scores) if kinds == 2 else np.nan
        np.testing.assert_allclose(area, expected)
        expected = average_precision_score(truth, scores) if truth.any() else np.nan
        np.testing.assert_allclose(precision, expected)


@pytest.mark.parametrize("samples", [1, 63, 64, 65, 200])
def test_samples_do_not_depend_on_how_many_are_scored_at_a_time(samples):
    generator = np.random.default_rng(0)
    labels, probabilities = generator.random(50) < 0.4, generator.random(50).round(1)
    weights = generator.integers(0, 3, (samples, 50))
    together = np.array(weighted_auroc_and_average_precision(labels, probabilities, weights))
    alone = [weighted_auroc_and_average_precision(labels, probabilities, w[None]) for w in weights]
    np.testing.assert_array_equal(together, np.hstack(alone))
