import numpy as np
import pytest
from scipy import stats

from ecg_tf.data.batches.mixup import mixup


@pytest.mark.parametrize("alpha", [0.3, 1.0])
def test_records_and_labels_are_mixed_in_the_same_way(alpha):
    records = 400
    labels = np.eye(records, dtype=np.float32)  # identifies the record
    x = np.stack([labels, 2 * labels], axis=1)
    mixed, mixed_labels = mixup(x, labels, alpha, (1, 2))
    assert mixed.dtype == mixed_labels.dtype == np.float32
    np.testing.assert_array_equal(mixed[:, 0], mixed_labels)
    np.testing.assert_array_equal(mixed[:, 1], 2 * mixed_labels)
    np.testing.assert_allclose(mixed_labels.sum(axis=1), 1, rtol=1e-6)
    np.testing.assert_allclose(mixed_labels.sum(axis=0), 1, atol=0.5)  # each record is used once
    assert ((mixed_labels > 0).sum(axis=1) <= 2).all()
    own = np.diag(mixed_labels)
    larger = stats.beta(alpha, alpha).cdf  # distribution of the larger of a share and 1 minus it
    assert stats.kstest(own[own < 1], lambda s: 2 * larger(s) - 1).pvalue > 0.01


def test_seed_determines_the_mixture():
    x = np.random.default_rng(1).normal(size=(8, 5)).astype(np.float32)
    (one, _), (again, _), (other, _) = (mixup(x, x, 0.4, (1, 2, k)) for k in (3, 3, 4))
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, other)


def test_single_record_is_not_changed():
    x = np.ones((1, 3), np.float32)
    for found in mixup(x, x, 0.4, 1):
        np.testing.assert_array_equal(found, x)
