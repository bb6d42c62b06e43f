"""The report folder of an evaluation: two CSV files, a JSON file and an HTML page."""

import os
from pathlib import Path

import numpy as np
import pandas as pd

from ecg_tf.evaluation.confusion import COUNTS
from ecg_tf.evaluation.evaluation import Evaluation
from ecg_tf.evaluation.metrics import METRICS
from ecg_tf.files import write_together
from ecg_tf.reports.page import make_page
from ecg_tf.reports.plain_json import plain_json


def write_report(directory: str | os.PathLike, evaluation: Evaluation) -> list[Path]:
    """Write `predictions.csv`, `confusion.csv`, `report.html` and `report.json`.

    predictions.csv: one row per record: `ecg_id`, or `record`, the position in the partition, if
        IDs are unknown; then label_, probability_ and decision_ of each class.
    confusion.csv: the table of `ecg_tf.evaluation.summary.summarize`; undefined numbers are empty.
    report.html: the page of `ecg_tf.reports.page.make_page`.
    report.json: {"about": what was evaluated, "metrics": {row: {column: number}}, "intervals":
        {row: {metric: [lower, upper]}}}; undefined numbers are null. If the classes are the four of
        the study and NORM, also "diseases": {"metrics", "intervals"} of `Evaluation.diseases`.

    Only the page rounds numbers. If `report.json` exists, the report is complete and all its files
    belong to one evaluation: see `ecg_tf.files.write_together`. Files of an earlier report are
    replaced.

    Args:
        directory: folder of the report; it is created if it does not exist.
        evaluation: the `ecg_tf.evaluation.evaluation.Evaluation`.

    Returns:
        The files.

    Raises:
        InputError: the folder is not writable.
    """
    files = {
        "predictions.csv": _predictions(evaluation).to_csv(index=False, lineterminator="\n"),
        "confusion.csv": _whole_counts(evaluation).to_csv(lineterminator="\n"),
        "report.html": make_page(evaluation),
        "report.json": plain_json(_content(evaluation)),
    }
    write_together(directory, files)
    return [Path(directory, name) for name in files]


def _predictions(evaluation):
    known = evaluation.ecg_ids is not None
    records = evaluation.ecg_ids if known else np.arange(len(evaluation.labels))
    columns = {"ecg_id" if known else "record": records}
    for kind, table in (
        ("label", evaluation.labels),
        # float64, as compared with the thresholds: the shortest text of a float32 differs
        ("probability", np.asarray(evaluation.probabilities, np.float64)),
        ("decision", evaluation.decisions),
    ):
        for name, column in zip(evaluation.class_names, np.transpose(table), strict=True):
            columns[f"{kind}_{name}"] = column
    return pd.DataFrame(columns)


def _whole_counts(evaluation):
    """The summary with integer counts (60, not 60.0); those of macro are <NA>."""
    return evaluation.summary.astype(dict.fromkeys(COUNTS, "Int64"))


def _content(evaluation):
    about = {
        **evaluation.about,
        "patients": evaluation.patients,
        "bootstrap": {
            "draws": evaluation.draws,
            "seed": evaluation.seed,
            "unit": "record" if evaluation.patients is None else "patient",
        },
    }
    content = {"about": about, **numbers(evaluation)}
    if evaluation.diseases:
        content["diseases"] = numbers(evaluation.diseases)
    return content


def numbers(evaluation: Evaluation) -> dict:
    """Metrics and intervals as in report.json: {"metrics": …, "intervals": …}, not rounded."""
    low, high = evaluation.intervals
    intervals = {
        row: {metric: [low.loc[row, metric], high.loc[row, metric]] for metric in METRICS}
        for row in low.index
    }
    metrics = _whole_counts(evaluation).to_dict(orient="index")
    return {"metrics": metrics, "intervals": intervals}
