"""What the numbers of a comparison are, for those who read it."""

from ecg_tf.evaluation.bootstrap import LEVEL
from ecg_tf.reports.comparison.verdicts import chosen_on
from ecg_tf.reports.definitions import CLASS_WORDS, METRIC_WORDS, ROW_WORDS, seen_sentences

INTRODUCTION = "For research, not for diagnosis."

RUN_WORDS = (
    "Representation: what the network looks at: signal, the filtered ECG itself; GAF, MTF, RP, one "
    "image of each lead (Gramian angular field, Markov transition field, recurrence plot); all "
    "images, the three of them; fusion, signal and images. Parameters: all of the network, a "
    "fusion's backbones included. Training: seconds of all epochs, each with its look at dev; what "
    "the backbones of a fusion took in runs of their own is not in it. Numbers of unlike machines "
    "do not compare. The largest macro AUROC comes first."
)


def metric_definitions(class_names):
    """What the classes, AUROC, G-mean, …, macro and pooled mean, as sentences."""
    classes = [f"{name}, {CLASS_WORDS[name]}" for name in class_names if name in CLASS_WORDS]
    named = [METRIC_WORDS[name] for name in ("auroc", "g_mean", "sensitivity", "specificity")]
    rows = [f"{name.capitalize()}: {ROW_WORDS[name]}" for name in ("macro", "pooled")]
    metrics = [f"{name}: {definition}" for name, definition, _ in named]
    return [*metrics, *rows, *([f"Classes: {'; '.join(classes)}."] if classes else [])]


def interval_definition(comparison):
    """What the brackets behind a run's numbers are."""
    about = comparison.about
    return (
        f"In brackets: {LEVEL:.0%} intervals, where the number would lie with other patients of "
        f"the same kind, network and thresholds as they are; {about.draws} bootstrap draws of "
        f"{_unit(about)} (seed {about.seed}). That two of them overlap does not mean that two runs "
        "do not differ: see the differences."
    )


def difference_definition(comparison):
    """What a difference, its interval and its p-value are."""
    pairs = len(comparison.pairs)
    return (
        "The first run's number less the second's, on the same records: above 0 the first is "
        f"better. In brackets its {LEVEL:.0%} interval, of this pair alone: both runs measured "
        f"in each of {comparison.draws} bootstrap draws of {_unit(comparison.about)} (seed "
        f"{comparison.seed}), so that what the choice of patients does to both alike drops out. p: "
        "twice the share of draws on the rarer side of 0 (Davison and Hinkley 1997, section 4.4), "
        f"corrected for {_counted(pairs, 'pair')} by Holm's method (Scand. J. Statist. 6 (1979) "
        f"65–70), each quantity by itself. Below {1 - LEVEL:.2f} a difference is called real; the "
        f"smallest p that so many draws can give is {2 * pairs / (comparison.draws + 1):.4f}. It "
        "is a matter of other patients only: another seed of the training may move a network by as "
        "much as two of them differ."
    )


def choice_definition(comparison):
    """How the runs in the answers were chosen, and what the answers are corrected for."""
    where = chosen_on(comparison)
    if where == comparison.partition:
        choice = (
            f"on these same {where} records, which flatters the winner of many: the choice and the "
            "comparison share them. The p-value is corrected for all pairs, and with them for that "
            "choice, the difference and its interval are not."
        )
    else:
        choice = f"on {where}, by the epoch that was kept, and are compared on other records."
    return (
        "The best of several runs has the largest macro AUROC; they were chosen " + choice + " "
        "Whether fusion helps is asked of each fusion against its own two branches, the better of "
        "which counts; whether the best fusion is better than the best single network, whatever "
        "either is made of, is another question. "
        f"Yes or no is said where the corrected p is below {1 - LEVEL:.2f}; every comparison made "
        f"in the answers is one of the {_counted(len(comparison.pairs), 'pair')} that it is "
        "corrected for. Macro AUROC decides because no threshold is in it."
    )


def cautions(comparison):
    """What the reader has to be warned of, as sentences."""
    about = comparison.about.about
    if about["simulated"]:
        yield "Simulated ECGs: no figure here says anything about patients."
    for run in comparison.runs:
        seen = run.evaluation.about.get("seen")
        for sentence in seen_sentences(seen, comparison.partition, len(comparison.about.labels)):
            yield f"{run.name}: {sentence}: its figures are flattered."
    wider = [run for run in comparison.runs if run.left_out]
    if wider:
        yield (
            f"{', '.join(run.name for run in wider)}: trained to answer "
            f"{', '.join(wider[0].left_out)}, too, which is left out here: all runs are compared "
            f"by {', '.join(comparison.about.class_names)}."
        )
    flattered = [
        run.name
        for run in comparison.runs
        if run.evaluation.about["threshold_partition"] == comparison.partition
    ]
    if flattered:
        yield (
            f"The thresholds of {', '.join(flattered)} were chosen on these same "
            f"{comparison.partition} records, which flatters G-mean, sensitivity and specificity."
        )
    if comparison.partition == "dev":
        yield (
            "The dev partition also chose the epoch of each run that was kept, which flatters all "
            "its figures; the test partition did not take part in anything."
        )


def records_sentence(comparison):
    """How many records of how many patients the runs were compared on."""
    about = comparison.about
    kind = "simulated records" if about.about["simulated"] else "records"
    whose = (
        "patients not known, each taken for one of its own"
        if about.patients is None
        else f"{about.patients} patients"
    )
    return (
        f"{len(comparison.runs)} runs on the {len(about.labels)} {kind} ({whose}) of the "
        f"{comparison.partition} partition of {about.about['data']}."
    )


def _unit(evaluation):
    return "records" if evaluation.patients is None else "patients, each with all records"


def _counted(number, what):
    return f"{number} {what}{'s' * (number != 1)}"
