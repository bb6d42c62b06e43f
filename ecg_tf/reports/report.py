"""The report of one evaluation: a folder of two CSV files, a JSON file and a page to read."""

import numpy as np
import pandas as pd

from ecg_tf.evaluation.confusion import COUNTS
from ecg_tf.evaluation.metrics import METRICS
from ecg_tf.files import write_together
from ecg_tf.reports.page import make_page
from ecg_tf.reports.plain_json import plain_json


def write_report(directory, evaluation):
    """Write `predictions.csv`, `confusion.csv`, `report.html` and `report.json`.

    predictions.csv: a row for each record: `ecg_id`, or `record`, its place in the partition, where
        ids are not known; then label_, probability_ and decision_ of each class.
    confusion.csv: the table of `summarize`; an undefined number is an empty field.
    report.html: `make_page`.
    report.json: {"about": what was evaluated, "metrics": {row: {column: number}}, "intervals":
        {row: {metric: [lower, upper]}}}; an undefined number is null. Where NORM is a class, also
        "diseases": {"metrics", "intervals"} of `Evaluation.diseases`.

    No number is rounded but on the page. Where `report.json` is, the report is complete, and all of
    it is of one evaluation: see `write_together`. Files of an earlier report are replaced.

    Args:
        directory: folder of the report, made if it is not there.
        evaluation: the `Evaluation`.

    Raises:
        InputError: the folder cannot be written to.
    """
    files = {
        "predictions.csv": _predictions(evaluation).to_csv(index=False, lineterminator="\n"),
        "confusion.csv": _whole_counts(evaluation).to_csv(lineterminator="\n"),
        "report.html": make_page(evaluation),
        "report.json": plain_json(_content(evaluation)),
    }
    write_together(directory, files)


def _predictions(evaluation):
    known = evaluation.ecg_ids is not None
    records = evaluation.ecg_ids if known else np.arange(len(evaluation.labels))
    columns = {"ecg_id" if known else "record": records}
    for kind, table in (
        ("label", evaluation.labels),
        # as they were compared with the thresholds: a float32 printed shortest is another number
        ("probability", np.asarray(evaluation.probabilities, np.float64)),
        ("decision", evaluation.decisions),
    ):
        for name, column in zip(evaluation.class_names, np.transpose(table), strict=True):
            columns[f"{kind}_{name}"] = column
    return pd.DataFrame(columns)


def _whole_counts(evaluation):
    """The summary with counts like 60, not 60.0; macro's are <NA>."""
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
    content = {"about": about, **_numbers(evaluation)}
    if evaluation.diseases:
        content["diseases"] = _numbers(evaluation.diseases)
    return content


def _numbers(evaluation):
    low, high = evaluation.intervals
    intervals = {
        row: {metric: [low.loc[row, metric], high.loc[row, metric]] for metric in METRICS}
        for row in low.index
    }
    metrics = _whole_counts(evaluation).to_dict(orient="index")
    return {"metrics": metrics, "intervals": intervals}
