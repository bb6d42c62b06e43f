"""An evaluation of a network of which NORM is a class."""

import json

import pandas as pd
import pytest
from page_reader import Reader
from sklearn.metrics import confusion_matrix, roc_auc_score

from ecg_tf.reports.report import write_report
from ecg_tf.reports.text import format_confusion, format_evaluation

CLASSES = ["MI", "STTC", "CD", "HYP", "NORM"]


def test_norm_is_a_row_like_that_of_any_class(norm_evaluation):
    summary, truth = norm_evaluation.summary, norm_evaluation.labels[:, 4]
    assert summary.index.tolist() == [*CLASSES, "pooled", "macro"]
    probability = norm_evaluation.probabilities[:, 4]
    (tn, fp), (fn, tp) = confusion_matrix(truth, probability >= 0.5)
    assert summary.loc["NORM", ["TP", "FN", "FP", "TN"]].tolist() == [tp, fn, fp, tn]
    assert summary.loc["NORM", "threshold"] == 0.5
    rows = [line.split("|")[1].strip() for line in format_confusion(summary).splitlines()]
    assert rows[2:] == CLASSES


def test_pooled_and_macro_are_over_all_five(norm_evaluation):
    summary = norm_evaluation.summary
    tables = norm_evaluation.labels, norm_evaluation.probabilities
    for row, average in (("macro", "macro"), ("pooled", "micro")):
        expected = roc_auc_score(*tables, average=average)
        assert summary.loc[row, "auroc"] == pytest.approx(expected, rel=1e-12)
    assert summary.loc["pooled", ["TP", "FN", "FP", "TN"]].sum() == 5 * 60
    for end in norm_evaluation.intervals:
        assert end.index.equals(summary.index)


def test_diseases_are_evaluated_as_without_the_class_norm(norm_evaluation, evaluation):
    diseases = norm_evaluation.diseases
    pd.testing.assert_frame_equal(diseases.summary, evaluation.summary)
    for found, expected in zip(diseases.intervals, evaluation.intervals, strict=True):
        pd.testing.assert_frame_equal(found, expected)
    assert evaluation.diseases is None


def test_every_form_of_the_report_has_both(norm_evaluation, evaluation, report_folder, tmp_path):
    write_report(tmp_path, norm_evaluation)
    five, four = (
        json.loads((folder / "report.json").read_text("utf-8"))
        for folder in (tmp_path, report_folder)
    )
    assert five["diseases"] == {"metrics": four["metrics"], "intervals": four["intervals"]}
    assert "diseases" not in four
    page = Reader((tmp_path / "report.html").read_text("utf-8")).text
    macro = evaluation.summary.loc["macro", "auroc"]
    sentence = f"Without the class NORM: macro AUROC {macro:.3f}"
    assert sentence in page
    assert sentence in format_evaluation(norm_evaluation)
    assert "NORM, none of the others" in page
    assert "counted as if it were a class" not in page
    assert "Without the class NORM" not in format_evaluation(evaluation)
