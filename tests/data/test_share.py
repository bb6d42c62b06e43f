"""The share of a process in batches and partitions."""

import math

import numpy as np
import pytest

from ecg_tf.data.batches.examples import ECGs
from ecg_tf.data.batches.share import Share
from ecg_tf.data.prepared import Records


@pytest.mark.parametrize("size", range(1, 13))
@pytest.mark.parametrize(("processes", "devices"), [(1, 1), (1, 2), (2, 2), (2, 4), (3, 6), (4, 4)])
def test_all_devices_get_as_many_rows_and_all_records_count_the_same(size, processes, devices):
    shares = [Share(number, processes, devices) for number in range(processes)]
    rows = [share.rows(size) for share in shares]
    assert {len(row) % (devices // processes) for row in rows} == {0}
    assert len({len(row) for row in rows}) == 1
    counts = np.bincount(np.concatenate(rows), minlength=size)
    assert set(counts) == {math.lcm(size, devices) // size}
    assert shares[0].repeated(size) == counts.sum()


def test_a_batch_that_splits_is_split_once_in_order():
    found = [Share(number, 4, 4).rows(8).tolist() for number in range(4)]
    assert found == [[0, 1], [2, 3], [4, 5], [6, 7]]


@pytest.mark.parametrize("records", [1, 7, 8])
@pytest.mark.parametrize("processes", [1, 2, 3])
def test_the_parts_of_a_source_are_the_source(records, processes):
    ecg = np.arange(records * 6, dtype=np.float32).reshape(records, 2, 3)
    labels = np.arange(records, dtype=np.uint8)[:, None]
    source = ECGs(_records(ecg, labels))
    parts = [Share(number, processes, processes).part(source) for number in range(processes)]
    assert len({len(part) for part in parts}) == 1
    joined = np.concatenate([part.take(np.arange(len(part))) for part in parts])
    np.testing.assert_array_equal(joined[:records], ecg)
    np.testing.assert_array_equal(np.concatenate([part.labels for part in parts])[:records], labels)
    assert parts[0].shape == (2, 3)


def _records(ecg, labels):
    number = np.arange(len(ecg))
    values = dict.fromkeys((f for f in Records.__dataclass_fields__), number)
    return Records(**{**values, "ecg": ecg, "labels": labels, "leads": ("I", "II", "V2")})
