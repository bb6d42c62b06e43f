"""The study's questions, answered from the numbers: one sentence each."""

import dataclasses

from ecg_tf.evaluation.bootstrap import LEVEL
from ecg_tf.evaluation.compared_run import FUSION, IMAGE, SIGNAL
from ecg_tf.evaluation.metrics import MACRO
from ecg_tf.reports.comparison.tables import format_difference, format_p

CRITERION = (MACRO, "auroc")  # by which the best are chosen and compared: no threshold is in it
YES, NO, UNDECIDED, UNANSWERED = "yes", "no", "undecided", "unanswered"

IMAGES = "Do images beat the signal?"
FUSION_HELPS = "Does fusion help?"
FUSION_IS_BEST = "Is the best fusion better than the best single network?"
QUESTIONS = (IMAGES, FUSION_HELPS, FUSION_IS_BEST)


@dataclasses.dataclass(frozen=True)
class Verdict:
    """The answer to a question.

    Attributes:
        question: one of `QUESTIONS`.
        answer: "yes", "no" (the contrary is the case), "undecided" (these records cannot tell) or
            "unanswered" (there is nothing to compare).
        sentence: the answer in words and numbers.
        challenger: name of the run that the question is about; None where there is none.
        champion: name of the run that it is compared with; None where there is none.
        difference: `Comparison.difference` of the two; None where there are not two.
    """

    question: str
    answer: str
    sentence: str
    challenger: str | None = None
    champion: str | None = None
    difference: dict | None = None


def verdicts(comparison):
    """The answers to the study's questions.

    "Do images beat the signal?" compares the best run with images with the best with the signal.
    "Does fusion help?" compares each fusion with the better of its own two branches, so there is
    one answer for each fusion. "Is the best fusion better than the best single network?" compares
    the best fusion with the best of all other runs, whatever it is made of.

    All by macro AUROC. The answer is yes or no where the p-value of the paired difference is below
    0.05. It is corrected for all pairs of the comparison, and every comparison that is made here is
    one of these pairs.

    The best of several runs is the one with the largest macro AUROC on dev where the comparison is
    on another partition and every run knows its own; otherwise on the very records of the
    comparison, which the sentence then says. The correction for all pairs covers that choice; the
    interval, which is of the one pair, does not.

    Args:
        comparison: the `Comparison`.

    Returns:
        list of `Verdict`s, in the order above; without a fusion the last question is left out.
    """
    if comparison.values.loc[:, CRITERION].isna().any():
        reason = (
            "macro AUROC is not defined on these records, in which a class is always or never there"
        )
        return [_unanswered(question, reason) for question in QUESTIONS]
    fusions = [run for run in comparison.runs if run.kind == FUSION]
    answers = [_images(comparison)]
    if not fusions:
        return [*answers, _unanswered(FUSION_HELPS, "no fusion is among those compared")]
    answers += [_fusion_helps(comparison, run) for run in fusions]
    return [*answers, _fusion_is_best(comparison)]


def chosen_on(comparison):
    """Name of the partition on which the best of several runs are chosen, see `verdicts`."""
    known = all(run.dev_auroc is not None for run in comparison.runs)
    return "dev" if known else comparison.partition


def _images(comparison):
    image, signal = _best(comparison, (IMAGE,)), _best(comparison, (SIGNAL,))
    if image is None or signal is None:
        missing = "image" if image is None else "signal"
        return _unanswered(IMAGES, f"no {missing} run is among those compared")
    called = [f"the best image run, {image}", f"the best signal run, {signal}"]
    beginnings = {
        YES: "Yes, images beat the signal",
        NO: "No, the signal beats images",
        UNDECIDED: "Whether images beat the signal cannot be told from these records",
    }
    return _compared(comparison, IMAGES, (image, signal), called, "the best were", beginnings)


def _fusion_helps(comparison, fusion):
    """Of one fusion, against its own better branch."""
    names = [branch.run for branch in fusion.branches]
    if not fusion.branches or None in names:
        missing = [branch.missing for branch in fusion.branches if branch.run is None]
        reason = "; ".join(missing) or "it does not say what its branches are"
        return _unanswered(FUSION_HELPS, f"{fusion.name}: {reason}", challenger=fusion.name)
    own = [run for run in comparison.runs if run.name in names]
    branch = _best_of(comparison, own)
    called = [fusion.name, f"its better branch, {branch}"]
    beginnings = {
        YES: "Yes, fusion helps over its own branches",
        NO: "No, fusion is worse than its own better branch",
        UNDECIDED: "Whether fusion helps over its own branches cannot be told from these records",
    }
    return _compared(
        comparison, FUSION_HELPS, (fusion.name, branch), called, "that branch was", beginnings
    )


def _fusion_is_best(comparison):
    fusion, single = _best(comparison, (FUSION,)), _best(comparison, (SIGNAL, IMAGE))
    if single is None:
        return _unanswered(FUSION_IS_BEST, "no run without fusion is among those compared")
    called = [f"the best fusion, {fusion}", f"the best single network, {single}"]
    beginnings = {
        YES: "Yes, the best fusion is better than the best single network",
        NO: "No, the best fusion is worse than the best single network",
        UNDECIDED: (
            "Whether the best fusion is better than the best single network cannot be told from "
            "these records"
        ),
    }
    return _compared(
        comparison, FUSION_IS_BEST, (fusion, single), called, "the best were", beginnings
    )


def _best(comparison, kinds):
    """Name of the best run of some kinds; None where there is none."""
    return _best_of(comparison, [run for run in comparison.runs if run.kind in kinds])


def _best_of(comparison, runs):
    return max(runs, key=lambda run: _merit(comparison, run)).name if runs else None


def _merit(comparison, run):
    if chosen_on(comparison) == comparison.partition:
        return comparison.values.loc[run.name, CRITERION]
    return run.dev_auroc


def _unanswered(question, reason, challenger=None):
    return Verdict(question, UNANSWERED, f"Not answered: {reason}.", challenger)


def _compared(comparison, question, names, called, chosen, beginnings):
    """The `Verdict` of a comparison of two runs.

    Args:
        comparison: the `Comparison`.
        question: the question.
        names: of the challenger and the champion.
        called: what the sentence calls them.
        chosen: what was chosen, with its verb.
        beginnings: {answer: the beginning of the sentence}.
    """
    difference = comparison.difference(*names, CRITERION)
    answer = _decide(difference)
    first, second = (
        f"{one} ({comparison.values.loc[name, CRITERION]:.3f})"
        for one, name in zip(called, names, strict=True)
    )
    pairs = len(comparison.pairs)
    correction = f", corrected for {pairs} pairs" if pairs > 1 else ""
    sentence = (
        f"{beginnings[answer]}: the macro AUROC of {first}, less that of {second}, is "
        f"{format_difference(difference)}, {format_p(difference['corrected_p'])}{correction}; "
        f"{chosen} chosen on {_where(comparison)}."
    )
    return Verdict(question, answer, sentence, *names, difference)


def _where(comparison):
    if chosen_on(comparison) != comparison.partition:
        return "dev"
    return (
        f"these same {comparison.partition} records, which the choice and the comparison so share"
    )


def _decide(difference):
    if difference["corrected_p"] >= 1 - LEVEL:
        return UNDECIDED
    return YES if difference["difference"] > 0 else NO
