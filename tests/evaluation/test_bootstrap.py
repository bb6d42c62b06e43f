import numpy as np
import pytest
from coverage_of_intervals import coverage
from hypothesis import given
from hypothesis import strategies as st

from ecg_tf.errors import InputError
from ecg_tf.evaluation.bootstrap import draw_patients, intervals, p_values, resample
from ecg_tf.evaluation.metrics import METRICS
from ecg_tf.evaluation.summary import summarize

CLASSES = ["MI", "STTC", "CD", "HYP"]


@pytest.fixture(scope="module")
def case():
    """Labels, probabilities, thresholds and patients of 120 records of 80 patients, with ties."""
    generator = np.random.default_rng(0)
    labels = generator.random((120, 4)) < [0.5, 0.3, 0.2, 0.1]
    probabilities = (generator.random((120, 4)) * 0.6 + 0.4 * labels).round(2)
    return labels, probabilities, np.array([0.5, 0.4, 0.6, 0.5]), generator.integers(0, 80, 120)


def test_patients_are_drawn_with_all_their_records(case):
    labels, _, _, patients = case
    weights = draw_patients(labels, patients, draws=20)
    for drawn in weights:
        of_patient = {patient: set(drawn[patients == patient]) for patient in patients}
        assert all(len(often) == 1 for often in of_patient.values())
        assert sum(min(often) for often in of_patient.values()) == len(of_patient)


def test_without_patients_each_record_is_its_own(case):
    weights = draw_patients(case[0], draws=20)
    assert (weights.sum(axis=1) == 120).all()
    np.testing.assert_array_equal(weights, draw_patients(case[0], np.arange(120), draws=20))


@given(st.integers(0, 1000))
def test_no_draw_loses_a_class_or_its_negatives(seed):
    labels = np.array([[1, 0, 1], [0, 1, 1], [0, 0, 1], [0, 0, 1]])  # the third has no negatives
    counts = draw_patients(labels, draws=10, seed=seed) @ labels
    assert ((counts[:, :2] > 0) & (counts[:, :2] < 4)).all()


def test_draws_are_those_of_the_seed(case):
    first, again, other = (draw_patients(case[0], draws=5, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_a_draw_agrees_with_the_summary_of_its_records(case):
    labels, probabilities, thresholds, patients = case
    weights = draw_patients(labels, patients, draws=10)
    for drawn, often in zip(resample(*case[:3], weights), weights, strict=True):
        rows = np.repeat(np.arange(120), often)
        summary = summarize(labels[rows], probabilities[rows], thresholds, CLASSES)
        np.testing.assert_allclose(drawn, summary[list(METRICS)], rtol=1e-12)


def test_there_may_be_no_row_for_none_of_the_classes(case):
    labels, probabilities, thresholds, patients = case
    names, weights = ["MI", "STTC", "CD", "none"], draw_patients(labels, patients, draws=3)
    for drawn, often in zip(resample(*case[:3], weights, with_none=False), weights, strict=True):
        rows = np.repeat(np.arange(120), often)
        summary = summarize(labels[rows], probabilities[rows], thresholds, names)
        np.testing.assert_allclose(drawn, summary[list(METRICS)], rtol=1e-12)


def test_intervals_hold_95_of_100_draws():
    low, high = intervals(np.arange(1001.0)[:, None])
    assert (low[0], high[0]) == pytest.approx((25, 975))


def test_draws_in_which_a_metric_is_undefined_are_left_out():
    draws = np.array([[np.nan, np.nan], [1.0, np.nan], [1.0, np.nan]])
    np.testing.assert_array_equal(intervals(draws), [[1, np.nan]] * 2)


def test_a_run_and_itself_do_not_differ(case):
    weights = draw_patients(case[0], case[3], draws=50)
    differences = resample(*case[:3], weights) - resample(*case[:3], weights)
    assert np.nanmax(np.abs(intervals(differences))) == 0
    assert np.nanmin(p_values(differences)) == 1


def test_paired_differences_are_narrower_than_unpaired_ones(case):
    labels, probabilities, thresholds, patients = case
    worse = np.clip(probabilities - 0.05 * labels, 0, 1)
    ours, others = (draw_patients(labels, patients, draws=400, seed=seed) for seed in (0, 1))
    run = resample(labels, probabilities, thresholds, ours)
    widths = [
        np.ptp(intervals(run - resample(labels, worse, thresholds, weights)), axis=0)
        for weights in (ours, others)
    ]
    auroc = METRICS.index("auroc")
    assert (widths[0][:4, auroc] < widths[1][:4, auroc] / 2).all()


def test_p_value_is_twice_the_share_of_draws_on_the_rarer_side():
    differences = np.column_stack([np.arange(-10, 990), np.ones(1000), np.full(1000, np.nan)])
    # Eleven draws are at most 0, in the second column none.
    np.testing.assert_allclose(p_values(differences), [2 * 12 / 1001, 2 / 1001, np.nan])


def test_intervals_cover_the_truth():
    """A short form of benchmarks/coverage_of_intervals.py: ± 4 % with 100 samples."""
    shares = coverage(samples=100, patients=500, draws=200).stack().dropna()
    assert 0.92 < shares.mean() < 0.97
    assert shares.min() > 0.85


@pytest.mark.parametrize(
    ("patients", "message"),
    [([1, 2], r"patients: shape \(2,\), expected one for each record, \(3,\)")],
)
def test_patients_must_be_one_for_each_record(patients, message):
    with pytest.raises(InputError, match=message):
        draw_patients([[1], [0], [1]], patients)


def test_draws_and_weights_must_fit():
    with pytest.raises(InputError, match="draws: 0, expected at least 1"):
        draw_patients([[1], [0]], draws=0)
    with pytest.raises(
        InputError, match=r"weights: shape \(5, 3\), expected \(draw, record\) of 2"
    ):
        resample([[1], [0]], [[0.5], [0.4]], [0.5], np.ones((5, 3)))


def test_draws_end_with_many_rare_classes():
    """Each of 71 classes has one positive: hardly any draw contains all of them."""
    labels = np.eye(71, dtype=int)[np.arange(200) % 200 % 71] * (np.arange(200) < 71)[:, None]
    weights = draw_patients(labels, draws=50)
    assert (weights.sum(axis=1) == 200).all()
    drawn = weights[:, :71] > 0
    assert drawn[:, :9].all()  # as many as 1 % of the draws contain
    assert not drawn.all(axis=0)[10:].all()


def test_macro_of_a_draw_is_over_its_classes():
    labels = np.zeros((200, 71), int)
    labels[np.arange(71), np.arange(71)] = 1
    probabilities = np.random.default_rng(0).random((200, 71))
    weights = draw_patients(labels, draws=20)
    drawn = resample(labels, probabilities, np.full(71, 0.5), weights)
    auroc = METRICS.index("auroc")
    missing = weights[:, :71] == 0
    np.testing.assert_array_equal(np.isnan(drawn[:, :71, auroc]), missing)
    expected = np.nanmean(drawn[:, :71, auroc], axis=1)
    np.testing.assert_allclose(drawn[:, -1, auroc], expected)
