"""All that a report is made of."""

import dataclasses
import functools

import numpy as np
import pandas as pd

from ecg_tf.evaluation.bootstrap import DRAWS, SEED, draw_patients, intervals, resample
from ecg_tf.evaluation.confusion import decide
from ecg_tf.evaluation.metrics import METRICS, NORM, summarize


@dataclasses.dataclass(frozen=True)
class Evaluation:
    """What a run says of the records of a partition, and what is true.

    Attributes:
        about: what was evaluated, a dictionary that JSON can hold: see
            `ecg_tf.runs.evaluate.evaluate`.
        class_names: the classes, in the order of all that follows.
        labels: (record, class) 0/1.
        probabilities: (record, class) in [0, 1].
        thresholds: (class,); a class is predicted at probability ≥ threshold.
        ecg_ids: (record,) whole numbers; None where they are not known.
        patient_ids: (record,); None where they are not known: each record is then taken for a
            patient of its own.
        ecg: float32 (record, time, lead) millivolt; None where there are none.
        leads: names of `ecg`'s last axis.
        draws: of the bootstrap.
        seed: of the bootstrap.
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
    def decisions(self):
        """(record, class) uint8."""
        return decide(self.probabilities, self.thresholds)

    @functools.cached_property
    def summary(self):
        """Counts and metrics, the table of `ecg_tf.evaluation.metrics.summarize`."""
        return summarize(self.labels, self.probabilities, self.thresholds, self.class_names)

    @functools.cached_property
    def intervals(self):
        """Lower and upper ends of the 95 % intervals: two tables of `summary`'s rows and METRICS.

        See `ecg_tf.evaluation.bootstrap`.
        """
        weights = draw_patients(self.labels, self.patient_ids, self.draws, self.seed)
        norm_row = NORM not in self.class_names
        ends = intervals(
            resample(self.labels, self.probabilities, self.thresholds, weights, norm_row)
        )
        return tuple(pd.DataFrame(end, self.summary.index, METRICS) for end in ends)

    def measured(self, row, metric):
        """A number and the ends of its interval: (value, low, high) of a row and a metric."""
        low, high = self.intervals
        return tuple(table.loc[row, metric] for table in (self.summary, low, high))

    @functools.cached_property
    def diseases(self):
        """Where NORM is a class, the `Evaluation` without it; elsewhere None.

        It is measured as that of a network that does not answer NORM.
        """
        if NORM not in self.class_names:
            return None
        return self.restricted([name for name in self.class_names if name != NORM])

    def restricted(self, class_names):
        """The `Evaluation` of some of the classes alone."""
        columns = [list(self.class_names).index(name) for name in class_names]
        return dataclasses.replace(
            self,
            class_names=tuple(class_names),
            labels=self.labels[:, columns],
            probabilities=self.probabilities[:, columns],
            thresholds=self.thresholds[columns],
        )

    @functools.cached_property
    def patients(self):
        """How many patients the records are of; None where it is not known."""
        return None if self.patient_ids is None else len(np.unique(self.patient_ids))
