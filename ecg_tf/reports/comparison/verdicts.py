"""Answers to the study's questions: do images beat the signal, does fusion help?"""

import dataclasses

from ecg_tf.evaluation.bootstrap import LEVEL
from ecg_tf.evaluation.compared_run import ENSEMBLE, FUSION, IMAGE, SIGNAL
from ecg_tf.evaluation.comparison import Comparison
from ecg_tf.evaluation.summary import MACRO
from ecg_tf.reports.formats import format_difference, format_number, format_p

CRITERION = (MACRO, "auroc")  # independent of thresholds
YES, NO, UNDECIDED, UNANSWERED = "yes", "no", "undecided", "unanswered"

IMAGES = "Do images beat the signal?"
FUSION_HELPS = "Does fusion help?"
FUSION_IS_BEST = "Is the best fusion better than the best single network?"
IMAGES_ADD = "Do images add more than another signal network does?"


@dataclasses.dataclass(frozen=True)
class Verdict:
    """The answer to a question.

    Attributes:
        question: `IMAGES`, `FUSION_HELPS`, `FUSION_IS_BEST` or `IMAGES_ADD`.
        answer: "yes", "no" (the opposite is true), "undecided" (the difference is not
            significant) or "unanswered" (there is nothing to compare).
        sentence: the answer in words and numbers.
        challenger: name of the run that the question is about; None if there is none.
        champion: name of the run that it is compared with; None if there is none.
        difference: `Comparison.difference` of the two runs; None if there are not two.
    """

    question: str
    answer: str
    sentence: str
    challenger: str | None = None
    champion: str | None = None
    difference: dict | None = None


def verdicts(comparison: Comparison) -> list[Verdict]:
    """Answer the study's questions by macro AUROC.

    "Do images beat the signal?" compares the best image run with the best signal run. "Does fusion
    help?" compares each fusion with the better of its own two branches: one answer per fusion. "Is
    the best fusion better than the best single network?" compares the best fusion with the best of
    all other runs. With ensembles, "Do images add more than another signal network does?" compares
    each fusion, and each ensemble of one signal and one image network, with each ensemble of two
    signal networks, one of which is the same: one answer per pair.

    The answer is yes or no if the p-value of the paired difference, corrected for all pairs of the
    comparison, is below 0.05. Every comparison made here is one of these pairs.

    The best of several runs is the one with the largest macro AUROC: on dev if the comparison is on
    another partition and the value is known for every run, otherwise on the compared records, as
    the sentence then states. The correction for all pairs covers this choice; the interval, which
    is that of one pair, does not.

    Args:
        comparison: the `ecg_tf.evaluation.comparison.Comparison`.

    Returns:
        The verdicts in the order above. The third question is left out without a fusion, the last
        without ensembles.
    """
    fusions = [run for run in comparison.runs if run.kind == FUSION]
    if comparison.values.loc[:, CRITERION].isna().any():
        reason = (
            "macro AUROC is undefined, because every class is one that all records have or none"
        )
        asked = [IMAGES, FUSION_HELPS]
        asked += [FUSION_IS_BEST] if fusions else []
        asked += [IMAGES_ADD] if any(run.members for run in comparison.runs) else []
        return [_unanswered(question, reason) for question in asked]
    answers = [_images(comparison)]
    if fusions:
        answers += [_fusion_helps(comparison, run) for run in fusions]
        answers.append(_fusion_is_best(comparison))
    else:
        answers.append(_unanswered(FUSION_HELPS, "no fusion was compared"))
    return [*answers, *_images_add(comparison)]


def chosen_on(comparison: Comparison) -> str:
    """The name of the partition on which the best of several runs is chosen: see `verdicts`."""
    # The best of ensembles is never chosen.
    known = all(run.dev_auroc is not None for run in comparison.runs if run.kind != ENSEMBLE)
    return "dev" if known else comparison.partition


def _images(comparison):
    image, signal = _best(comparison, (IMAGE,)), _best(comparison, (SIGNAL,))
    if image is None or signal is None:
        missing = "image" if image is None else "signal"
        return _unanswered(IMAGES, f"no {missing} run was compared")
    called = [f"the best image run, {image}", f"the best signal run, {signal}"]
    beginnings = {
        YES: "Yes, images beat the signal",
        NO: "No, the signal beats images",
        UNDECIDED: "Undecided: these records do not show whether images beat the signal",
    }
    return _compared(comparison, IMAGES, (image, signal), called, "The best runs were", beginnings)


