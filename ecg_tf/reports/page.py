"""The report of an evaluation as one HTML page, with its figures embedded and without scripts."""

from html import escape

import matplotlib

from ecg_tf.evaluation.bootstrap import LEVEL
from ecg_tf.evaluation.confusion import COUNTS
from ecg_tf.evaluation.evaluation import Evaluation
from ecg_tf.evaluation.metrics import METRICS
from ecg_tf.evaluation.summary import MACRO, POOLED
from ecg_tf.reports import figures
from ecg_tf.reports.definitions import (
    CLASS_DEFINITIONS,
    METRIC_DEFINITIONS,
    ROW_DEFINITIONS,
    chosen_on_evaluated,
    external_sentence,
    left_out_sentences,
    one_sided_sentences,
    seen_sentences,
)
from ecg_tf.reports.facts import facts
from ecg_tf.reports.formats import format_interval, format_measured, format_number
from ecg_tf.reports.markup import document, embedded, named_row, paragraph, table, table_row
from ecg_tf.reports.style import MATPLOTLIB
from ecg_tf.reports.text import format_diseases
from ecg_tf.reports.wrong_records import wrong_records


def make_page(evaluation: Evaluation) -> str:
    """Make the HTML page of an evaluation, for physicians and reviewers, on screen or on paper.

    Args:
        evaluation: the `ecg_tf.evaluation.evaluation.Evaluation`.

    Returns:
        HTML. Equal evaluations give equal pages.
    """
    about = evaluation.about
    title = f"{about['model']} on the {about['partition']} partition"
    parts = (facts, _decisions, _metrics, _curves, wrong_records)
    with matplotlib.rc_context(MATPLOTLIB):
        sections = [_head(evaluation, title), *(part(evaluation) for part in parts)]
    return document(title, sections)


def _head(evaluation, title):
    def measured(row, metric):
        return format_measured(*evaluation.measured(row, metric))

    external = external_sentence(evaluation.about)
    said = [*([external] if external else []), *left_out_sentences(evaluation.about)]
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
    classes = (
        f"{name}, {CLASS_DEFINITIONS[name]}"
        for name in evaluation.class_names
        if name in CLASS_DEFINITIONS
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
                "A class is predicted if its probability reaches its threshold. A record can have "
                "several classes or none. TP, true positives: with the class, predicted. FN, false "
                "negatives: with the class, not predicted. FP, false positives: without the class, "
                "predicted. TN, true negatives: without the class, not predicted."
            ),
            table(head, rows),
            paragraph("; ".join(classes), "quiet"),
            *_row_notes(evaluation, summary.index.drop([POOLED, MACRO])),
            "<h3>Multi-label confusion matrix</h3>",
            embedded(
                figures.draw_confusion(evaluation),
                "multi-label confusion matrix, true class by predicted class",
                "Rows: true classes; columns: predicted classes. The diagonal counts classes that "
                "are true and predicted (N.A.: records without a class for which none is "
                "predicted). Off the diagonal, a record counts once for each pair of a missed "
                "class and a wrongly predicted class. If nothing is wrongly predicted, missed "
                "classes count in the column N.A.; if nothing is missed, wrongly predicted classes "
                "count in the row N.A. Percentages: share of the row. After Heydarian et al., IEEE "
                "Access 10 (2022) 19083–19095.",
                "small",
            ),
        ]
    )


def _metrics(evaluation):
    summary, (low, high) = evaluation.summary, evaluation.intervals
    head = table_row("th", ["", *summary.index])
    rows = []
    for metric in METRICS:
        name, definition, undefined = METRIC_DEFINITIONS[metric]
        cells = [
            f"<td>{format_number(summary.loc[row, metric])}"
            f"<small>{format_interval(low.loc[row, metric], high.loc[row, metric])}</small></td>"
            for row in summary.index
        ]
        rows.append(f'<tr class="numbers"><th scope="row">{name}</th>{"".join(cells)}</tr>')
        definition += f" Undefined (–) if {undefined}." if undefined else ""
        columns = len(summary) + 1
        rows.append(
            f'<tr class="definition"><td colspan="{columns}">{escape(definition)}</td></tr>'
        )
    return "\n".join(
        [
            "<h2>Metrics</h2>",
            paragraph(
                f"Below each number: its {LEVEL:.0%} interval, the range expected for other "
                "patients from the same population, with the same network and thresholds. It does "
                "not cover other hospitals or devices. An interval of zero width at 0 or 1 means "
                "that there are too few cases to estimate it."
            ),
            table(head, rows, "metrics"),
            *_row_notes(evaluation, summary.index),
        ]
    )


def _row_notes(evaluation, rows):
    """Definitions of the rows that are not classes."""
    own = [row for row in rows if row not in evaluation.class_names]
    return [paragraph(f"{row}: {ROW_DEFINITIONS[row]}", "quiet") for row in own]


def _curves(evaluation):
    return "\n".join(
        [
            "<h2>ROC and precision–recall curves</h2>",
            embedded(
                figures.draw_ranking(evaluation),
                "ROC and precision–recall curves of each class",
                "Each point of a curve is a threshold; the markers show the thresholds used. ROC: "
                "the diagonal is chance. Precision–recall: the thin horizontal lines show the "
                "share of the records with the class, which is chance. The legends show AUROC and "
                "average precision.",
            ),
            "<h2>Calibration</h2>",
            embedded(
                figures.draw_calibration(evaluation),
                "calibration curves of each class",
                "Top: share of the records with the class against mean probability, in up to ten "
                "bins with equal numbers of records (scikit-learn's calibration_curve with "
                "quantiles). On the diagonal, probabilities are calibrated; below it, they are too "
                "high. Networks trained with class weights give probabilities that are too high by "
                "design. Bottom: distribution of the probabilities. The number beside each class "
                "is its Brier score.",
            ),
            "<h2>Thresholds</h2>",
            embedded(
                figures.draw_thresholds(evaluation),
                "sensitivity, specificity and G-mean of each class over its threshold",
                "Results of other thresholds on these records. The vertical line and the number "
                "show the threshold used. Do not choose thresholds from this figure: the reported "
                "metrics would then be too optimistic.",
            ),
        ]
    )


def _share(count, records):
    return f"{count} ({count / records:.1%})"
