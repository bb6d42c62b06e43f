"""Comparison of runs on the same records."""

import dataclasses
import functools
import itertools
import warnings
from collections.abc import Sequence

import numpy as np
import pandas as pd

from ecg_tf.errors import InputError
from ecg_tf.evaluation.bootstrap import (
    DRAWS,
    SEED,
    draw_patients,
    intervals,
    p_values,
)
from ecg_tf.evaluation.checks import check_binary, check_probabilities
from ecg_tf.evaluation.compared_run import ComparedRun
from ecg_tf.evaluation.confusion import confusion_cells, decide
from ecg_tf.evaluation.evaluation import Evaluation
from ecg_tf.evaluation.holm import holm
from ecg_tf.evaluation.metrics import g_mean
from ecg_tf.evaluation.summary import MACRO, POOLED
from ecg_tf.evaluation.weighted_scores import weighted_auroc_and_average_precision

_BLOCK = 1000  # draws at a time; 17 MB for 2158 records


@dataclasses.dataclass(frozen=True)
class Comparison:
    """Two or more runs that are evaluated on the same records.

    Attributes:
        runs: the `ComparedRun`s, with unique names.
        seed: seed of the bootstrap of the differences.

    Raises:
        InputError: fewer than two runs, repeated names, or runs with different classes or records.

    Examples:
        >>> import numpy as np
        >>> from ecg_tf.evaluation.compared_run import ComparedRun
        >>> from ecg_tf.evaluation.evaluation import Evaluation
        >>> labels = np.tile([[1], [0]], (50, 1))
        >>> def run(name, probabilities):
        ...     evaluation = Evaluation({}, ("MI",), labels, probabilities, np.array([0.5]))
        ...     return ComparedRun(name, "signal", "signal", "gru", evaluation)
        >>> better = run("better", np.where(labels, 0.9, 0.1))
        >>> worse = run("worse", np.random.default_rng(0).random((100, 1)))
        >>> comparison = Comparison([better, worse])
        >>> comparison.pairs
        [(0, 1)]
        >>> found = comparison.difference("better", "worse", ("MI", "auroc"))
        >>> found["low"] > 0, found["p"] < 0.05
        (True, True)
    """

    runs: tuple[ComparedRun, ...]
    seed: int = SEED

    def __post_init__(self) -> None:
        object.__setattr__(self, "runs", tuple(self.runs))
        _check_names([run.name for run in self.runs])
        for run in self.runs[1:]:
            _check_same_records(self.runs[0], run)

    @property
    def about(self) -> Evaluation:
        """The evaluation of the first run, for what all runs share."""
        return self.runs[0].evaluation

    @property
    def partition(self) -> str:
        """The name of the partition."""
        return self.about.about["partition"]

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """All pairs of runs, as positions (first, second)."""
        return list(itertools.combinations(range(len(self.runs)), 2))

    @property
    def quantities(self) -> list[tuple[str, str]]:
        """The compared quantities: (row, metric) of `summarize`."""
        return compared_quantities(self.about.class_names)

    @property
    def draws(self) -> int:
        """Number of bootstrap draws of the differences.

        The smallest p is 2 / (draws + 1), and the correction may multiply it by the number of
        pairs. With this number of draws, the smallest corrected p is at most 0.01.
        """
        return max(DRAWS, 200 * len(self.pairs))

    @functools.cached_property
    def values(self) -> pd.DataFrame:
        """Table with a row per run name and a column per quantity."""
        rows = [
            [run.evaluation.summary.loc[place] for place in self.quantities] for run in self.runs
        ]
        columns = pd.MultiIndex.from_tuples(self.quantities)
        return pd.DataFrame(rows, [run.name for run in self.runs], columns)

    @functools.cached_property
    def differences(self) -> pd.DataFrame:
        """Table with a row per pair and quantity.

        Columns: first and second (names of runs), row and metric (the quantity), difference (first
        − second), low and high (ends of its 95 % interval), p, and corrected_p (by Holm's method
        for the number of pairs, separately for each quantity). NaN for undefined quantities.
        """
        weights = draw_patients(self.about.labels, self.about.patient_ids, self.draws, self.seed)
        drawn = [resample_compared(run.evaluation, weights) for run in self.runs]
        values, names = self.values.to_numpy(), self.values.index
        parts = []
        for first, second in self.pairs:
            resampled = drawn[first] - drawn[second]
            low, high = intervals(resampled)
            part = pd.DataFrame(self.quantities, columns=["row", "metric"])
            part.insert(0, "first", names[first])
            part.insert(1, "second", names[second])
            part["difference"] = values[first] - values[second]
            part["low"], part["high"], part["p"] = low, high, p_values(resampled)
            parts.append(part)
        table = pd.concat(parts, ignore_index=True)
        table["corrected_p"] = table.groupby(["row", "metric"])["p"].transform(holm)
        return table

    def difference(self, first: str, second: str, quantity: tuple[str, str]) -> dict[str, float]:
        """One difference, first − second, in either order of the runs.

        Args:
            first: name of a run.
            second: name of another run.
            quantity: one of `quantities`.

        Returns:
            Dictionary with the keys "difference", "low", "high", "p" and "corrected_p".
        """
        found = self._differences_by_name.get((first, second, *quantity))
        if found is not None:
            return found
        found = self._differences_by_name[(second, first, *quantity)]
        turned = {"difference": -found["difference"], "low": -found["high"], "high": -found["low"]}
        return found | turned

    @functools.cached_property
    def _differences_by_name(self) -> dict[tuple, dict]:
        """{(first, second, row, metric): the other columns of `differences`}."""
        return self.differences.set_index(["first", "second", "row", "metric"]).to_dict("index")


