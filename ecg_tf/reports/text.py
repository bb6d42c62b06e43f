"""An evaluation for the terminal."""

import math

from ecg_tf.evaluation.confusion import COUNTS
from ecg_tf.evaluation.metrics import MACRO, METRICS, NORM, POOLED
from ecg_tf.reports.definitions import seen_sentences


def format_evaluation(evaluation):
    """What was evaluated, the confusion table, the metrics, and what the words mean.

    Args:
        evaluation: the `ecg_tf.evaluation.evaluation.Evaluation`.

    Returns:
        str without a line end after its last line.
    """
    about, patients = evaluation.about, evaluation.patients
    kind = "simulated records" if about["simulated"] else "records"
    unit = "records (patients are not known)" if patients is None else f"{patients} patients"
    norm_class = NORM in evaluation.class_names
    seen = seen_sentences(about.get("seen"), about["partition"], about["records"])
    chosen_here = about["threshold_partition"] == about["partition"]
    return "\n".join(
        [
            f"{about['model']} on {about['records']} {kind} of {about['partition']}",
            "",
            format_confusion(evaluation.summary),
            "",
            format_metrics(evaluation.summary, evaluation.intervals),
            "",
            f"NORM: none of the {'other ' * norm_class}classes. pooled: counts summed over the "
            "classes (micro). macro: mean.",
            *([format_diseases(evaluation.diseases)] if norm_class else []),
            f"Under each number its 95 % interval: {evaluation.draws} bootstrap draws of {unit}.",
            f"Thresholds: {about['thresholds']}{', the records reported' * chosen_here}.",
            *(f"Caution: {sentence}." for sentence in seen),
        ]
    )


def format_confusion(summary):
    """The confusion table: TP, FN, FP, TN of each class and of NORM.

    Args:
        summary: the table of `summarize`.

    Returns:
        str in Markdown, aligned, without a line end after its last row.
    """
    counts = summary.drop(index=[POOLED, MACRO])[list(COUNTS)]
    rows = [[name, *map("{:.0f}".format, row)] for name, row in counts.T.items()]
    head, *body = (f"| {' | '.join(row)} |" for row in _aligned([["", *COUNTS], *rows]))
    rule = "|".join("-" * len(cell) for cell in head[1:-1].split("|"))
    return "\n".join([head, f"|{rule}|", *body])


def format_metrics(summary, intervals):
    """The metrics: a row for each, with its 95 % interval under it, and a row of thresholds.

    Args:
        summary: the table of `summarize`.
        intervals: two tables of its rows and `METRICS`, lower and upper ends.

    Returns:
        str, aligned, three decimals, – for what is undefined, without a line end after its last
        row.
    """
    low, high = intervals
    rows = [["", *summary.index]]
    for metric in METRICS:
        rows.append([metric, *map(format_number, summary[metric])])
        rows.append(["", *map(format_interval, low[metric], high[metric])])
    rows.append(["threshold", *map(format_number, summary["threshold"])])
    return "\n".join("  ".join(row).rstrip() for row in _aligned(rows))


def format_diseases(diseases):
    """How a network of which NORM is a class does without it: `diseases` of its `Evaluation`."""
    return (
        "Without NORM, as of a network of the other classes alone: "
        f"macro AUROC {format_measured(diseases, MACRO, 'auroc')}, "
        f"pooled G-mean {format_measured(diseases, POOLED, 'g_mean')}."
    )


def format_measured(evaluation, row, metric):
    """A measured number with its 95 % interval: 0.877 [0.861, 0.893]; – where undefined."""
    value = evaluation.summary.loc[row, metric]
    low, high = (end.loc[row, metric] for end in evaluation.intervals)
    if math.isnan(value):
        return "–"
    return f"{format_number(value)} [{format_number(low)}, {format_number(high)}]"


def format_number(value):
    """0.812, or – for NaN."""
    return "–" if math.isnan(value) else f"{value:.3f}"


def format_interval(low, high):
    """.781–.842: without zeros, so that a row of seven fits a terminal; nothing for NaN."""
    if math.isnan(low):
        return ""
    return "–".join(f"{end:.3f}".removeprefix("0") for end in (low, high))


def _aligned(rows):
    """The rows of cells, padded: the first column on the left, the others on the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [[row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])] for row in rows]
