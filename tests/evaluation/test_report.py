import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ecg_tf.evaluation.metrics import summarize
from ecg_tf.evaluation.report import format_confusion, format_metrics, write_report

ABOUT = {
    "run": Path("runs") / "alexnet",
    "partition": "test",
    "records": np.int64(12),
    "simulated": True,
    "positives": {"MI": 2, "CD": 0},
    "loss": math.nan,
}


@pytest.fixture
def summary():
    """MI: TP 1, FN 1, FP 2, TN 8. CD: never true, never predicted. NORM: TP 8, FN 2, FP 1, TN 1."""
    labels = [[1, 0]] * 2 + [[0, 0]] * 10
    probabilities = [[0.9, 0.1]] + [[0.2, 0.1]] + [[0.8, 0.1]] * 2 + [[0.3, 0.1]] * 8
    return summarize(labels, probabilities, [0.4, 0.25], ["MI", "CD"])


def read_json(folder):
    def refuse(constant):
        raise AssertionError(f"{constant} is no JSON")

    return json.loads((folder / "report.json").read_text("utf-8"), parse_constant=refuse)


def test_confusion_table_is_aligned_and_ends_with_norm(summary):
    assert format_confusion(summary).splitlines() == [
        "|      | TP | FN | FP | TN |",
        "|------|----|----|----|----|",
        "| MI   |  1 |  1 |  2 |  8 |",
        "| CD   |  0 |  0 |  0 | 12 |",
        "| NORM |  8 |  2 |  1 |  1 |",
    ]


def test_columns_are_as_wide_as_their_widest_number():
    labels = np.zeros((1234, 1))
    labels[0] = 1
    table = format_confusion(summarize(labels, labels, [0.5], ["a long name"]))
    assert table.splitlines() == [
        "|             |   TP | FN | FP |   TN |",
        "|-------------|------|----|----|------|",
        "| a long name |    1 |  0 |  0 | 1233 |",
        "| NORM        | 1233 |  0 |  0 |    1 |",
    ]


def test_metrics_table_has_three_decimals_and_a_dash_for_what_is_undefined(summary):
    lines = format_metrics(summary).splitlines()
    assert len({len(line) for line in lines}) == 1
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]
    assert cells[0][1:] == [
        "sensitivity",
        "specificity",
        "precision",
        "f1",
        "accuracy",
        "g_mean",
        "auroc",
        "threshold",
    ]
    # 1/2, 8/10, 1/3, 2/5, 9/12, sqrt(0.4); of 2 · 10 pairs the positives win 10 and 0.
    assert cells[2] == [
        "MI",
        "0.500",
        "0.800",
        "0.333",
        "0.400",
        "0.750",
        "0.632",
        "0.500",
        "0.400",
    ]
    assert cells[3] == ["CD", "–", "1.000", "–", "–", "1.000", "–", "–", "0.250"]
    assert [row[0] for row in cells[4:]] == ["NORM", "pooled", "macro"]
    # Pooled: TP 1, FN 1, FP 2, TN 20.
    assert cells[5][1:] == ["0.500", "0.909", "0.333", "0.400", "0.875", "0.674", "–", "–"]


def test_csv_parses_to_the_unrounded_summary(summary, tmp_path):
    write_report(tmp_path, summary, ABOUT)
    read = pd.read_csv(tmp_path / "confusion.csv", index_col="class")
    pd.testing.assert_frame_equal(read, summary, check_dtype=False, rtol=1e-15)
    text = (tmp_path / "confusion.csv").read_text("utf-8")
    assert text.splitlines()[1].startswith("MI,1,1,2,8,0.5,0.8,0.3333333333333333,")


def test_json_holds_what_was_evaluated_and_the_unrounded_metrics(summary, tmp_path):
    write_report(tmp_path, summary, ABOUT)
    report = read_json(tmp_path)
    assert report["about"] == {
        "run": str(Path("runs") / "alexnet"),
        "partition": "test",
        "records": 12,
        "simulated": True,
        "positives": {"MI": 2, "CD": 0},
        "loss": None,
    }
    assert list(report["metrics"]) == ["MI", "CD", "NORM", "pooled", "macro"]
    assert report["metrics"]["MI"] == {
        "TP": 1,
        "FN": 1,
        "FP": 2,
        "TN": 8,
        "sensitivity": 1 / 2,
        "specificity": 8 / 10,
        "precision": 1 / 3,
        "f1": 2 / 5,
        "accuracy": 9 / 12,
        "g_mean": math.sqrt(1 / 2 * 8 / 10),
        "auroc": 10 / 20,
        "threshold": 0.4,
    }
    assert report["metrics"]["CD"]["sensitivity"] is None
    assert report["metrics"]["macro"]["TP"] is None


def test_report_folder_is_made_and_holds_two_files(summary, tmp_path):
    write_report(tmp_path / "new" / "report", summary, ABOUT)
    files = sorted(path.name for path in (tmp_path / "new" / "report").iterdir())
    assert files == ["confusion.csv", "report.json"]


def test_failing_halfway_leaves_no_report_json_and_no_temporary_file(
    summary, tmp_path, monkeypatch
):
    rename = Path.replace

    def fail_for_json(path, target):
        if Path(target).name == "report.json":
            raise OSError("disk full")
        return rename(path, target)

    monkeypatch.setattr(Path, "replace", fail_for_json)
    with pytest.raises(OSError, match="disk full"):
        write_report(tmp_path, summary, ABOUT)
    assert [path.name for path in tmp_path.iterdir()] == ["confusion.csv"]


def test_about_that_json_cannot_hold_is_an_error_before_anything_is_written(summary, tmp_path):
    with pytest.raises(TypeError):
        write_report(tmp_path / "report", summary, {"run": object()})
    assert not (tmp_path / "report").exists()
