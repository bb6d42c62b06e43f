"""The records with the largest errors, with their numbers and their ECGs."""

from html import escape

import numpy as np

from ecg_tf.evaluation.evaluation import Evaluation
from ecg_tf.evaluation.most_wrong import most_wrong
from ecg_tf.leads import SAMPLING_RATE
from ecg_tf.reports.figures import draw_traces
from ecg_tf.reports.formats import format_number
from ecg_tf.reports.markup import (
    class_attribute,
    embedded,
    head_row,
    named_row,
    paragraph,
    table,
)

_COLUMNS = 8  # classes in the table of a record


def wrong_records(evaluation: Evaluation) -> str:
    """The section "Records with the largest errors" of a report page, as HTML."""
    records, errors = most_wrong(evaluation.labels, evaluation.probabilities)
    if evaluation.ecg is not None:
        drawn = "ECGs are drawn as recorded, without filtering: the leads that the network uses."
    else:
        drawn = "The data are images, so no ECGs can be drawn."
    few = len(evaluation.class_names) <= _COLUMNS
    shown = "" if few else f"Tables: the {_COLUMNS} classes that contribute most. "
    parts = [
        "<h2>Records with the largest errors</h2>",
        paragraph(
            f"The {len(records)} records with the largest error: the mean over the classes of "
            "(probability − label)², which is the record's contribution to the Brier score. Either "
            f"the network or the label is probably wrong. {shown}{drawn}"
        ),
    ]
    parts += [
        _wrong_record(evaluation, record, error, place)
        for place, (record, error) in enumerate(zip(records, errors, strict=True), start=1)
    ]
    return "\n".join(parts)


def _wrong_record(evaluation, record, error, place):
    labels, decisions = evaluation.labels[record], evaluation.decisions[record]
    title = f"{place}. {_record_name(evaluation, record)}"
    text = f"error {error:.3f}; labelled {_classes(evaluation, labels)}, predicted " + _classes(
        evaluation, decisions
    )
    probabilities = evaluation.probabilities[record]
    shown = np.sort(np.argsort(-((probabilities - labels) ** 2), kind="stable")[:_COLUMNS])
    head = head_row(["", *(evaluation.class_names[k] for k in shown)])
    kinds = [class_attribute("" if labels[k] == decisions[k] else "wrong") for k in shown]
    of_classes = [
        f"<td{kind}>{format_number(probabilities[k])}</td>"
        for k, kind in zip(shown, kinds, strict=True)
    ]
    decided = [f"<td{kind}>{decisions[k]}</td>" for k, kind in zip(shown, kinds, strict=True)]
    rows = [
        named_row("label", map(int, labels[shown])),
        f'<tr><th scope="row">probability</th>{"".join(of_classes)}</tr>',
        named_row("threshold", map(format_number, evaluation.thresholds[shown])),
        f'<tr><th scope="row">decision</th>{"".join(decided)}</tr>',
    ]
    picture = ""
    if evaluation.ecg is not None:
        rate = evaluation.about.get("sampling_rate", SAMPLING_RATE)
        picture = embedded(
            draw_traces(evaluation.ecg[record], evaluation.leads, rate),
            f"ECG of {_record_name(evaluation, record)}: leads {' '.join(evaluation.leads)}",
        )
    return (
        f'<section class="record">\n<h3>{escape(title)}</h3>\n{paragraph(text, "quiet")}\n'
        f"{table(f'Record {title}', head, rows)}\n{picture}</section>"
    )


def _record_name(evaluation, record):
    """The name of a record: its ecg_id, or its position in the partition."""
    if evaluation.ecg_ids is None:
        return f"record {record}"
    return f"ecg_id {evaluation.ecg_ids[record]}"


def _classes(evaluation, flags):
    names = [name for name, flag in zip(evaluation.class_names, flags, strict=True) if flag]
    return " + ".join(names) or "none"
