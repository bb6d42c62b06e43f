import dataclasses
import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ecg_tf.evaluation.evaluation import Evaluation
from ecg_tf.evaluation.metrics import METRICS
from ecg_tf.reports.report import write_report

PUBLISHED = {  # AlexNet with attention: TP, FN, FP, TN (Narotamo et al. 2024)
    "MI": (337, 216, 363, 1247),
    "STTC": (391, 132, 268, 1372),
    "CD": (298, 200, 198, 1467),
    "HYP": (154, 109, 329, 1571),
}


def read_json(folder):
    def refuse(constant):
        raise AssertionError(f"{constant} is no JSON")

    return json.loads((folder / "report.json").read_text("utf-8"), parse_constant=refuse)


def test_report_folder_is_made_and_holds_four_files(report_folder):
    files = sorted(path.name for path in report_folder.iterdir())
    assert files == ["confusion.csv", "predictions.csv", "report.html", "report.json"]


def test_confusion_csv_parses_to_the_unrounded_summary(report_folder, evaluation):
    read = pd.read_csv(report_folder / "confusion.csv", index_col="class")
    pd.testing.assert_frame_equal(read, evaluation.summary, check_dtype=False, rtol=1e-15)
    line = (report_folder / "confusion.csv").read_text("utf-8").splitlines()[1]
    assert line.startswith("MI,{:.0f},{:.0f},{:.0f},{:.0f},0.".format(*evaluation.summary.iloc[0]))


def test_predictions_csv_reproduces_decisions_and_metrics(report_folder, evaluation):
    read = pd.read_csv(report_folder / "predictions.csv")
    assert read["ecg_id"].tolist() == evaluation.ecg_ids.tolist()
    tables = {
        kind: read[[f"{kind}_{name}" for name in evaluation.class_names]].to_numpy()
        for kind in ("label", "probability", "decision")
    }
    np.testing.assert_array_equal(tables["probability"], evaluation.probabilities)
    np.testing.assert_array_equal(
        tables["decision"], tables["probability"] >= evaluation.thresholds
    )
    np.testing.assert_array_equal(tables["label"], evaluation.labels)


def test_json_holds_description_metrics_and_intervals(report_folder, evaluation):
    report = read_json(report_folder)
    bootstrap = {"draws": 30, "seed": 42, "unit": "patient"}
    patients = len(set(evaluation.patient_ids))
    assert report["about"] == evaluation.about | {"patients": patients, "bootstrap": bootstrap}
    assert list(report["metrics"]) == ["MI", "STTC", "CD", "HYP", "NORM", "pooled", "macro"]
    assert list(report["metrics"]["MI"]) == ["TP", "FN", "FP", "TN", *METRICS, "threshold"]
    assert isinstance(report["metrics"]["MI"]["TP"], int)
    assert report["metrics"]["MI"]["auroc"] == evaluation.summary.loc["MI", "auroc"]
    assert report["metrics"]["macro"]["TP"] is None
    for row in report["intervals"]:
        for metric, (low, high) in report["intervals"][row].items():
            value = report["metrics"][row][metric]
            assert value is low is high is None or low <= value <= high


def test_records_without_ids_are_numbered_and_undefined_is_null(bare_evaluation, tmp_path):
    write_report(tmp_path, bare_evaluation)
    assert pd.read_csv(tmp_path / "predictions.csv")["record"].tolist() == [0, 1, 2]
    report = read_json(tmp_path)
    assert report["about"]["patients"] is None
    assert report["about"]["bootstrap"]["unit"] == "record"
    assert report["metrics"]["CD"]["sensitivity"] is None
    assert report["intervals"]["CD"]["sensitivity"] == [None, None]
    assert report["metrics"]["MI"]["precision"] is None
    assert report["metrics"]["CD"]["specificity"] == pytest.approx(1 / 3)


def test_published_confusion_matrix_gives_the_published_means(about, tmp_path):
    labels = np.column_stack([np.repeat([1, 1, 0, 0], counts) for counts in PUBLISHED.values()])
    decisions = np.column_stack([np.repeat([1, 0, 1, 0], counts) for counts in PUBLISHED.values()])
    half = np.full(4, 0.5)
    published = Evaluation(about, tuple(PUBLISHED), labels, decisions * 1.0, half, draws=10)
    write_report(tmp_path, published)
    report = read_json(tmp_path)["metrics"]
    for name, counts in PUBLISHED.items():
        assert tuple(report[name][count] for count in ("TP", "FN", "FP", "TN")) == counts
    pooled = [report["pooled"][name] for name in ("sensitivity", "specificity", "g_mean")]
    assert [f"{value:.4f}" for value in pooled] == ["0.6424", "0.8301", "0.7302"]
    page = (tmp_path / "report.html").read_text("utf-8")
    for value in pooled:
        assert f"{value:.3f}" in page


def test_the_same_evaluation_gives_the_same_files(bare_evaluation, tmp_path):
    for name in ("first", "again"):
        write_report(tmp_path / name, dataclasses.replace(bare_evaluation))
    for file in (tmp_path / "first").iterdir():
        assert file.read_bytes() == (tmp_path / "again" / file.name).read_bytes()


def test_failing_halfway_leaves_no_json_and_no_temporary_file(
    bare_evaluation, tmp_path, monkeypatch
):
    rename = Path.replace

    def fail_for_json(path, target):
        if Path(target).name == "report.json":
            raise OSError("disk full")
        return rename(path, target)

    monkeypatch.setattr(Path, "replace", fail_for_json)
    with pytest.raises(OSError, match="disk full"):
        write_report(tmp_path, bare_evaluation)
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == ["confusion.csv", "predictions.csv", "report.html"]


def test_values_that_json_cannot_hold_are_refused_first(bare_evaluation, tmp_path):
    strange = {**bare_evaluation.about, "loss": object()}
    with pytest.raises(TypeError):
        write_report(tmp_path / "report", dataclasses.replace(bare_evaluation, about=strange))
    assert not (tmp_path / "report").exists()


def test_numbers_and_paths_in_about_become_what_json_has(bare_evaluation, tmp_path):
    odd = {"run": Path("runs") / "a", "records": np.int64(12), "loss": math.nan}
    evaluation = dataclasses.replace(bare_evaluation, about=bare_evaluation.about | odd)
    write_report(tmp_path, evaluation)
    about = read_json(tmp_path)["about"]
    assert {name: about[name] for name in odd} == {
        "run": str(Path("runs") / "a"),
        "records": 12,
        "loss": None,
    }