def _fusion_helps(comparison, fusion):
    """The verdict on one fusion against its better branch."""
    names = [branch.run for branch in fusion.branches]
    if not fusion.branches or None in names:
        missing = [branch.missing for branch in fusion.branches if branch.run is None]
        reason = "; ".join(missing) or "its branches are unknown"
        return _unanswered(FUSION_HELPS, f"{fusion.name}: {reason}", challenger=fusion.name)
    own = [run for run in comparison.runs if run.name in names]
    branch = _best_of(comparison, own)
    called = [fusion.name, f"its better branch, {branch}"]
    beginnings = {
        YES: "Yes, the fusion is better than its branches",
        NO: "No, the fusion is worse than its better branch",
        UNDECIDED: (
            "Undecided: these records do not show whether the fusion is better than its branches"
        ),
    }
    return _compared(
        comparison, FUSION_HELPS, (fusion.name, branch), called, "The branch was", beginnings
    )


def _fusion_is_best(comparison):
    fusion, single = _best(comparison, (FUSION,)), _best(comparison, (SIGNAL, IMAGE))
    if single is None:
        return _unanswered(FUSION_IS_BEST, "no run without fusion was compared")
    called = [f"the best fusion, {fusion}", f"the best single network, {single}"]
    beginnings = {
        YES: "Yes, the best fusion is better than the best single network",
        NO: "No, the best fusion is worse than the best single network",
        UNDECIDED: (
            "Undecided: these records do not show whether the best fusion is better than the best "
            "single network"
        ),
    }
    return _compared(
        comparison, FUSION_IS_BEST, (fusion, single), called, "The best runs were", beginnings
    )


def _images_add(comparison):
    """The verdicts on fusions and ensembles with images against ensembles of signals; a list."""
    kinds = {run.name: run.kind for run in comparison.runs}
    ensembles = [run for run in comparison.runs if run.members]
    controls = [run for run in ensembles if [kinds[m] for m in run.members] == [SIGNAL, SIGNAL]]
    pairs = [
        (run, control)
        for run in comparison.runs
        for control in controls
        if _signal_beside_images(run, kinds) in control.members
    ]
    if ensembles and not pairs:
        reason = (
            "no ensemble of two signal networks was compared with a fusion, or an ensemble, of one "
            "of them and an image network"
        )
        return [_unanswered(IMAGES_ADD, reason)]
    return [_images_add_in(comparison, run, control) for run, control in pairs]


def _signal_beside_images(run, kinds):
    """The signal network that a run combines with one of images; None for other runs."""
    if run.kind == FUSION:
        return next((branch.run for branch in run.branches if branch.kind == SIGNAL), None)
    if sorted(kinds[member] for member in run.members) != sorted([SIGNAL, IMAGE]):
        return None
    return next(member for member in run.members if kinds[member] == SIGNAL)


def _images_add_in(comparison, run, control):
    beginnings = {
        YES: "Yes, images add more than another signal network",
        NO: "No, another signal network adds more than images",
        UNDECIDED: (
            "Undecided: these records do not show whether images add more than another signal "
            "network"
        ),
    }
    names = run.name, control.name
    called = [run.name, f"the mean of two signal networks, {control.name}"]
    return _compared(comparison, IMAGES_ADD, names, called, None, beginnings)


def _best(comparison, kinds):
    """The name of the best run of some kinds; None if there is none."""
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
        names: names of the challenger and the champion.
        called: their names in the sentence.
        chosen: subject and verb of the sentence on the choice; None if nothing was chosen.
        beginnings: {answer: beginning of the sentence}.
    """
    difference = comparison.difference(*names, CRITERION)
    answer = _decide(difference)
    first, second = (
        f"{one} ({format_number(comparison.values.loc[name, CRITERION])})"
        for one, name in zip(called, names, strict=True)
    )
    pairs = len(comparison.pairs)
    correction = f" (corrected for {pairs} pairs)" if pairs > 1 else ""
    value = format_difference(difference["difference"], difference["low"], difference["high"])
    sentence = (
        f"{beginnings[answer]}. The macro AUROC of {first}, minus that of {second}, is {value}, "
        f"{format_p(difference['corrected_p'])}{correction}."
    )
    if chosen:
        sentence += f" {chosen} chosen on {_where(comparison)}."
    return Verdict(question, answer, sentence, *names, difference)


def _where(comparison):
    if chosen_on(comparison) != comparison.partition:
        return "dev"
    return f"these same {comparison.partition} records"


def _decide(difference):
    if difference["corrected_p"] >= 1 - LEVEL:
        return UNDECIDED
    return YES if difference["difference"] > 0 else NO
