import dataclasses

import numpy as np
import pytest

from ecg_tf.errors import InputError
from ecg_tf.evaluation.bootstrap import draw_patients
from ecg_tf.evaluation.comparison import Comparison
from ecg_tf.evaluation.holm import holm

CLASSES = ("MI", "STTC", "CD", "HYP")
RUNS = (("gru", 0.9), ("resnet", 0.5))
QUANTITIES = [("macro", "auroc"), ("pooled", "g_mean"), *((name, "auroc") for name in CLASSES)]


def area(labels, probabilities):
    """AUROC as the share of pairs in the right order."""
    positive, negative = probabilities[labels == 1], probabilities[labels == 0]
    right = positive[:, None] > negative
    ties = positive[:, None] == negative
    return (right + ties / 2).mean()


def measure(evaluation, rows):
    """Macro AUROC, pooled G-mean and AUROC of each class, computed independently."""
    labels, probabilities = evaluation.labels[rows], evaluation.probabilities[rows]
    areas = [area(labels[:, c], probabilities[:, c]) for c in range(4)]
    predicted = probabilities >= evaluation.thresholds
    sensitivity = predicted[labels == 1].mean()
    specificity = 1 - predicted[labels == 0].mean()
    return [sum(areas) / 4, (sensitivity * specificity) ** 0.5, *areas]


def of_pair(comparison, first, second):
    table = comparison.differences
    return table[(table["first"] == first) & (table["second"] == second)]


def test_differences_are_those_of_a_bootstrap_written_out(comparison):
    resnet, gru, _ = (run.evaluation for run in comparison.runs)
    weights = draw_patients(gru.labels, gru.patient_ids, comparison.draws, comparison.seed)
    differences = []
    for often in weights:
        rows = [k for k in range(150) for _ in range(often[k])]
        differences.append(np.subtract(measure(resnet, rows), measure(gru, rows)))
    found = of_pair(comparison, "resnet", "gru")
    assert list(zip(found["row"], found["metric"], strict=True)) == QUANTITIES
    everyone = slice(None)
    np.testing.assert_allclose(
        found["difference"], np.subtract(measure(resnet, everyone), measure(gru, everyone))
    )
    for place, column in enumerate(np.transpose(differences)):
        row = found.iloc[place]
        ends = np.quantile(column, [0.025, 0.975])
        np.testing.assert_allclose([row["low"], row["high"]], ends, atol=1e-12)
        rarer = min(sum(column <= 0), sum(column >= 0))
        assert row["p"] == pytest.approx(min(1, 2 * (rarer + 1) / (len(column) + 1)))


def test_intervals_are_those_of_patients_drawn_otherwise(comparison):
    """Bootstrap over patients with another random generator."""
    _, gru, late = (run.evaluation for run in comparison.runs)
    generator = np.random.default_rng(7)
    patients = np.unique(gru.patient_ids)
    records = {patient: np.flatnonzero(gru.patient_ids == patient) for patient in patients}
    differences = []
    for _ in range(1000):
        drawn = generator.choice(patients, len(patients))
        rows = np.concatenate([records[patient] for patient in drawn])
        differences.append(np.subtract(measure(gru, rows), measure(late, rows)))
    found = of_pair(comparison, "gru", "late_fusion")
    low, high = np.quantile(differences, [0.025, 0.975], axis=0)
    widths = np.asarray(found["high"] - found["low"])
    assert (np.abs(found["low"] - low) < 0.15 * widths).all()
    assert (np.abs(found["high"] - high) < 0.15 * widths).all()


def delong(labels, first, second):
    """Difference of two AUROCs of the same records and its standard error.

    E. R. DeLong et al., Biometrics 44 (1988) 837–845: each positive's share of negatives below it,
    and each negative's share of positives above it.
    """
    shares = []
    for probabilities in (first, second):
        positive, negative = probabilities[labels == 1], probabilities[labels == 0]
        right = (positive[:, None] > negative) + (positive[:, None] == negative) / 2
        shares.append((right.mean(axis=1), right.mean(axis=0)))
    of_positives, of_negatives = (np.subtract(*kind) for kind in zip(*shares, strict=True))
    variance = sum(np.var(kind, ddof=1) / len(kind) for kind in (of_positives, of_negatives))
    return of_positives.mean(), np.sqrt(variance)


