"""The study's two questions, answered from the numbers: one sentence each."""

import dataclasses

import numpy as np

from ecg_tf.evaluation.bootstrap import LEVEL
from ecg_tf.evaluation.comparison.compared_run import FUSION, IMAGE, SIGNAL
from ecg_tf.evaluation.comparison.tables import format_difference, format_p
from ecg_tf.evaluation.metrics import MACRO

CRITERION = (MACRO, "auroc")  # by which the best are chosen and compared: no threshold is in it
YES, NO, UNDECIDED, UNANSWERED = "yes", "no", "undecided", "unanswered"


@dataclasses.dataclass(frozen=True)
class Verdict:
    """The answer to a question.

    Attributes:
        question: as one asks it.
        answer: "yes", "no" (the contrary is the case), "undecided" (these records cannot tell) or
            "unanswered" (there is nothing to compare).
        sentence: the answer in words and numbers.
        challenger: name of the run that the question is about; None where there is none.
        champion: name of the run that it is compared with; likewise.
        difference: `Comparison.difference` of the two; likewise.
    """

    question: str
    answer: str
    sentence: str
    challenger: str | None = None
    champion: str | None = None
    difference: dict | None = None


# Of a question: the question, the kinds of runs of its challenger and of its champion, what these
# are called, and the beginning of the three answers.
_QUESTIONS = (
    (
        "Do images beat the signal?",
        ((IMAGE,), "image run"),
        ((SIGNAL,), "signal run"),
        {
            YES: "Yes, images beat the signal",
            NO: "No, the signal beats images",
            UNDECIDED: "Whether images beat the signal cannot be told from these records",
        },
    ),
    (
        "Does fusion help?",
        ((FUSION,), "fusion"),
        ((SIGNAL, IMAGE), "run without fusion"),
        {
            YES: "Yes, fusion helps",
            NO: "No, fusion does harm",
            UNDECIDED: "Whether fusion helps cannot be told from these records",
        },
    ),
)


def verdicts(comparison):
    """Both questions answered: "Do images beat the signal?", "Does fusion help?".

    The best run with images is compared with the best with the signal, the best fusion with the
    best of all others, by their macro AUROC. The answer is yes or no where the p-value of their
    paired difference, corrected for all pairs of the comparison, is below 0.05.

    The best of a kind is the one with the largest macro AUROC on dev where the comparison is on
    another partition and every run knows its own; otherwise on the very records of the comparison,
    which the sentence then says. The correction for all pairs covers that choice; the interval,
    which is of the one pair, does not.

    Args:
        comparison: the `Comparison`.

    Returns:
        list of two `Verdict`s.
    """
    return [_answer(comparison, *question) for question in _QUESTIONS]


def chosen_on(comparison):
    """Name of the partition on which the best of each kind are chosen, see `verdicts`."""
    known = all(run.dev_auroc is not None for run in comparison.runs)
    return "dev" if known else comparison.partition


def _answer(comparison, question, challengers, champions, beginnings):
    undefined = [
        name for name, value in comparison.values.loc[:, CRITERION].items() if np.isnan(value)
    ]
    if undefined:
        return Verdict(
            question,
            UNANSWERED,
            "Not answered: macro AUROC is not defined on these records, in which a class is always "
            "or never there.",
        )
    best = []
    for kinds, called in (challengers, champions):
        of_kind = [run for run in comparison.runs if run.kind in kinds]
        if not of_kind:
            sentence = f"Not answered: no {called} is among those compared."
            return Verdict(question, UNANSWERED, sentence)
        best.append(max(of_kind, key=lambda run: _merit(comparison, run)).name)
    difference = comparison.difference(*best, CRITERION)
    answer = _decide(difference)
    sentence = f"{beginnings[answer]}: " + _numbers(
        comparison, best, (challengers[1], champions[1]), difference
    )
    return Verdict(question, answer, sentence, *best, difference)


def _merit(comparison, run):
    if chosen_on(comparison) == comparison.partition:
        return comparison.values.loc[run.name, CRITERION]
    return run.dev_auroc


def _decide(difference):
    if difference["corrected_p"] >= 1 - LEVEL:
        return UNDECIDED
    return YES if difference["difference"] > 0 else NO


def _numbers(comparison, names, called, difference):
    (first, one), (second, other) = [
        (name, comparison.values.loc[name, CRITERION]) for name in names
    ]
    pairs = len(comparison.pairs)
    correction = f", corrected for {pairs} pairs" if pairs > 1 else ""
    same = chosen_on(comparison) == comparison.partition
    where = f"these same {comparison.partition} records" if same else "dev"
    return (
        f"the macro AUROC of the best {called[0]}, {first} ({one:.3f}), less that of the best "
        f"{called[1]}, {second} ({other:.3f}), is {format_difference(difference)}, "
        f"{format_p(difference['corrected_p'])}{correction}; the best were chosen on {where}."
    )
