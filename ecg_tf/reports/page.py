"""The report of an evaluation as one HTML page, with its figures embedded and without scripts."""

from html import escape

import matplotlib
import numpy as np

from ecg_tf.evaluation.bootstrap import LEVEL
from ecg_tf.evaluation.confusion import COUNTS
from ecg_tf.evaluation.evaluation import Evaluation
from ecg_tf.evaluation.multilabel_confusion import multilabel_confusion
from ecg_tf.evaluation.summary import MACRO, POOLED
from ecg_tf.reports.curves import curves
from ecg_tf.reports.definitions import (
    chosen_on_evaluated,
    class_definitions,
    class_sentences,
    external_sentence,
    one_sided_sentences,
    seen_sentences,
)
from ecg_tf.reports.facts import facts
from ecg_tf.reports.figures import draw_confusion
from ecg_tf.reports.formats import format_measured, format_number
from ecg_tf.reports.markup import document, embedded, head_row, named_row, paragraph, table
from ecg_tf.reports.metric_section import metric_section, row_notes
from ecg_tf.reports.style import FEW, MATPLOTLIB
from ecg_tf.reports.text import format_diseases
from ecg_tf.reports.wrong_records import wrong_records

_CONFUSIONS = 10  # rows of the table of confusions


def make_page(evaluation: Evaluation) -> str:
    """Make the HTML page of an evaluation, for physicians and reviewers, on screen or on paper.

    Args:
        evaluation: the `ecg_tf.evaluation.evaluation.Evaluation`.

    Returns:
        HTML. Equal evaluations give equal pages.
    """
    about = evaluation.about
    title = f"{about['model']} on the {about['partition']} partition"
    parts = (facts, _decisions, metric_section, curves, wrong_records)
    with matplotlib.rc_context(MATPLOTLIB):
        sections = [_head(evaluation, title), *(part(evaluation) for part in parts)]
    return document(title, sections, "" if len(evaluation.class_names) <= FEW else "broad")


def _head(evaluation, title):
    def measured(row, metric):
        return format_measured(*evaluation.measured(row, metric))

    external = external_sentence(evaluation.about)
    said = [*([external] if external else []), *class_sentences(evaluation.about)]
    said += one_sided_sentences(evaluation.labels, evaluation.class_names)
    notes = [paragraph(f"{sentence}.") for sentence in said]
    cautions = [paragraph(caution, "caution") for caution in _cautions(evaluation)]
    return "\n".join(
        [
            "<header>",
            f"<h1>{escape(title)}</h1>",
            paragraph(
                f"All classes pooled: sensitivity {measured(POOLED, 'sensitivity')}, specificity "
                f"{measured(POOLED, 'specificity')}, G-mean {measured(POOLED, 'g_mean')}. Mean "
                f"AUROC over the classes: {measured(MACRO, 'auroc')}.",
                "lead",
            ),
            *([paragraph(format_diseases(evaluation.diseases))] if evaluation.diseases else []),
            paragraph(
                f"Brackets: {LEVEL:.0%} confidence intervals. For research use only, not for "
                "diagnosis.",
                "quiet",
            ),
            *notes,
            *cautions,
            "</header>",
        ]
    )


def _cautions(evaluation):
    about = evaluation.about
    if about["simulated"]:
        yield "Simulated ECGs: these figures say nothing about patients."
    for sentence in seen_sentences(about.get("seen"), about["partition"], len(evaluation.labels)):
        yield f"{sentence}, so these figures are too optimistic."
    if chosen_on_evaluated(about):
        epoch = ", but the epoch of the network was chosen on these records, too"
        yield (
            f"The thresholds were chosen on these same {about['partition']} records, so all "
            "figures that depend on the thresholds are too optimistic. AUROC, average precision "
            f"and Brier score do not depend on them{'' if about.get('external') else epoch}."
        )


def _decisions(evaluation):
    summary, records = evaluation.summary, len(evaluation.labels)
    few = len(evaluation.class_names) <= FEW
    classes = class_definitions(evaluation)
    head = head_row(["", *COUNTS, "with the class", "predicted", "threshold"])
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
                "A class is predicted if its probability reaches its threshold. A record can have "
                "several classes or none. TP, true positives: with the class, predicted. FN, false "
                "negatives: with the class, not predicted. FP, false positives: without the class, "
                "predicted. TN, true negatives: without the class, not predicted."
            ),
            table("Decisions", head, rows),
            *([paragraph("; ".join(classes), "quiet")] if classes else []),
            *row_notes(evaluation, summary.index.drop([POOLED, MACRO])),
            "<h3>Multi-label confusion matrix</h3>",
            embedded(
                draw_confusion(evaluation),
                "multi-label confusion matrix, true class by predicted class",
                "Rows: true classes; columns: predicted classes. The diagonal counts classes that "
                "are true and predicted (N.A.: records without a class for which none is "
                "predicted). Off the diagonal, a record counts once for each pair of a missed "
                "class and a wrongly predicted class. If nothing is wrongly predicted, missed "
                "classes count in the column N.A.; if nothing is missed, wrongly predicted classes "
                "count in the row N.A. "
                f"{'Percentages' if few else 'Shades'}: share of the row. After Heydarian et al., "
                "IEEE Access 10 (2022) 19083–19095.",
                "small" if few else "",
            ),
            *([] if few else [_confusions(evaluation)]),
        ]
    )


def _confusions(evaluation):
    """The largest numbers off the diagonal of the multi-label confusion matrix, as a table."""
    matrix = multilabel_confusion(evaluation.labels, evaluation.decisions)
    names, totals = [*evaluation.class_names, "N.A."], matrix.sum(axis=1)
    np.fill_diagonal(matrix, 0)
    places = np.argsort(-matrix, axis=None, kind="stable")[:_CONFUSIONS]
    rows = [
        named_row(names[true], [names[predicted], _share(matrix[true, predicted], totals[true])])
        for true, predicted in zip(*np.unravel_index(places, matrix.shape), strict=True)
        if matrix[true, predicted]
    ]
    if not rows:
        return paragraph("No record is off the diagonal.")
    head = head_row(["true", "predicted", "records (share of the row)"])
    name = "Most frequent confusions"
    return f"<h3>{name}</h3>\n{table(name, head, rows)}"


def _share(count, records):
    return f"{count} ({count / records:.1%})"
