"""The report of one evaluation: two tables for the terminal, a CSV and a JSON file.

All are made from the table that `ecg_tf.evaluation.metrics.summarize` answers.
"""

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd

from ecg_tf.evaluation.confusion import COUNTS
from ecg_tf.evaluation.metrics import MACRO, POOLED
from ecg_tf.files import write_atomically


def format_confusion(summary):
    """The confusion table for the terminal: TP, FN, FP, TN of each class and of NORM.

    Args:
        summary: the table of `summarize`.

    Returns:
        str in Markdown, aligned, without a line end after its last row.
    """
    counts = summary.drop(index=[POOLED, MACRO])[list(COUNTS)]
    return _format_table(counts, "{:.0f}".format)


def format_metrics(summary):
    """The metrics table for the terminal: every row of the summary to three decimals, – for NaN.

    Args:
        summary: the table of `summarize`.

    Returns:
        str in Markdown, aligned, without a line end after its last row.
    """
    metrics = summary.drop(columns=list(COUNTS))
    return _format_table(metrics, lambda value: "–" if math.isnan(value) else f"{value:.3f}")


def write_report(directory, summary, about):
    """Write `confusion.csv` and `report.json`.

    Both hold the whole summary, nothing rounded. In the CSV an undefined number is an empty field;
    in the JSON it is null. The JSON is {"about": about, "metrics": {row: {column: number}}}.

    Each file is written whole or not at all, `report.json` last: where it is, the report is
    complete. Files of an earlier report are replaced.

    Args:
        directory: folder of the report, made if it is not there.
        summary: the table of `summarize`.
        about: what was evaluated, a dictionary that JSON can hold: run, partition, records, whether
            they are simulated, where the thresholds are from.
    """
    summary = summary.astype(dict.fromkeys(COUNTS, "Int64"))  # 60, not 60.0; macro's are <NA>
    report = {"about": about, "metrics": summary.to_dict(orient="index")}
    files = {
        "confusion.csv": summary.to_csv(),
        "report.json": json.dumps(_plain(report), indent=2, allow_nan=False) + "\n",
    }
    directory = Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        write_atomically(directory / name, content)


def _format_table(table, format_value):
    """A Markdown table: the index on the left, numbers on the right of their columns."""
    names = ["", *table.index]
    columns = [[name, *map(format_value, table[name])] for name in table.columns]
    name_width = max(map(len, names))
    widths = [max(map(len, column)) for column in columns]

    lines = [
        " | ".join([name.ljust(name_width), *map(str.rjust, row, widths)])
        for name, row in zip(names, zip(*columns, strict=True), strict=True)
    ]
    lines = [f"| {line} |" for line in lines]
    rule = "|".join("-" * (width + 2) for width in [name_width, *widths])
    lines.insert(1, f"|{rule}|")
    return "\n".join(lines)


def _plain(value):
    """`value` as JSON has it: numpy's numbers as Python's, paths as text, NaN and <NA> as None."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return _plain(value.tolist())
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Path):
        return str(value)
    if value is pd.NA or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return value
