"""The report of an evaluation as text for the terminal."""

import textwrap

import pandas as pd

from ecg_tf.evaluation.confusion import COUNTS
from ecg_tf.evaluation.evaluation import Evaluation
from ecg_tf.evaluation.metrics import METRICS
from ecg_tf.evaluation.summary import MACRO, NORM, POOLED, none_row
from ecg_tf.reports.definitions import (
    chosen_on_evaluated,
    class_sentences,
    external_sentence,
    norm_is_the_rest,
    one_sided_sentences,
    seen_sentences,
)
from ecg_tf.reports.formats import (
    align,
    format_interval,
    format_measured,
    format_number,
    markdown_table,
)

_WIDTH = 100  # characters of a line
_COLUMNS = 4  # metrics beside each other in the table of many classes
_NAME = 24  # characters of a line of a class name


def format_evaluation(evaluation: Evaluation) -> str:
    """Format what was evaluated, the confusion table, the metrics and their definitions.

    Args:
        evaluation: the `ecg_tf.evaluation.evaluation.Evaluation`.

    Returns:
        Text without a final line break.
    """
    about, patients = evaluation.about, evaluation.patients
    kind = "simulated records" if about["simulated"] else "records"
    unit = "records (patients unknown)" if patients is None else f"{patients} patients"
    none = none_row(evaluation.class_names)
    none = f"{none}: none of the classes. " if none else ""
    if norm_is_the_rest(evaluation):
        none += f"{NORM}: none of the other classes. "
    seen = seen_sentences(about.get("seen"), about["partition"], about["records"])
    chosen_here = chosen_on_evaluated(about)
    external = external_sentence(about)
    one_sided = one_sided_sentences(evaluation.labels, evaluation.class_names)
    precision = f", in {about['mixed_precision']}" if about.get("mixed_precision") else ""
    return "\n".join(
        [
            f"{about['model']} on {about['records']} {kind} of {about['partition']}{precision}",
            *([f"{external}."] if external else []),
            *(f"{sentence}." for sentence in class_sentences(about)),
            "",
            format_confusion(evaluation.summary),
            "",
            format_metrics(evaluation.summary, evaluation.intervals),
            "",
            f"{none}pooled: counts summed over the classes (micro). macro: mean over the classes.",
            *([format_diseases(evaluation.diseases)] if evaluation.diseases else []),
            *(textwrap.fill(f"{sentence}.", _WIDTH) for sentence in one_sided),
            f"Below each number: 95 % interval, {evaluation.draws} bootstrap draws of {unit}.",
            f"Thresholds: {about['thresholds']}{' (the evaluated records)' * chosen_here}.",
            *(f"Caution: {sentence}." for sentence in seen),
        ]
    )


def format_confusion(summary: pd.DataFrame) -> str:
    """Format the confusion table: TP, FN, FP and TN of each class and of "none of them".

    Args:
        summary: the table of `ecg_tf.evaluation.summary.summarize`.

    Returns:
        An aligned Markdown table without a final line break.

    Examples:
        >>> from ecg_tf.evaluation.summary import summarize
        >>> labels, probabilities = [[1], [0], [0]], [[0.9], [0.2], [0.6]]
        >>> print(format_confusion(summarize(labels, probabilities, [0.5], ["MI"])))
        |      | TP | FN | FP | TN |
        | ---- | -: | -: | -: | -: |
        | MI   |  1 |  0 |  1 |  1 |
        | none |  1 |  1 |  0 |  1 |
    """
    counts = summary.drop(index=[POOLED, MACRO])[list(COUNTS)]
    rows = [[name, *map("{:.0f}".format, row)] for name, row in counts.T.items()]
    return markdown_table(["", *COUNTS], rows)


def format_metrics(summary: pd.DataFrame, intervals: tuple[pd.DataFrame, pd.DataFrame]) -> str:
    """Format the metrics with their 95 % intervals, and the thresholds.

    Args:
        summary: the table of `ecg_tf.evaluation.summary.summarize`.
        intervals: lower and upper ends: two tables with the rows of `summary` and the columns
            `METRICS`.

    Returns:
        Aligned text with three decimals, without a final line break; – for undefined numbers.
    """
    low, high = intervals
    rows = [["", *summary.index]]
    for metric in METRICS:
        rows.append([metric, *map(format_number, summary[metric])])
        rows.append(["", *map(format_interval, low[metric], high[metric])])
    rows.append(["threshold", *map(format_number, summary["threshold"])])
    lines = _joined(rows)
    if max(map(len, lines)) <= _WIDTH:
        return "\n".join(lines)
    return "\n\n".join(_turned(rows, first) for first in range(1, len(rows), 2 * _COLUMNS))


def _turned(rows: list[list[str]], first: int) -> str:
    """Some metrics of a table that is too wide, with a row for each class.

    Args:
        rows: the table: class names, then the numbers of each metric and below them its intervals.
        first: position of the first metric.
    """
    block = rows[first : first + 2 * _COLUMNS]
    numbers, intervals = block[::2], block[1::2]
    table = [["", *(row[0] for row in numbers)]]
    for k, name in enumerate(rows[0][1:], start=1):
        parts = textwrap.wrap(name, _NAME, max_lines=2, placeholder=" …") or [""]
        below = [parts[1] if len(parts) > 1 else "", *(row[k] for row in intervals)]
        table.append([parts[0], *(row[k] for row in numbers)])
        if any(below):
            table.append(below + [""] * (len(numbers) - len(intervals)))
    return "\n".join(_joined(table))


def _joined(rows: list[list[str]]) -> list[str]:
    return ["  ".join(row).rstrip() for row in align(rows)]


def format_diseases(diseases: Evaluation) -> str:
    """Format the main results without the class NORM: `Evaluation.diseases`."""
    return (
        f"Without the class NORM: macro AUROC "
        f"{format_measured(*diseases.measured(MACRO, 'auroc'))}, pooled G-mean "
        f"{format_measured(*diseases.measured(POOLED, 'g_mean'))}."
    )
