"""Means of compared runs, against scipy's logits."""

import dataclasses

import numpy as np
import pytest
from scipy.special import expit, logit

from ecg_tf.errors import InputError
from ecg_tf.evaluation.comparison import Comparison
from ecg_tf.evaluation.ensemble import ensemble


@pytest.fixture
def runs(compared_run):
    return [
        compared_run("gru", "signal", 1, "gru"),
        compared_run("resnet1d", "signal", 1.2, "resnet1d", thresholds=np.array([0.1] * 4)),
        compared_run("resnet", "image", 0.6, "resnet"),
    ]


def test_an_ensemble_has_the_mean_logits_of_its_members(runs):
    found = ensemble("resnet1d+gru", runs)
    gru, resnet1d, _ = (run.evaluation for run in runs)
    expected = expit((logit(gru.probabilities) + logit(resnet1d.probabilities)) / 2)
    np.testing.assert_allclose(found.evaluation.probabilities, expected, rtol=1e-12)
    thresholds = expit((logit(gru.thresholds) + logit(0.1)) / 2)
    np.testing.assert_allclose(found.evaluation.thresholds, thresholds, rtol=1e-12)
    assert (found.name, found.kind, found.members) == (
        "resnet1d+gru",
        "ensemble",
        ("resnet1d", "gru"),
    )
    assert (found.representation, found.network) == ("signal", "resnet1d and gru")
    assert (found.parameters, found.seconds) == (2 * runs[0].parameters, 2 * runs[0].seconds)


def test_an_ensemble_of_several_kinds_is_compared_with_its_members(runs):
    mixed = ensemble("gru+resnet", runs)
    assert mixed.representation == "signal and all images"
    comparison = Comparison([*runs, mixed])
    assert len(comparison.pairs) == 6
    auroc = mixed.evaluation.summary.loc["macro", "auroc"]
    found = comparison.difference("gru+resnet", "gru", ("macro", "auroc"))
    expected = auroc - runs[0].evaluation.summary.loc["macro", "auroc"]
    assert found["difference"] == pytest.approx(expected)


def test_certain_predictions_have_a_mean(runs):
    certain = np.ones((150, 4))
    certain[::2] = 0
    sure = dataclasses.replace(
        runs[0], evaluation=dataclasses.replace(runs[0].evaluation, probabilities=certain)
    )
    found = ensemble("gru+resnet1d", [sure, runs[1]]).evaluation.probabilities
    assert np.isfinite(found).all()
    assert (found[::2] < 0.01).all()
    assert (found[1::2] > 0.99).all()


@pytest.mark.parametrize("name", ["gru", "gru+gru", "gru+", "gru+other", ""])
def test_an_ensemble_of_other_runs_is_refused(name, runs):
    expected = r"ensemble .*: expected the names of two or more compared runs.*gru, resnet1d, res"
    with pytest.raises(InputError, match=expected):
        ensemble(name, runs)
