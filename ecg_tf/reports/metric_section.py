"""The metrics of an evaluation with their intervals and definitions, as HTML."""

from collections.abc import Iterable
from html import escape

from ecg_tf.evaluation.bootstrap import LEVEL
from ecg_tf.evaluation.evaluation import Evaluation
from ecg_tf.evaluation.metrics import METRICS
from ecg_tf.reports.definitions import METRIC_DEFINITIONS, ROW_DEFINITIONS
from ecg_tf.reports.formats import format_interval, format_number
from ecg_tf.reports.markup import head_row, paragraph, table
from ecg_tf.reports.style import FEW


def metric_section(evaluation: Evaluation) -> str:
    """The section "Metrics": a row for each metric, or for each class if there are many."""
    few = len(evaluation.class_names) <= FEW
    return "\n".join(
        [
            "<h2>Metrics</h2>",
            paragraph(
                f"Below each number: its {LEVEL:.0%} interval, the range expected for other "
                "patients from the same population, with the same network and thresholds. It does "
                "not cover other hospitals or devices. An interval of zero width at 0 or 1 means "
                "that there are too few cases to estimate it."
            ),
            *(_by_metric(evaluation) if few else _by_class(evaluation)),
            *row_notes(evaluation, evaluation.summary.index),
        ]
    )


def row_notes(evaluation: Evaluation, rows: Iterable[str]) -> list[str]:
    """Definitions of the rows that are not classes, as HTML."""
    own = [row for row in rows if row not in evaluation.class_names]
    return [paragraph(f"{row}: {ROW_DEFINITIONS[row]}", "quiet") for row in own]


def _by_metric(evaluation):
    """A table of a few classes with the definition below each metric."""
    summary = evaluation.summary
    rows = []
    for metric in METRICS:
        cells = [_cell(evaluation, row, metric) for row in summary.index]
        name = METRIC_DEFINITIONS[metric][0]
        rows.append(f'<tr class="numbers"><th scope="row">{name}</th>{"".join(cells)}</tr>')
        text = f'<td colspan="{len(summary) + 1}"><p>{escape(_definition(metric))}</p></td>'
        rows.append(f'<tr class="definition">{text}</tr>')
    return [table("Metrics", head_row(["", *summary.index]), rows, "metrics")]


def _by_class(evaluation):
    """A table with a row for each class, and the definitions below it."""
    rows = [
        f'<tr class="numbers"><th scope="row">{escape(row)}</th>'
        + "".join(_cell(evaluation, row, metric) for metric in METRICS)
        + "</tr>"
        for row in evaluation.summary.index
    ]
    names = [METRIC_DEFINITIONS[metric][0] for metric in METRICS]
    notes = [
        paragraph(f"{name}: {_definition(metric)}", "quiet")
        for name, metric in zip(names, METRICS, strict=True)
    ]
    return [table("Metrics", head_row(["", *names]), rows, "metrics classes"), *notes]


def _cell(evaluation, row, metric):
    low, high = (end.loc[row, metric] for end in evaluation.intervals)
    number = format_number(evaluation.summary.loc[row, metric])
    return f"<td>{number}<small>{format_interval(low, high)}</small></td>"


def _definition(metric):
    _, definition, undefined = METRIC_DEFINITIONS[metric]
    return definition + (f" Undefined (–) if {undefined}." if undefined else "")
