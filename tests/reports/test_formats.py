import math

from ecg_tf.reports.formats import (
    align,
    format_difference,
    format_duration,
    format_interval,
    format_measured,
    format_number,
    format_p,
    markdown_table,
)

NAN = math.nan


def test_markdown_table_is_aligned_and_escapes_cells():
    rows = [["a|b", "+0.1 [0, 1]\np = 1"], ["c", "–\n"]]
    assert markdown_table(["run", "x"], rows, left=2).splitlines() == [
        "| run  | x                  |",
        "| ---- | ------------------ |",
        "| a\\|b | +0.1 [0, 1], p = 1 |",
        "| c    | –                  |",
    ]


def test_markdown_numbers_are_aligned_right():
    assert markdown_table(["", "TP", "n"], [["MI", "9", "1"]]).splitlines()[1:] == [
        "| -- | -: | -: |",
        "| MI |  9 |  1 |",
    ]


def test_columns_are_padded_to_their_widest_cell():
    assert align([["a", "b", "c"], ["10", "20", "30"]], left=2) == [
        ["a ", "b ", " c"],
        ["10", "20", "30"],
    ]


def test_numbers_and_intervals():
    assert [format_number(value) for value in (0.0004, 1, NAN)] == ["0.000", "1.000", "–"]
    assert [format_interval(0, 1), format_interval(NAN, NAN)] == [".000–1.000", ""]
    assert format_measured(0.5, 0.25, 0.75) == "0.500 [0.250, 0.750]"
    assert format_measured(NAN, NAN, NAN) == "–"


def test_differences_and_p_values():
    assert format_difference(0.0123, -0.0004, 0.025) == "+0.012 [0.000, +0.025]"
    assert format_difference(-0.5, -0.75, -0.25) == "−0.500 [−0.750, −0.250]"
    assert format_difference(NAN, NAN, NAN) == "–"
    assert [format_p(p) for p in (0.0123, 1, 0.0009, NAN)] == [
        "p = 0.012", "p = 1.000", "p < 0.001", ""
    ]  # fmt: skip


def test_durations():
    durations = [format_duration(seconds) for seconds in (12.3, 318, 7560, None)]
    assert durations == ["12 s", "5.3 min", "2.1 h", "–"]
