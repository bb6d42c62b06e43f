"""The report as one page: HTML with all its pictures inside, no script, nothing fetched."""

import math
from html import escape

import matplotlib

from ecg_tf.evaluation.bootstrap import LEVEL
from ecg_tf.evaluation.confusion import COUNTS
from ecg_tf.evaluation.metrics import MACRO, METRICS, POOLED
from ecg_tf.evaluation.most_wrong import most_wrong
from ecg_tf.reports import figures
from ecg_tf.reports.definitions import CLASS_WORDS, METRIC_WORDS, ROW_WORDS, seen_sentences
from ecg_tf.reports.figures import draw_traces
from ecg_tf.reports.markup import (
    class_attribute,
    document,
    embedded,
    named_row,
    paragraph,
    table,
    table_row,
)
from ecg_tf.reports.style import MATPLOTLIB
from ecg_tf.reports.text import format_diseases, format_interval, format_number
from ecg_tf.version import __version__

# The files of PTB-XL do not say which version they are; how many rows its database has tells it.
_PTB_XL_ROWS = {21837: "1.0.1", 21799: "1.0.3"}

_FACTS = {  # of `about`, what the page shows and how it calls it, where it is known
    "run": "Run",
    "model": "Network",
    "parameters": "Parameters",
    "trained": "Trained",
    "git_revision": "Code revision of the training",
    "leads": "Leads used",
    "data": "Data",
    "data_version": "Data version",
    "ecg_sha256": "SHA-256 of the ECGs",
    "partition": "Partition",
}


def make_page(evaluation):
    """The page of an `Evaluation`, for a physician or a reviewer to read on screen or paper.

    Args:
        evaluation: the `Evaluation`.

    Returns:
        str, HTML. The same evaluation gives the same page.
    """
    about = evaluation.about
    title = f"{about['model']} on the {about['partition']} partition"
    parts = (_facts, _decisions, _metrics, _curves, _worst)
    with matplotlib.rc_context(MATPLOTLIB):
        sections = [_head(evaluation, title), *(part(evaluation) for part in parts)]
    return document(title, sections)


def _head(evaluation, title):
    pooled = ", ".join(
        f"{METRIC_WORDS[metric][0].lower()} {_with_interval(evaluation, POOLED, metric)}"
        for metric in ("sensitivity", "specificity")
    )
    cautions = [paragraph(caution, "caution") for caution in _cautions(evaluation)]
    return "\n".join(
        [
            "<header>",
            f"<h1>{escape(title)}</h1>",
            paragraph(
                f"All classes together (pooled): {pooled}, G-mean "
                f"{_with_interval(evaluation, POOLED, 'g_mean')}. Mean AUROC of the classes: "
                f"{_with_interval(evaluation, MACRO, 'auroc')}.",
                "lead",
            ),
            *([paragraph(format_diseases(evaluation.diseases))] if evaluation.diseases else []),
            paragraph(
                f"In brackets: {LEVEL:.0%} intervals. For research, not for diagnosis.", "quiet"
            ),
            *cautions,
            "</header>",
        ]
    )


def _cautions(evaluation):
    about = evaluation.about
    if about["simulated"]:
        yield "Simulated ECGs: no figure here says anything about patients."
    for sentence in seen_sentences(about.get("seen"), about["partition"], len(evaluation.labels)):
        yield f"{sentence}: the figures flatter it."
    if about["threshold_partition"] == about["partition"]:
        yield (
            f"The thresholds were chosen on these same {about['partition']} records, which "
            "flatters all that depends on them. AUROC, average precision and Brier score do not "
            "depend on them; but training also keeps its best epoch by these records."
        )


