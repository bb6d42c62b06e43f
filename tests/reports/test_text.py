import numpy as np
import pandas as pd
import pytest

from ecg_tf.evaluation.metrics import METRICS
from ecg_tf.evaluation.summary import summarize
from ecg_tf.reports.text import format_confusion, format_evaluation, format_metrics


@pytest.fixture
def summary():
    """MI: TP 1, FN 1, FP 2, TN 8. CD: never true, never predicted. none: TP 8, FN 2, FP 1, TN 1."""
    labels = [[1, 0]] * 2 + [[0, 0]] * 10
    probabilities = [[0.9, 0.1]] + [[0.2, 0.1]] + [[0.8, 0.1]] * 2 + [[0.3, 0.1]] * 8
    return summarize(labels, probabilities, [0.4, 0.25], ["MI", "CD"])


def test_confusion_table_is_aligned_and_ends_with_none(summary):
    assert format_confusion(summary).splitlines() == [
        "|      | TP | FN | FP | TN |",
        "| ---- | -: | -: | -: | -: |",
        "| MI   |  1 |  1 |  2 |  8 |",
        "| CD   |  0 |  0 |  0 | 12 |",
        "| none |  8 |  2 |  1 |  1 |",
    ]


def test_columns_are_as_wide_as_their_widest_cell():
    labels = np.zeros((1234, 1))
    labels[0] = 1
    table = format_confusion(summarize(labels, labels, [0.5], ["a long name"]))
    assert table.splitlines() == [
        "|             |   TP | FN | FP |   TN |",
        "| ----------- | ---: | -: | -: | ---: |",
        "| a long name |    1 |  0 |  0 | 1233 |",
        "| none        | 1233 |  0 |  0 |    1 |",
    ]


def test_intervals_are_below_the_metrics(summary):
    ends = [summary[list(METRICS)] * factor for factor in (0.5, 1.25)]
    lines = format_metrics(summary, ends).splitlines()
    assert lines[0].split() == ["MI", "CD", "none", "pooled", "macro"]
    assert [line.split()[0] for line in lines[1::2]] == [*METRICS, "threshold"]
    # 1/2 of MI, – of CD, 8/10 of none, 1/2 pooled, 1/2 macro, without CD
    assert lines[1].split() == ["sensitivity", "0.500", "–", "0.800", "0.500", "0.500"]
    assert lines[2].split() == [".250–.625", ".400–1.000", ".250–.625", ".250–.625"]
    assert lines[-1].split() == ["threshold", "0.400", "0.250", "–", "–", "–"]


def test_metrics_table_is_aligned_and_fits_a_terminal(evaluation):
    lines = format_metrics(evaluation.summary, evaluation.intervals).splitlines()
    ends = [line.rindex(line.split()[-1]) + len(line.split()[-1]) for line in lines[:16]]
    assert len(set(ends)) == 1
    assert max(map(len, lines)) <= 100


def test_interval_ends_of_one_are_not_shortened():
    summary = summarize([[1], [0]], [[0.9], [0.1]], [0.5], ["MI"])
    ends = [pd.DataFrame(1.0, summary.index, METRICS)] * 2
    assert "1.000–1.000" in format_metrics(summary, ends)


def test_text_states_data_and_thresholds(evaluation, bare_evaluation):
    text = format_evaluation(evaluation)
    assert text.startswith("alexnet on 60 records of test\n\n|      | TP |")
    assert f"30 bootstrap draws of {evaluation.patients} patients." in text
    assert text.endswith("Thresholds: largest F1, on the dev partition.")
    text = format_evaluation(bare_evaluation)
    assert "3 simulated records" in text
    assert "30 bootstrap draws of records (patients unknown)." in text


def test_71_classes_with_long_names_fit_a_terminal():
    names = [f"statement {k} of the rhythm, of the form or of a diagnosis" for k in range(71)]
    labels = np.random.default_rng(0).integers(0, 2, (40, 71))
    labels[:, 3] = 0
    summary = summarize(labels, labels / 2 + 0.25, [0.5] * 71, names)
    text = format_metrics(summary, [summary[list(METRICS)]] * 2)
    assert max(map(len, text.splitlines())) <= 100
    blocks = text.split("\n\n")
    # Two lines for each class; "none" has no intervals in the last block.
    assert [len(block.splitlines()) for block in blocks] == [149, 149, 148]
    assert all(metric in text for metric in (*METRICS, "threshold"))


def test_classes_without_positives_or_negatives_are_named(bare_evaluation):
    text = format_evaluation(bare_evaluation)
    assert "\nNo positives, left out of macro: CD.\n" in text
    assert "\nNo negatives, left out of macro: HYP.\n" in text
