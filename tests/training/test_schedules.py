import math

import pytest

from ecg_tf.training.schedules import cosine, plateau_rate


def test_cosine_rises_linearly_and_falls_to_zero():
    rate = cosine(0.1, epochs=10, steps_per_epoch=20, warmup_epochs=2)
    assert float(rate(0)) == 0
    assert float(rate(10)) == pytest.approx(0.025)
    assert float(rate(40)) == pytest.approx(0.1)
    for step in (70, 120, 180):
        expected = 0.1 * (1 + math.cos(math.pi * (step - 40) / 160)) / 2
        assert float(rate(step)) == pytest.approx(expected, rel=1e-5)
    assert float(rate(200)) == pytest.approx(0, abs=1e-9)


def test_cosine_without_warm_up_starts_at_the_peak_rate():
    rate = cosine(0.1, epochs=2, steps_per_epoch=5)
    assert float(rate(0)) == pytest.approx(0.1)
    assert float(rate(5)) == pytest.approx(0.05)
    assert float(rate(10)) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    ("losses", "reductions"),
    [
        ([], 0),
        ([3, 2, 1], 0),
        ([3, 3], 0),  # no better once
        ([3, 3, 3], 1),
        ([3, 4, 2, 4, 3], 1),
        ([3, 3, 3, 3], 1),
        ([3, 3, 3, 3, 3], 2),
        ([3, 3, 3, 1, 3], 1),
    ],
)
def test_plateau_lowers_the_rate_after_patience_epochs(losses, reductions):
    assert plateau_rate(0.1, losses, patience=2) == pytest.approx(0.1 * 0.3**reductions)
