"""A run with NORM as a fifth class, from training to the comparison."""

import dataclasses

import numpy as np
import pytest
from eager import train
from sklearn.metrics import roc_auc_score
from study_path import study_answer

from ecg_tf.leads import LEADS
from ecg_tf.predict.predictor import Predictor
from ecg_tf.reports.comparison.markdown import format_comparison
from ecg_tf.runs.compare import compare
from ecg_tf.runs.evaluate import evaluate

pytestmark = pytest.mark.usefixtures("eagerly")

CLASSES = ["MI", "STTC", "CD", "HYP", "NORM"]


@pytest.fixture(scope="module")
def norm_run(signal_settings, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "norm"
    return train(dataclasses.replace(signal_settings, norm_class=True, path_save_model=str(folder)))


@pytest.fixture(scope="module")
def evaluation(norm_run, prepared_folder):
    return evaluate(norm_run.path, prepared_folder, "test")


def with_norm(labels):
    return np.column_stack([labels, labels.sum(axis=1) == 0])


def test_the_run_has_five_classes_and_weights_from_their_labels(norm_run, prepared):
    metadata = norm_run.metadata
    assert list(metadata.class_names) == CLASSES
    shares = with_norm(prepared.labels("train")).mean(axis=0)
    np.testing.assert_allclose(metadata.pos_weight, (1 - shares) / shares)
    assert norm_run.flags["norm_class"] == "True"
    assert len(norm_run.thresholds) == 5


def test_its_evaluation_has_five_classes(norm_run, evaluation, prepared):
    records = prepared.read("test", LEADS)
    predictor = Predictor(norm_run.path)
    answer = study_answer(norm_run, records.ecg)
    assert list(evaluation.class_names) == list(predictor.class_names) == CLASSES
    np.testing.assert_array_equal(evaluation.labels, with_norm(records.labels))
    np.testing.assert_array_equal(evaluation.decisions, answer["decisions"])
    np.testing.assert_allclose(evaluation.probabilities, answer["probabilities"], atol=1e-5)
    expected = roc_auc_score(with_norm(records.labels), evaluation.probabilities)
    assert evaluation.summary.loc["macro", "auroc"] == pytest.approx(expected, abs=1e-6)


def test_it_is_compared_on_the_four_common_classes(
    norm_run, signal_run, evaluation, prepared_folder
):
    comparison = compare([norm_run.path, signal_run.path], prepared_folder, "test")
    five, four = comparison.runs
    for run in (five, four):
        assert list(run.evaluation.class_names) == CLASSES[:4]
    expected = roc_auc_score(evaluation.labels[:, :4], evaluation.probabilities[:, :4])
    assert comparison.values.loc["norm", ("macro", "auroc")] == pytest.approx(expected)
    dev = evaluate(norm_run.path, prepared_folder, "dev")
    expected = roc_auc_score(dev.labels[:, :4], dev.probabilities[:, :4])
    assert five.dev_auroc == pytest.approx(expected, abs=1e-4)
    assert (five.left_out, four.left_out) == (("NORM",), ())
    said = "norm: also trained on NORM, which this comparison leaves out"
    assert said in format_comparison(comparison)