def compared_quantities(class_names: Sequence[str]) -> list[tuple[str, str]]:
    """Macro AUROC, pooled G-mean and AUROC of each class, as (row, metric) of `summarize`."""
    return [(MACRO, "auroc"), (POOLED, "g_mean"), *((name, "auroc") for name in class_names)]


def resample_compared(evaluation: Evaluation, weights: np.ndarray) -> np.ndarray:
    """Compute the quantities of `compared_quantities` in each draw of patients.

    Same numbers as from `ecg_tf.evaluation.bootstrap.resample`, but faster, for many draws.

    Args:
        evaluation: the `Evaluation`.
        weights: (draw, record) int32 from `draw_patients`.

    Returns:
        (draw, 2 + class) float64.
    """
    labels = check_binary("labels", evaluation.labels)
    probabilities = check_probabilities(evaluation.probabilities)
    decisions = decide(probabilities, evaluation.thresholds)
    cells = confusion_cells(labels, decisions).sum(axis=1)  # (record, 4): summed over the classes
    pooled = np.concatenate(
        [weights[first : first + _BLOCK] @ cells for first in range(0, len(weights), _BLOCK)]
    )
    aurocs = [
        weighted_auroc_and_average_precision(labels[:, c], probabilities[:, c], weights)[0]
        for c in range(labels.shape[1])
    ]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Mean of empty slice", RuntimeWarning)
        macro = np.nanmean(aurocs, axis=0)  # over the classes with positives and negatives
    return np.column_stack([macro, g_mean(pooled), *aurocs])


def _check_names(names: list[str]) -> None:
    if len(names) < 2:
        raise InputError(f"runs: {', '.join(names) or 'none'}, expected two or more to compare")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(f"runs: {', '.join(twice)} more than once, expected each once")


def _check_same_records(first: ComparedRun, other: ComparedRun) -> None:
    ours, others = first.evaluation, other.evaluation
    if tuple(others.class_names) != tuple(ours.class_names):
        raise InputError(
            f"{other.name}: classes {', '.join(others.class_names)}, but {first.name} has "
            + ", ".join(ours.class_names)
        )
    for name, found, expected in (
        ("ecg_ids", others.ecg_ids, ours.ecg_ids),
        ("patient_ids", others.patient_ids, ours.patient_ids),
        ("labels", others.labels, ours.labels),
    ):
        if not np.array_equal(found, expected):
            raise InputError(
                f"{other.name}: evaluated on other records than {first.name} (different {name}); "
                "expected the same partition of the same data"
            )
