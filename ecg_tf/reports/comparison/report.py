"""The report of a comparison: a folder of a page, a Markdown file, a picture and a JSON file."""

import matplotlib

from ecg_tf.evaluation.confusion import COUNTS
from ecg_tf.evaluation.metrics import METRICS
from ecg_tf.files import write_together
from ecg_tf.reports.comparison.figures import draw_runs
from ecg_tf.reports.comparison.markdown import comparison_markdown
from ecg_tf.reports.comparison.page import make_comparison_page
from ecg_tf.reports.comparison.verdicts import chosen_on, verdicts
from ecg_tf.reports.markup import svg
from ecg_tf.reports.plain_json import plain_json
from ecg_tf.reports.style import MATPLOTLIB

_PICTURE = "runs.svg"


def write_comparison(directory, comparison):
    """Write `comparison.html`, `comparison.md` with `runs.svg`, and `comparison.json`.

    comparison.json: {"partition", "data", "records", "patients", "simulated", "bootstrap", "runs":
    {name: what it is and all its counts, metrics and intervals, as in report.json}, "pairs": the
    rows of `Comparison.differences`, "best_chosen_on": a partition, "answers": the `Verdict`s}.
    Nothing in it is rounded; what is not defined is null.

    Where comparison.json is, the report is complete, and all of it is of one comparison: see
    `write_together`.

    Args:
        directory: the folder, made if it is not there.
        comparison: the `Comparison`.

    Raises:
        InputError: the folder cannot be written to.
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
    low, high = evaluation.intervals
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
        "thresholds": evaluation.about["thresholds"],
        "seen": evaluation.about.get("seen"),
        "metrics": evaluation.summary.astype(dict.fromkeys(COUNTS, "Int64")).to_dict("index"),
        "intervals": {
            row: {metric: [low.loc[row, metric], high.loc[row, metric]] for metric in METRICS}
            for row in low.index
        },
    }
