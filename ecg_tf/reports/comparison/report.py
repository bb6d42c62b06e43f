"""The report folder of a comparison: HTML, Markdown, SVG and JSON."""

import os

import matplotlib

from ecg_tf.evaluation.comparison import Comparison
from ecg_tf.files import write_together
from ecg_tf.reports.comparison.figures import draw_runs
from ecg_tf.reports.comparison.markdown import comparison_markdown
from ecg_tf.reports.comparison.page import make_comparison_page
from ecg_tf.reports.comparison.verdicts import chosen_on, verdicts
from ecg_tf.reports.markup import svg
from ecg_tf.reports.plain_json import plain_json
from ecg_tf.reports.report import numbers
from ecg_tf.reports.style import MATPLOTLIB

_PICTURE = "runs.svg"


def write_comparison(directory: str | os.PathLike, comparison: Comparison) -> None:
    """Write `comparison.html`, `comparison.md` with `runs.svg`, and `comparison.json`.

    comparison.json: {"partition", "data", "records", "patients", "simulated", "bootstrap", "runs":
    {name: description, counts, metrics and intervals, as in report.json}, "pairs": rows of
    `Comparison.differences`, "best_chosen_on": a partition, "answers": the `Verdict`s}. Numbers are
    not rounded; undefined numbers are null.

    If comparison.json exists, the report is complete and all its files belong to one comparison:
    see `ecg_tf.files.write_together`.

    Args:
        directory: the folder; it is created if it does not exist.
        comparison: the `ecg_tf.evaluation.comparison.Comparison`.

    Raises:
        InputError: the folder is not writable.
    """
    with matplotlib.rc_context(MATPLOTLIB):
        picture = svg(draw_runs(comparison))
    files = {
        _PICTURE: picture,
        "comparison.md": comparison_markdown(comparison, _PICTURE),
        "comparison.html": make_comparison_page(comparison),
        "comparison.json": plain_json(_content(comparison)),
    }
    write_together(directory, files)


def _content(comparison):
    shared = comparison.about
    return {
        "partition": comparison.partition,
        "data": shared.about["data"],
        "ecg_sha256": shared.about["ecg_sha256"],
        "records": len(shared.labels),
        "patients": shared.patients,
        "simulated": shared.about["simulated"],
        "bootstrap": {
            "unit": "record" if shared.patients is None else "patient",
            "draws_of_intervals": shared.draws,
            "draws_of_differences": comparison.draws,
            "seed": comparison.seed,
        },
        "runs": {run.name: _run(run) for run in comparison.runs},
        "pairs": comparison.differences.to_dict("records"),
        "correction": "Holm, over the pairs, each quantity by itself",
        "best_chosen_on": chosen_on(comparison),
        "answers": [vars(verdict) for verdict in verdicts(comparison)],
    }


def _run(run):
    evaluation = run.evaluation
    return {
        "path": evaluation.about["run"],
        "kind": run.kind,
        "representation": run.representation,
        "network": run.network,
        "leads": evaluation.about["leads"],
        "parameters": run.parameters,
        "training_seconds": run.seconds,
        "dev_macro_auroc": run.dev_auroc,
        "classes_left_out": run.left_out,
        "branches": {branch.kind: branch.run for branch in run.branches},
        "members": run.members,
        "thresholds": evaluation.about["thresholds"],
        "seen": evaluation.about.get("seen"),
        **numbers(evaluation),
    }
