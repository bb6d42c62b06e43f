"""The facts of a report page: what was evaluated, on which data, and how."""

from html import escape

from ecg_tf.evaluation.bootstrap import LEVEL
from ecg_tf.evaluation.evaluation import Evaluation
from ecg_tf.version import __version__

# The files of PTB-XL do not state its version; the number of rows of its database identifies it.
_PTB_XL_ROWS = {21837: "1.0.1", 21799: "1.0.3"}

# Keys of `Evaluation.about` that the page shows where they are known, and their names.
_FACTS = {
    "run": "Run",
    "model": "Network",
    "parameters": "Parameters",
    "trained": "Trained",
    "git_revision": "Code revision of the training",
    "leads": "Leads",
    "trained_on": "Trained on",
    "data_set": "Data set",
    "data": "Data",
    "data_version": "Data version",
    "ecg_sha256": "SHA-256 of the ECGs",
    "partition": "Partition",
    "mixed_precision": "Mixed precision",
}


def facts(evaluation: Evaluation) -> str:
    """The section "What was evaluated" of a report page, as HTML."""
    about = evaluation.about
    known = about | {"data_version": _data_version(about)}
    rows = [
        (name, _plain_text(known[key]))
        for key, name in _FACTS.items()
        if known.get(key) is not None
    ]
    records = f"{len(evaluation.labels)}{' simulated' if about['simulated'] else ''}"
    unit = "patients with all their records"
    if evaluation.patients is None:
        records += " (patients unknown: each record is treated as a separate patient)"
        unit = "records"
    else:
        records += f" from {evaluation.patients} patients"
    rows += [
        ("Records", records),
        ("Thresholds", about["thresholds"]),
        (
            "Intervals",
            f"{LEVEL:.0%}, from {evaluation.draws} bootstrap draws of {unit} (seed "
            f"{evaluation.seed}). Draws in which a class has no positives or no negatives are "
            "repeated. Thresholds are fixed.",
        ),
        ("Software", f"ecg_tf {__version__}"),
    ]
    body = "\n".join(
        f"<tr><th>{escape(name)}</th><td>{escape(text)}</td></tr>" for name, text in rows
    )
    return f'<h2>What was evaluated</h2>\n<table class="facts"><tbody>\n{body}\n</tbody></table>'


def _data_version(about):
    rows, folds = about["database_rows"], about["folds"]
    if rows is None:
        unknown = "unknown: images do not state which records they were made from"
        return None if about.get("data_set") else unknown
    if about.get("data_set", "PTB-XL") not in ("PTB-XL", "simulated PTB-XL"):
        version = f"table with {rows} rows"
    elif about["simulated"]:
        version = f"simulated database with {rows} rows"
    elif rows in _PTB_XL_ROWS:
        version = f"PTB-XL {_PTB_XL_ROWS[rows]} (its database has {rows} rows)"
    else:
        known = ", ".join(f"PTB-XL {name} has {size}" for size, name in _PTB_XL_ROWS.items())
        version = f"unknown: the database has {rows} rows ({known})"
    if not folds:
        return version
    return f"{version}; fold{'s' * (len(folds) > 1)} {', '.join(map(str, folds))}"


def _plain_text(value):
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