def _facts(evaluation):
    about = evaluation.about
    known = about | {"data_version": _data_version(about)}
    rows = [
        (name, _plain_text(known[key]))
        for key, name in _FACTS.items()
        if known.get(key) is not None
    ]
    records = f"{len(evaluation.labels)}{' simulated' if about['simulated'] else ''}"
    if evaluation.patients is None:
        records += "; whose they are is not known, so each is taken for a patient of its own"
    else:
        records += f", of {evaluation.patients} patients"
    rows += [
        ("Records", records),
        ("Thresholds", about["thresholds"]),
        (
            "Intervals",
            f"{LEVEL:.0%}, from {evaluation.draws} bootstrap draws of "
            f"{'records' if evaluation.patients is None else 'patients, each with all records'} "
            f"(seed {evaluation.seed}); a draw in which a class had no positives or no negatives "
            "was drawn again; thresholds fixed",
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
        return "not known: images do not say which records they are of"
    if about["simulated"]:
        version = f"simulated database of {rows} rows"
    elif rows in _PTB_XL_ROWS:
        version = f"PTB-XL {_PTB_XL_ROWS[rows]}, by the {rows} rows of its database"
    else:
        known = ", ".join(f"{name} has {size}" for size, name in _PTB_XL_ROWS.items())
        version = f"not known: a database of {rows} rows, where PTB-XL {known}"
    return f"{version}; fold{'s' * (len(folds) > 1)} {', '.join(map(str, folds))}"


def _decisions(evaluation):
    summary, records = evaluation.summary, len(evaluation.labels)
    classes = (
        f"{name}, {CLASS_WORDS[name]}" for name in evaluation.class_names if name in CLASS_WORDS
    )
    head = table_row("th", ["", *COUNTS, "with the class", "predicted", "threshold"])
    rows = []
    for name in summary.index.drop([POOLED, MACRO]):
        tp, fn, fp, tn = (int(count) for count in summary.loc[name, list(COUNTS)])
        cells = [tp, fn, fp, tn, _share(tp + fn, records), _share(tp + fp, records)]
        cells.append(format_number(summary.loc[name, "threshold"]))
        rows.append(named_row(name, cells, "" if name in evaluation.class_names else "apart"))
    return "\n".join(
        [
            "<h2>Decisions</h2>",
            paragraph(
                "A class is predicted where its probability is at least its threshold; a record "
                "can have several classes, or none. TP, true positives: the class is there and "
                "predicted. FN: there, not predicted. FP: not there, predicted. TN: neither."
            ),
            table(head, rows),
            paragraph("; ".join(classes), "quiet"),
            *_row_notes(evaluation, summary.index.drop([POOLED, MACRO])),
            "<h3>Which class is taken for which</h3>",
            embedded(
                figures.draw_confusion(evaluation),
                "multi-label confusion matrix, true class by predicted class",
                "True classes (rows) against predicted ones (columns). Diagonal: true and "
                "predicted (N.A.: none true, none predicted). Off it, a record counts once for "
                "each pair of a class that was missed and a class that was wrongly predicted; a "
                "class missed with nothing wrongly predicted in its record counts under the column "
                "N.A., a class wrongly predicted with nothing missed in the row N.A. In small: "
                "share of the row. After Heydarian et al., IEEE Access 10 (2022) 19083–19095.",
                "small",
            ),
        ]
    )


def _metrics(evaluation):
    summary, (low, high) = evaluation.summary, evaluation.intervals
    head = table_row("th", ["", *summary.index])
    rows = []
    for metric in METRICS:
        name, definition, undefined = METRIC_WORDS[metric]
        cells = [
            f"<td>{format_number(summary.loc[row, metric])}"
            f"<small>{format_interval(low.loc[row, metric], high.loc[row, metric])}</small></td>"
            for row in summary.index
        ]
        rows.append(f'<tr class="numbers"><th scope="row">{name}</th>{"".join(cells)}</tr>')
        definition += f" Undefined (–) where {undefined}." if undefined else ""
        columns = len(summary) + 1
        rows.append(
            f'<tr class="definition"><td colspan="{columns}">{escape(definition)}</td></tr>'
        )
    return "\n".join(
        [
            "<h2>Metrics</h2>",
            paragraph(
                f"Under each number its {LEVEL:.0%} interval: where it would lie with other "
                "patients of the same kind, the network and its thresholds as they are. It says "
                "nothing about other hospitals or devices. An interval without width at 0 or 1 "
                "means that these records hold too few cases to tell."
            ),
            table(head, rows, "metrics"),
            *_row_notes(evaluation, summary.index),
        ]
    )


def _row_notes(evaluation, rows):
    """What those of the rows mean that are no classes."""
    own = [row for row in rows if row not in evaluation.class_names]
    return [paragraph(f"{row}: {ROW_WORDS[row]}", "quiet") for row in own]


def _curves(evaluation):
    return "\n".join(
        [
            "<h2>Ranking</h2>",
            embedded(
                figures.draw_ranking(evaluation),
                "ROC and precision–recall curves of each class",
                "Each point of a curve is a threshold; the marks are the thresholds used. ROC: "
                "diagonal, chance. Precision–recall: thin horizontal lines, the share of records "
                "with the class, which is chance. In the legends: AUROC and average precision.",
            ),
            "<h2>Calibration</h2>",
            embedded(
                figures.draw_calibration(evaluation),
                "calibration curves of each class",
                "Above: in up to ten bins with equally many records, sorted by probability, the "
                "share that has the class over the mean probability (scikit-learn's "
                "calibration_curve, quantiles). On the diagonal a probability means what it says; "
                "below it, it is too high. A network trained with weighted classes "
                "gives probabilities that are too high by design. Below: how the probabilities are "
                "spread. Beside the class its Brier score.",
            ),
            "<h2>Thresholds</h2>",
            embedded(
                figures.draw_thresholds(evaluation),
                "sensitivity, specificity and G-mean of each class over its threshold",
                "What other thresholds would give on these records. Vertical line and number: the "
                "threshold used. To choose one by this picture would be to choose it on the "
                "records reported.",
            ),
        ]
    )


def _worst(evaluation):
    records, errors = most_wrong(evaluation.labels, evaluation.probabilities)
    parts = [
        "<h2>The most wrong records</h2>",
        paragraph(
            f"The {len(records)} records with the largest error: the mean over the classes of "
            "(probability − label)², which is what the record adds to the Brier score. Either the "
            "network or the label is far off. "
            + (
                "Drawn as recorded, unfiltered, the leads the network looks at."
                if evaluation.ecg is not None
                else "The data are images: there are no ECGs to draw."
            )
        ),
    ]
    parts += [
        _wrong_record(evaluation, record, error, place)
        for place, (record, error) in enumerate(zip(records, errors, strict=True), start=1)
    ]
    return "\n".join(parts)


def _wrong_record(evaluation, record, error, place):
    labels, decisions = evaluation.labels[record], evaluation.decisions[record]
    title = f"{place}. {record_name(evaluation, record)}"
    said = f"error {error:.3f}; labelled {_classes(evaluation, labels)}, predicted " + _classes(
        evaluation, decisions
    )
    head = table_row("th", ["", *evaluation.class_names])
    right = ["" if a == b else "wrong" for a, b in zip(labels, decisions, strict=True)]
    probabilities = [
        f"<td{class_attribute(kind)}>{format_number(p)}</td>"
        for p, kind in zip(evaluation.probabilities[record], right, strict=True)
    ]
    decided = [
        f"<td{class_attribute(kind)}>{d}</td>" for d, kind in zip(decisions, right, strict=True)
    ]
    rows = [
        named_row("label", map(int, labels)),
        f'<tr><th scope="row">probability</th>{"".join(probabilities)}</tr>',
        named_row("threshold", map(format_number, evaluation.thresholds)),
        f'<tr><th scope="row">decision</th>{"".join(decided)}</tr>',
    ]
    picture = ""
    if evaluation.ecg is not None:
        picture = embedded(
            draw_traces(evaluation.ecg[record], evaluation.leads),
            f"ECG of {record_name(evaluation, record)}: leads {' '.join(evaluation.leads)}",
        )
    return (
        f'<section class="record">\n<h3>{escape(title)}</h3>\n{paragraph(said, "quiet")}\n'
        f"{table(head, rows)}\n{picture}</section>"
    )


def record_name(evaluation, record):
    """What a record is called: its ecg_id, or its place in the partition."""
    if evaluation.ecg_ids is None:
        return f"record {record}"
    return f"ecg_id {evaluation.ecg_ids[record]}"


def _classes(evaluation, flags):
    names = [name for name, flag in zip(evaluation.class_names, flags, strict=True) if flag]
    return " + ".join(names) or "none"


def _with_interval(evaluation, row, metric):
    low, high = (end.loc[row, metric] for end in evaluation.intervals)
    value = evaluation.summary.loc[row, metric]
    if math.isnan(value):
        return "undefined"
    return f"{value:.3f} [{low:.3f}, {high:.3f}]"


def _plain_text(value):
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _share(count, records):
    return f"{count} ({count / records:.1%})"
