"""Definitions of the numbers of a comparison, and cautions, for readers of reports."""

from collections.abc import Iterator

from ecg_tf.evaluation.bootstrap import LEVEL
from ecg_tf.evaluation.comparison import Comparison
from ecg_tf.reports.comparison.tables import shown_quantities
from ecg_tf.reports.comparison.verdicts import chosen_on
from ecg_tf.reports.definitions import (
    GROUPS,
    METRIC_DEFINITIONS,
    ROW_DEFINITIONS,
    chosen_on_evaluated,
    class_definitions,
    external_sentence,
    one_sided_sentences,
    seen_sentences,
)

INTRODUCTION = "For research use only, not for diagnosis."

RUN_DEFINITIONS = (
    "Representation: the input of the network. signal: the filtered ECG; GAF, MTF, RP: one image "
    "per lead (Gramian angular field, Markov transition field, recurrence plot); all images: all "
    "three; fusion: signal and images. Ensembles are the mean of the logits of several networks; "
    "nothing is trained for them. Names joined by + are those of the members. Parameters: all "
    "parameters of the network, including the backbones of a fusion. Training: total duration of "
    "all epochs, including the evaluation on dev after each; the separate training of a fusion's "
    "backbones is not included, that of members that are compared, too, is. Durations on different "
    "machines are not comparable. Runs are sorted by macro AUROC, largest first."
)


def metric_definitions(comparison: Comparison) -> list[str]:
    """Definitions of the metrics, the rows macro and pooled, and the classes, as sentences."""
    classes = class_definitions(comparison.about)
    named = [METRIC_DEFINITIONS[name] for name in ("auroc", "g_mean", "sensitivity", "specificity")]
    rows = [f"{name.capitalize()}: {ROW_DEFINITIONS[name]}" for name in ("macro", "pooled")]
    metrics = [f"{name}: {definition}" for name, definition, _ in named]
    return [*metrics, *rows, *([f"Classes: {'; '.join(classes)}."] if classes else [])]


def interval_definition(comparison: Comparison) -> str:
    """The definition of the intervals of the runs."""
    about = comparison.about
    return (
        f"Brackets: {LEVEL:.0%} intervals, the range expected for other patients from the same "
        f"population, with the same network and thresholds; from {about.draws} bootstrap draws of "
        f"{_unit(about)} (seed {about.seed}). Overlapping intervals of two runs do not mean that "
        "the runs do not differ: see the differences."
    )


def difference_definition(comparison: Comparison) -> str:
    """The definition of the differences, their intervals and their p-values."""
    pairs = len(comparison.pairs)
    return (
        "The number of the first run minus that of the second, on the same records: above 0, the "
        f"first run is better. Brackets: the {LEVEL:.0%} interval of this pair alone. Both runs "
        f"are evaluated on each of {comparison.draws} bootstrap draws of {_unit(comparison.about)} "
        f"(seed {comparison.seed}), so variation between patients that affects both runs alike "
        "cancels out. p: twice the share of draws on the rarer side of 0 (Davison and Hinkley "
        f"1997, section 4.4), corrected for {_counted(pairs, 'pair')} by Holm's method (Scand. J. "
        "Statist. 6 (1979) 65–70), separately for each quantity. A difference with p below "
        f"{1 - LEVEL:.2f} is significant; the smallest possible p with this number of draws is "
        f"{2 * pairs / (comparison.draws + 1):.4f}. p covers the variation between patients only: "
        "training with another seed may change a network as much as two networks differ."
    )


def class_differences(comparison: Comparison) -> list[str]:
    """Where the differences of each class are, as sentences; none if the table has them."""
    if shown_quantities(comparison) == comparison.quantities:
        return []
    return [
        f"The differences of each of the {len(comparison.about.class_names)} classes: "
        "comparison.json, under pairs."
    ]


def choice_definition(comparison: Comparison) -> str:
    """How the runs in the answers were chosen, and what the answers are corrected for."""
    where = chosen_on(comparison)
    if where == comparison.partition:
        choice = (
            f"It was chosen on these same {where} records, which favours the best of many runs. "
            "The p-values are corrected for all pairs, which covers this choice; the differences "
            "and their intervals are not corrected."
        )
    else:
        choice = f"It was chosen on {where}, by its kept epoch, and is compared on other records."
    return (
        f"The best of several runs is the one with the largest macro AUROC. {choice} Each fusion "
        "is compared with the better of its own two branches. Whether the best fusion is better "
        "than the best single network is a separate question. The answer is yes or no if the "
        f"corrected p is below {1 - LEVEL:.2f}; every comparison in the answers is one of the "
        f"{_counted(len(comparison.pairs), 'pair')} that p is corrected for. The criterion is "
        "macro AUROC because it does not depend on thresholds."
    )


def cautions(comparison: Comparison) -> Iterator[str]:
    """Warnings for the reader, as sentences."""
    about = comparison.about.about
    if about["simulated"]:
        yield "Simulated ECGs: these figures say nothing about patients."
    for run in comparison.runs:
        seen = run.evaluation.about.get("seen")
        for sentence in seen_sentences(seen, comparison.partition, len(comparison.about.labels)):
            yield f"{run.name}: {sentence}, so its figures are too optimistic."
    external = external_sentence(about)
    if external:
        yield f"{external}."
    if about.get("groups"):
        yield f"{GROUPS}."
    for left_out in sorted({run.left_out for run in comparison.runs} - {()}):
        wider = [run.name for run in comparison.runs if run.left_out == left_out]
        yield (
            f"{', '.join(wider)}: also trained on {', '.join(left_out)}, which this comparison "
            f"leaves out. All runs are compared on {', '.join(comparison.about.class_names)}."
        )
    of_runs = {name for run in comparison.runs for name in run.left_out}
    unknown = [name for name in about.get("only_data", ()) if name not in of_runs]
    if unknown:
        yield f"Classes left out, which only the data have: {', '.join(unknown)}."
    for sentence in one_sided_sentences(comparison.about.labels, comparison.about.class_names):
        yield f"{sentence}."
    optimistic = [run.name for run in comparison.runs if chosen_on_evaluated(run.evaluation.about)]
    if optimistic:
        yield (
            f"The thresholds of {', '.join(optimistic)} were chosen on these same "
            f"{comparison.partition} records, so G-mean, sensitivity and specificity are too "
            "optimistic."
        )
    if comparison.partition == "dev" and not external:
        yield (
            "The kept epoch of each run was also chosen on the dev partition, so all figures are "
            "too optimistic. The test partition was not used for any choice."
        )


def records_sentence(comparison: Comparison) -> str:
    """The numbers of runs, records and patients that are compared, as a sentence."""
    about = comparison.about
    kind = "simulated records" if about.about["simulated"] else "records"
    patients = (
        "patients unknown: each record is treated as a separate patient"
        if about.patients is None
        else f"{about.patients} patients"
    )
    return (
        f"{len(comparison.runs)} runs on the {len(about.labels)} {kind} ({patients}) of the "
        f"{comparison.partition} partition of {about.about['data']}."
    )


def _unit(evaluation):
    return "records" if evaluation.patients is None else "patients with all their records"


def _counted(number, what):
    return f"{number} {what}{'s' * (number != 1)}"
