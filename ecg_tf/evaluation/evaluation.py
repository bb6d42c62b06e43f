"""Evaluations: labels, probabilities and thresholds, and the metrics computed from them."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence

import numpy as np
import pandas as pd

from ecg_tf.evaluation.bootstrap import DRAWS, SEED, draw_patients, intervals, resample
from ecg_tf.evaluation.confusion import decide
from ecg_tf.evaluation.metrics import METRICS
from ecg_tf.evaluation.summary import DISEASES, NORM, none_row, summarize


@dataclasses.dataclass(frozen=True)
class Evaluation:
    """Predictions and labels of a partition, with metrics and confidence intervals.

    Attributes:
        about: description of what was evaluated, as JSON values: see
            `ecg_tf.runs.evaluate.evaluate`.
        class_names: names of the classes.
        labels: (record, class) 0/1.
        probabilities: (record, class) in [0, 1].
        thresholds: (class,) in [0, 1]; a class is predicted if probability ≥ threshold.
        ecg_ids: (record,) integers; None if unknown.
        patient_ids: (record,) integers; None if unknown: each record is then treated as a separate
            patient.
        ecg: (record, time, lead) float32 millivolt; None if there are no ECGs.
        leads: names of the leads of `ecg`.
        draws: number of bootstrap draws.
        seed: seed of the bootstrap.

    See Also:
        `ecg_tf.runs.evaluate.evaluate` evaluates a run; `ecg_tf.reports.report.write_report` writes
        a report.

    Examples:
        >>> import numpy as np
        >>> from ecg_tf.evaluation.evaluation import Evaluation
        >>> evaluation = Evaluation(
        ...     about={},
        ...     class_names=("MI", "CD"),
        ...     labels=np.array([[1, 0], [0, 1], [0, 0], [1, 1]]),
        ...     probabilities=np.array([[0.9, 0.2], [0.4, 0.7], [0.6, 0.1], [0.8, 0.3]]),
        ...     thresholds=np.array([0.5, 0.5]),
        ...     draws=100,
        ... )
        >>> evaluation.decisions.tolist()
        [[1, 0], [0, 1], [1, 0], [1, 0]]
        >>> float(evaluation.summary.loc["macro", "auroc"])
        1.0
        >>> value, low, high = evaluation.measured("MI", "specificity")
        >>> float(value), bool(low <= value <= high)
        (0.5, True)
    """

    about: dict
    class_names: tuple
    labels: np.ndarray
    probabilities: np.ndarray
    thresholds: np.ndarray
    ecg_ids: np.ndarray | None = None
    patient_ids: np.ndarray | None = None
    ecg: np.ndarray | None = None
    leads: tuple = ()
    draws: int = DRAWS
    seed: int = SEED

    @functools.cached_property
    def decisions(self) -> np.ndarray:
        """(record, class) uint8: 1 where the probability reaches the threshold."""
        return decide(self.probabilities, self.thresholds)

    @functools.cached_property
    def summary(self) -> pd.DataFrame:
        """Counts and metrics: the table of `ecg_tf.evaluation.summary.summarize`."""
        return summarize(self.labels, self.probabilities, self.thresholds, self.class_names)

    @functools.cached_property
    def intervals(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Lower and upper ends of the 95 % intervals, from `ecg_tf.evaluation.bootstrap`.

        Two tables with the rows of `summary` and the columns `METRICS`.
        """
        weights = draw_patients(self.labels, self.patient_ids, self.draws, self.seed)
        with_none = none_row(self.class_names) is not None
        ends = intervals(
            resample(self.labels, self.probabilities, self.thresholds, weights, with_none)
        )
        return tuple(pd.DataFrame(end, self.summary.index, METRICS) for end in ends)

    def measured(self, row: str, metric: str) -> tuple[float, float, float]:
        """The value of a metric with the lower and the upper end of its interval.

        Args:
            row: a row of `summary`.
            metric: one of `METRICS`.
        """
        low, high = self.intervals
        return tuple(table.loc[row, metric] for table in (self.summary, low, high))

    @functools.cached_property
    def diseases(self) -> Evaluation | None:
        """The evaluation of the study's four classes alone, if the classes are those and NORM.

        It is comparable with the evaluation of a network that does not predict NORM. None for other
        classes.
        """
        if set(self.class_names) != {*DISEASES, NORM}:
            return None
        return self.restricted([name for name in self.class_names if name != NORM])

    def restricted(self, class_names: Sequence[str]) -> Evaluation:
        """The evaluation of some of the classes.

        Args:
            class_names: names of the classes to keep, in order.
        """
        columns = [list(self.class_names).index(name) for name in class_names]
        return dataclasses.replace(
            self,
            class_names=tuple(class_names),
            labels=self.labels[:, columns],
            probabilities=self.probabilities[:, columns],
            thresholds=self.thresholds[columns],
        )

    @functools.cached_property
    def patients(self) -> int | None:
        """The number of patients; None if unknown."""
        return None if self.patient_ids is None else len(np.unique(self.patient_ids))