def test_intervals_of_single_records_are_close_to_delongs(compared_run):
    """DeLong's formula for a normal distribution, without a bootstrap."""
    runs = [compared_run(name, "signal", skill, patient_ids=None) for name, skill in RUNS]
    found = of_pair(Comparison(runs), *(name for name, _ in RUNS)).set_index("row")
    one, other = (run.evaluation for run in runs)
    for c, name in enumerate(CLASSES):
        difference, error = delong(
            one.labels[:, c], one.probabilities[:, c], other.probabilities[:, c]
        )
        row = found.loc[name]
        assert row["difference"] == pytest.approx(difference)
        ends = [difference - 1.96 * error, difference + 1.96 * error]
        np.testing.assert_allclose([row["low"], row["high"]], ends, atol=0.6 * error)


def test_every_pair_is_there_for_every_quantity(comparison):
    table = comparison.differences
    pairs = [("resnet", "gru"), ("resnet", "late_fusion"), ("gru", "late_fusion")]
    expected = [(*pair, *quantity) for pair in pairs for quantity in QUANTITIES]
    columns = ["first", "second", "row", "metric"]
    assert list(table[columns].itertuples(index=False, name=None)) == expected


def test_p_values_are_corrected_separately_for_each_quantity(comparison):
    for _, table in comparison.differences.groupby(["row", "metric"]):
        assert len(table) == 3
        np.testing.assert_array_equal(table["corrected_p"], holm(table["p"]))


def test_differences_can_be_reversed(comparison):
    one = comparison.difference("resnet", "gru", ("macro", "auroc"))
    other = comparison.difference("gru", "resnet", ("macro", "auroc"))
    assert one["low"] <= one["difference"] <= one["high"] < 0
    turned = {"difference": -one["difference"], "low": -one["high"], "high": -one["low"]}
    assert other == one | turned


def test_a_run_and_its_twin_do_not_differ(compared_run):
    run = compared_run("gru", "signal", 1)
    table = Comparison([run, dataclasses.replace(run, name="twin")]).differences
    assert (table[["difference", "low", "high"]] == 0).all(axis=None)
    assert (table[["p", "corrected_p"]] == 1).all(axis=None)


@pytest.mark.parametrize("number", [2, 5, 13])
def test_there_are_enough_draws_for_a_corrected_p_to_be_small(compared_run, number):
    comparison = Comparison([compared_run(str(k), "signal", 1) for k in range(number)])
    assert len(comparison.pairs) == number * (number - 1) / 2
    assert 2 / (comparison.draws + 1) * len(comparison.pairs) <= 0.01
    assert comparison.draws >= 1000


def test_metrics_of_a_class_without_positives_are_nan(compared_run):
    labels = compared_run("a", "signal", 1).evaluation.labels.copy()
    labels[:, 2] = 0
    runs = [compared_run(name, "signal", 1, labels=labels) for name in "ab"]
    table = Comparison(runs).differences.set_index("row")
    assert table.loc["CD", ["difference", "low", "p", "corrected_p"]].isna().all(axis=None)
    assert table.loc[["macro", "pooled", "MI", "STTC", "HYP"]].notna().all(axis=None)
    of_classes = table.loc[["MI", "STTC", "HYP"], "difference"]
    assert table.loc["macro", "difference"] == pytest.approx(of_classes.mean())


def change(evaluation, name):
    values = getattr(evaluation, name).copy()
    values[0] = 1 - values[0]
    return {name: values}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            lambda _: {"class_names": ("A", "STTC", "CD", "HYP")},
            "other: classes A, STTC, CD, HYP, but gru has MI",
        ),
        (lambda e: change(e, "labels"), r"other: .* than gru \(different labels\)"),
        (lambda e: change(e, "patient_ids"), r"other: .* \(different patient_ids\)"),
        (lambda _: {"ecg_ids": np.arange(150)}, r"other: .* \(different ecg_ids\)"),
    ],
)
def test_runs_that_do_not_fit_are_named(compared_run, changes, message):
    gru = compared_run("gru", "signal", 1)
    other = compared_run("other", "signal", 1, **changes(gru.evaluation))
    with pytest.raises(InputError, match=message):
        Comparison([gru, other])


def test_there_must_be_two_runs_of_different_names(compared_run):
    gru = compared_run("gru", "signal", 1)
    with pytest.raises(InputError, match="runs: gru, expected two or more"):
        Comparison([gru])
    with pytest.raises(InputError, match="runs: gru more than once"):
        Comparison([gru, gru])
