"""The report of a comparison as one HTML page, with its figures embedded and without scripts."""

import itertools
from html import escape

import matplotlib

from ecg_tf.evaluation.bootstrap import LEVEL
from ecg_tf.evaluation.comparison import Comparison
from ecg_tf.reports.comparison import definitions
from ecg_tf.reports.comparison.figures import draw_pairs, draw_runs
from ecg_tf.reports.comparison.tables import (
    class_table,
    pair_table,
    quantity_name,
    run_table,
    shown_quantities,
)
from ecg_tf.reports.comparison.verdicts import verdicts
from ecg_tf.reports.markup import document, embedded, head_row, paragraph, table
from ecg_tf.reports.style import MATPLOTLIB
from ecg_tf.version import __version__

_FEW_RUNS = 6  # whose figure of pairs does not fill the width of the page


def make_comparison_page(comparison: Comparison) -> str:
    """Make the HTML page of a comparison.

    Args:
        comparison: the `ecg_tf.evaluation.comparison.Comparison`.

    Returns:
        HTML. Equal comparisons give equal pages.
    """
    title = f"{len(comparison.runs)} runs on the {comparison.partition} partition"
    with matplotlib.rc_context(MATPLOTLIB):
        parts = [_head(comparison, title), _runs(comparison), _pairs(comparison)]
    return document(title, parts, "broad")


def _head(comparison, title):
    answers = []
    for question, group in itertools.groupby(verdicts(comparison), lambda one: one.question):
        answers.append(f'<h2 class="question">{escape(question)}</h2>')
        answers += [paragraph(verdict.sentence, "lead") for verdict in group]
    return "\n".join(
        [
            "<header>",
            f"<h1>{escape(title)}</h1>",
            paragraph(
                f"{definitions.records_sentence(comparison)} {definitions.INTRODUCTION}", "quiet"
            ),
            *(paragraph(caution, "caution") for caution in definitions.cautions(comparison)),
            *answers,
            paragraph(definitions.choice_definition(comparison), "quiet"),
            "</header>",
        ]
    )


def _runs(comparison):
    return "\n".join(
        [
            "<h2>The runs</h2>",
            _number_table("The runs", *_narrow(*run_table(comparison))),
            paragraph(definitions.RUN_DEFINITIONS, "quiet"),
            paragraph(definitions.interval_definition(comparison), "quiet"),
            *(
                paragraph(definition, "quiet")
                for definition in definitions.metric_definitions(comparison)
            ),
            "<h3>AUROC of each class</h3>",
            _number_table("AUROC of each class", *class_table(comparison)),
            embedded(
                draw_runs(comparison),
                f"{', '.join(map(quantity_name, shown_quantities(comparison)))} of every run",
                f"The results in the tables above; bars: {LEVEL:.0%} intervals.",
            ),
        ]
    )


def _pairs(comparison):
    return "\n".join(
        [
            "<h2>Differences</h2>",
            embedded(
                draw_pairs(comparison),
                "differences of macro AUROC of all pairs of runs",
                "Macro AUROC of the run in the row minus that of the run in the column. Blue: the "
                "row is better; red: the column is better; bold: the corrected p is below 0.05.",
                kind="small" if len(comparison.runs) <= _FEW_RUNS else "",
            ),
            _number_table("Differences", *pair_table(comparison)),
            *(
                paragraph(sentence, "quiet")
                for sentence in definitions.class_differences(comparison)
            ),
            paragraph(definitions.difference_definition(comparison), "quiet"),
            paragraph(f"ecg_tf {__version__}", "quiet"),
        ]
    )


def _narrow(head, rows):
    """The table of runs with two columns less: network and training in small print."""
    run, representation, network, parameters, training, *measured = head
    head = [run, f"{representation}, {network}", f"{parameters}, {training}", *measured]
    rows = [
        [run, f"{representation}\n{network}", f"{parameters}\n{training}", *measured]
        for run, representation, network, parameters, training, *measured in rows
    ]
    return head, rows


def _number_table(name, head, rows):
    """A table of text. Brackets and further lines of a cell are set in small print below it."""
    body = [
        f'<tr class="numbers"><th scope="row">{_two_lines(first)}</th>'
        f"{''.join(map(_cell, cells))}</tr>"
        for first, *cells in rows
    ]
    return table(name, head_row(head), body, "metrics")


def _two_lines(name):
    """The name of a run, or those of a pair one below the other; "+" may end a line."""
    return escape(name).replace(" − ", " −<br>").replace("+", "+<wbr>")


def _cell(text):
    number, *notes = text.replace(" [", "\n[").splitlines()
    small = "".join(f"<small>{escape(note)}</small>" for note in notes if note)
    return f"<td>{escape(number)}{small}</td>"
