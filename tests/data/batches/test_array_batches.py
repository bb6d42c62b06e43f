"""Batches of numpy arrays, compared with those of tf.data."""

import types

import numpy as np
import pytest

from ecg_tf.data.batches.array_batches import evaluation_batches, training_batches
from ecg_tf.data.batches.examples import ECGs, Images
from ecg_tf.data.batches.mixup import mixup


@pytest.fixture(scope="module")
def source():
    """Eleven ecgs with two samples of one lead; the first sample is the number of the ecg."""
    ecg = np.arange(22, dtype=np.float32).reshape(11, 2, 1) / 2
    labels = np.arange(11, dtype=np.uint8)[:, None] % 2
    return ECGs(types.SimpleNamespace(ecg=ecg, labels=labels, leads=("I",)))


def epoch(batches, number):
    """Return the records of an epoch of four batches, in order."""
    found = [batches[4 * number + k] for k in range(4)]
    assert [len(x) for x, _ in found] == [3, 3, 3, 2]
    for x, y in found:
        np.testing.assert_array_equal(y, x[:, 0] % 2)
        assert x.dtype == y.dtype == np.float32
    return np.concatenate([x[:, 0, 0] for x, _ in found]).tolist()


def test_epoch_holds_every_record_once_in_its_own_order(source):
    batches = training_batches(source, 3, seed=1, first_epoch=0)
    first, second = epoch(batches, 0), epoch(batches, 1)
    assert sorted(first) == sorted(second) == list(range(11))
    assert len({tuple(first), tuple(second), tuple(range(11))}) == 3
    assert epoch(batches, 0) == first
    assert epoch(training_batches(source, 3, seed=2, first_epoch=0), 0) != first


def test_resumed_run_has_the_same_batches(source):
    uninterrupted = training_batches(source, 3, seed=1, first_epoch=0)
    resumed = training_batches(source, 3, seed=1, first_epoch=2)
    assert epoch(resumed, 0) == epoch(uninterrupted, 2)
    assert epoch(resumed, 1) == epoch(uninterrupted, 3)


def test_resumed_run_has_the_same_mixed_batches(source):
    plain, mixed = (training_batches(source, 3, 1, 0, alpha) for alpha in (None, 0.4))
    resumed = training_batches(source, 3, 1, 2, 0.4)
    expected = mixup(*plain[4 * 2 + 1], 0.4, (1, 2, 1))
    for batch in (mixed[4 * 2 + 1], resumed[1]):
        for found, by_hand in zip(batch, expected, strict=True):
            np.testing.assert_array_equal(found, by_hand)


def test_evaluation_keeps_the_order(source):
    batches = evaluation_batches(source, 3)
    assert batches.num_batches == 4
    assert epoch(batches, 0) == list(range(11))


def test_images_are_grey_levels_from_0_to_1():
    source = Images(np.zeros((2, 4), np.uint8), lambda k: np.full((1, 1, 1), 5 * k), (1, 1, 1))
    images, _ = evaluation_batches(source, 2)[0]
    np.testing.assert_array_equal(images.ravel(), np.float32([0, 5]) / np.float32(255))
