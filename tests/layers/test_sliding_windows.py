"""Overlapping windows, beside numpy's."""

import numpy as np
import pytest

from ecg_tf.errors import InputError
from ecg_tf.layers import MeanOverWindows, SlidingWindows

RNG = np.random.default_rng(0)


def test_windows_are_half_in_each_other_and_in_a_row():
    signal = RNG.normal(size=(2, 100, 3)).astype(np.float32)
    every = np.lib.stride_tricks.sliding_window_view(signal, 40, axis=1)  # (…, start, lead, time)
    expected = np.moveaxis(every[:, [0, 20, 40, 60]], 3, 2).reshape(8, 40, 3)
    np.testing.assert_array_equal(SlidingWindows(40)(signal), expected)


@pytest.mark.parametrize(("samples", "time"), [(300, 1000), (41, 100), (100, 100), (99, 100)])
def test_windows_cover_the_whole_signal(samples, time):
    starts = SlidingWindows(samples).starts(time)
    assert (starts[0], starts[-1]) == (0, time - samples)
    assert np.diff(starts).max(initial=0) <= (samples + 1) // 2


def test_a_signal_shorter_than_a_window_is_refused():
    with pytest.raises(InputError, match="windows of 30 samples: the signal has 20"):
        SlidingWindows(30)(np.zeros((1, 20, 1), np.float32))


def test_windows_of_one_sample_are_refused():
    with pytest.raises(InputError, match="windows of 1 samples: expected at least 2"):
        SlidingWindows(1)


def test_the_mean_is_over_the_windows_of_each_record():
    found = RNG.normal(size=(6, 5)).astype(np.float32)
    expected = [found[:3].mean(axis=0), found[3:].mean(axis=0)]
    np.testing.assert_allclose(MeanOverWindows(3)(found), expected, rtol=1e-5)
