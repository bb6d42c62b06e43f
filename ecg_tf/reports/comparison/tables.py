"""The tables of a comparison as text, for its page and its Markdown file."""

import numpy as np

from ecg_tf.evaluation.compared_run import ComparedRun
from ecg_tf.evaluation.comparison import Comparison
from ecg_tf.evaluation.summary import MACRO, POOLED
from ecg_tf.reports.formats import (
    UNDEFINED,
    format_difference,
    format_duration,
    format_measured,
    format_p,
)
from ecg_tf.reports.style import FEW

TEXT_COLUMNS = 3  # of the table of runs, aligned left: run, representation, network

# The measured columns of the table of runs: name, row and metric of `summarize`.
MEASURED = (
    ("macro AUROC", MACRO, "auroc"),
    ("pooled G-mean", POOLED, "g_mean"),
    ("pooled sensitivity", POOLED, "sensitivity"),
    ("pooled specificity", POOLED, "specificity"),
)


def run_table(comparison: Comparison) -> tuple[list[str], list[list[str]]]:
    """Describe the runs and their results, sorted by macro AUROC, largest first.

    Args:
        comparison: the `ecg_tf.evaluation.comparison.Comparison`.

    Returns:
        The header cells, and a list of rows of cells. Measured cells have the form
        "0.877 [0.861, 0.893]", with the 95 % interval in brackets.
    """
    head = ["run", "representation", "network", "parameters", "training"]
    rows = [
        [
            run.name,
            run.representation,
            run.network,
            UNDEFINED if run.parameters is None else f"{run.parameters:,}",
            format_duration(run.seconds),
            *(_measured(run, row, metric) for _, row, metric in MEASURED),
        ]
        for run in by_merit(comparison)
    ]
    return [*head, *(name for name, _, _ in MEASURED)], rows


def class_table(comparison: Comparison) -> tuple[list[str], list[list[str]]]:
    """AUROC of each class, as in `run_table`: a row for each run, or for each of many classes."""
    names, runs = comparison.about.class_names, by_merit(comparison)
    if len(names) > FEW:
        head = ["class", *(run.name for run in runs)]
        return head, [[name, *(_measured(run, name, "auroc") for run in runs)] for name in names]
    rows = [[run.name, *(_measured(run, name, "auroc") for name in names)] for run in runs]
    return ["run", *names], rows


def pair_table(comparison: Comparison) -> tuple[list[str], list[list[str]]]:
    """Differences of all pairs of runs, as in `run_table`.

    Cells have two lines: "+0.012 [−0.003, +0.027]" and "p = 0.120", corrected for all pairs. The
    first run of a pair is the one with the larger macro AUROC. Of many classes, only the averages
    are in the table.
    """
    quantities = shown_quantities(comparison)
    head = ["first − second", *map(quantity_name, quantities)]
    names = [run.name for run in by_merit(comparison)]
    rows = []
    for place, first in enumerate(names):
        for second in names[place + 1 :]:
            found = [comparison.difference(first, second, quantity) for quantity in quantities]
            rows.append([f"{first} − {second}", *map(_difference_and_p, found)])
    return head, rows


def shown_quantities(comparison: Comparison) -> list[tuple[str, str]]:
    """The quantities in the figure of the runs and the table of pairs: those of few classes."""
    if len(comparison.about.class_names) <= FEW:
        return comparison.quantities
    return [(row, metric) for row, metric in comparison.quantities if row in (MACRO, POOLED)]


def by_merit(comparison: Comparison) -> list[ComparedRun]:
    """The runs by macro AUROC, largest first; in the given order if it is undefined."""
    aurocs = comparison.values[MACRO, "auroc"].to_numpy()
    if np.isnan(aurocs).any():
        return list(comparison.runs)
    return [comparison.runs[k] for k in np.argsort(-aurocs, kind="stable")]


def quantity_name(quantity: tuple[str, str]) -> str:
    """The name of a (row, metric) of `Comparison.quantities`: "macro AUROC", "MI AUROC"."""
    row, metric = quantity
    return f"{row} {'G-mean' if metric == 'g_mean' else 'AUROC'}"


def _measured(run, row, metric):
    return format_measured(*run.evaluation.measured(row, metric))


def _difference_and_p(found):
    difference = format_difference(found["difference"], found["low"], found["high"])
    return f"{difference}\n{format_p(found['corrected_p'])}"
