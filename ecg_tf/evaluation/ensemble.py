"""Ensembles of compared runs: the mean of their predictions."""

import dataclasses
from collections.abc import Collection, Sequence

import numpy as np

from ecg_tf.errors import InputError
from ecg_tf.evaluation.compared_run import ENSEMBLE, ComparedRun

_SMALLEST = 1e-9  # probability, whose logit is still finite; networks compute in float32


def ensemble(name: str, runs: Sequence[ComparedRun]) -> ComparedRun:
    """Average the logits of some compared runs; nothing is trained.

    A class is predicted if the mean logit reaches the mean of the thresholds' logits.

    Args:
        name: names of two or more of the runs, joined by "+", as "gru+resnet1d".
        runs: the compared runs, evaluated on the same records.

    Returns:
        The ensemble, of the kind `ENSEMBLE`.

    Raises:
        InputError: a name that none of the runs has, a name given twice, or only one.

    Examples:
        >>> import numpy as np
        >>> from ecg_tf.evaluation.compared_run import ComparedRun
        >>> from ecg_tf.evaluation.ensemble import ensemble
        >>> from ecg_tf.evaluation.evaluation import Evaluation
        >>> labels, thresholds = np.array([[1], [0]]), np.array([0.5])
        >>> def run(name, first, second):
        ...     predicted = np.array([[first], [second]])
        ...     evaluation = Evaluation({"leads": ["I"]}, ("MI",), labels, predicted, thresholds)
        ...     return ComparedRun(name, "signal", "signal", "gru", evaluation)
        >>> both = ensemble("a+b", [run("a", 0.2, 0.1), run("b", 0.8, 0.1)])
        >>> both.evaluation.probabilities.round(6).tolist()
        [[0.5], [0.1]]
    """
    by_name = {run.name: run for run in runs}
    members = [by_name[one] for one in check_members(name, by_name)]
    evaluations = [run.evaluation for run in members]
    first = evaluations[0]
    parameters = [run.parameters for run in members]
    seconds = [run.seconds for run in members]
    about = {
        "run": name,
        "model": ENSEMBLE,
        "leads": list(dict.fromkeys(lead for one in evaluations for lead in one.about["leads"])),
        "trained": None,
        "git_revision": None,
        "thresholds": "the mean, as logits, of the members' thresholds",
        "seen": None,  # it is said of the members
    }
    return ComparedRun(
        name=name,
        kind=ENSEMBLE,
        representation=" and ".join(dict.fromkeys(run.representation for run in members)),
        network=" and ".join(dict.fromkeys(run.network for run in members)),
        evaluation=dataclasses.replace(
            first,
            about=first.about | about,
            probabilities=_mean([one.probabilities for one in evaluations]),
            thresholds=_mean([one.thresholds for one in evaluations]),
        ),
        parameters=None if None in parameters else sum(parameters),
        seconds=None if None in seconds else sum(seconds),
        members=tuple(run.name for run in members),
    )


def check_members(name: str, known: Collection[str]) -> list[str]:
    """Return the names of the members of an ensemble.

    Args:
        name: see `ensemble`.
        known: the names of all compared runs.

    Raises:
        InputError: a name that is not among them, a name given twice, or only one.
    """
    names = name.split("+")
    if not set(names) <= set(known) or len(set(names)) < max(len(names), 2):
        raise InputError(
            f"ensemble {name}: expected the names of two or more compared runs, each once, joined "
            f"by +; the runs are {', '.join(known)}"
        )
    return names


def _mean(probabilities: Sequence[np.ndarray]) -> np.ndarray:
    """The probability whose logit is the mean of those of `probabilities`."""
    inner = np.clip(np.asarray(probabilities, np.float64), _SMALLEST, 1 - _SMALLEST)
    return 1 / (1 + np.exp(-np.mean(np.log(inner / (1 - inner)), axis=0)))
