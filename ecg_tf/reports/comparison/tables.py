"""The tables of a comparison, as text: a page and a Markdown file are made of them."""

import math

import numpy as np

from ecg_tf.evaluation.metrics import MACRO, POOLED
from ecg_tf.reports.text import format_measured

# The columns of the table of runs that are measured: name, row and metric of `summarize`.
MEASURED = (
    ("macro AUROC", MACRO, "auroc"),
    ("pooled G-mean", POOLED, "g_mean"),
    ("pooled sensitivity", POOLED, "sensitivity"),
    ("pooled specificity", POOLED, "specificity"),
)


def run_table(comparison):
    """What the runs are and how they do, in the order of their macro AUROC, best first.

    Args:
        comparison: the `Comparison`.

    Returns:
        A list of head cells and a list of rows of cells, all str; a measured cell is
        "0.877 [0.861, 0.893]", its 95 % interval in brackets.
    """
    head = ["run", "representation", "network", "parameters", "training"]
    rows = [
        [
            run.name,
            run.representation,
            run.network,
            "–" if run.parameters is None else f"{run.parameters:,}",
            format_duration(run.seconds),
            *(format_measured(run.evaluation, row, metric) for _, row, metric in MEASURED),
        ]
        for run in by_merit(comparison)
    ]
    return [*head, *(name for name, _, _ in MEASURED)], rows


def class_table(comparison):
    """AUROC of each class, a row for each run, as `run_table`."""
    names = comparison.about.class_names
    rows = [
        [run.name, *(format_measured(run.evaluation, name, "auroc") for name in names)]
        for run in by_merit(comparison)
    ]
    return ["run", *names], rows


def pair_table(comparison):
    """The differences of all pairs, as `run_table`.

    A cell has two lines: "+0.012 [−0.003, +0.027]" and "p = 0.120", corrected for all pairs. A
    pair's first run is the one with the larger macro AUROC.
    """
    head = ["first − second", *map(quantity_name, comparison.quantities)]
    names = [run.name for run in by_merit(comparison)]
    rows = []
    for place, first in enumerate(names):
        for second in names[place + 1 :]:
            found = [
                comparison.difference(first, second, quantity) for quantity in comparison.quantities
            ]
            cells = [f"{format_difference(one)}\n{format_p(one['corrected_p'])}" for one in found]
            rows.append([f"{first} − {second}", *cells])
    return head, rows


def by_merit(comparison):
    """The runs, the largest macro AUROC first; where it is not defined, as they were given."""
    aurocs = comparison.values[MACRO, "auroc"].to_numpy()
    if np.isnan(aurocs).any():
        return list(comparison.runs)
    return [comparison.runs[k] for k in np.argsort(-aurocs, kind="stable")]


def quantity_name(quantity):
    """What a (row, metric) of `Comparison.quantities` is called: "macro AUROC", "MI AUROC"."""
    row, metric = quantity
    return f"{row} {'G-mean' if metric == 'g_mean' else 'AUROC'}"


def format_duration(seconds):
    """12 s, 5.3 min, 2.1 h; – for None."""
    if seconds is None:
        return "–"
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.1f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


def format_difference(difference):
    """A difference with its interval: +0.012 [−0.003, +0.027]; – where it is not defined.

    Args:
        difference: of `Comparison.difference`.
    """
    if math.isnan(difference["difference"]):
        return "–"
    value, low, high = (_signed(difference[name]) for name in ("difference", "low", "high"))
    return f"{value} [{low}, {high}]"


def format_p(p):
    """A p-value: p = 0.012, p < 0.001; nothing where it is not defined."""
    if math.isnan(p):
        return ""
    return f"p = {p:.3f}" if p >= 0.001 else "p < 0.001"


def _signed(value):
    """Three decimals with a sign, − and not a hyphen; none at 0.000."""
    text = f"{value:+.3f}".replace("-", "−")
    return text[1:] if float(f"{value:.3f}") == 0 else text
