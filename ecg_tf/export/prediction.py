"""Predict from a run folder or an export."""

import dataclasses
import json
from pathlib import Path

import numpy as np

from ecg_tf.data.records import read_record, standard_ecg
from ecg_tf.errors import InputError, RecordError


class Predictor:
    """Answers for raw ECGs, from a run folder or from a SavedModel that was exported from one.

    Args:
        path: the folder of either.

    Attributes:
        class_names: tuple of str.
        thresholds: float32 (class,).

    Raises:
        InputError: neither of the two.
    """

    def __init__(self, path):
        path = Path(path)
        if (path / "saved_model.pb").is_file():
            self._from_ecg, class_names, self.thresholds = _saved_model(path)
        elif (path / "about.json").is_file():
            self._from_ecg, class_names, self.thresholds = _run(path)
        else:
            raise InputError(f"{path}: neither a run folder nor a SavedModel")
        self.class_names = tuple(class_names)

    def __call__(self, ecg_mv):
        """{"probabilities", "decisions", "valid"}: arrays as `Answers.from_ecg` describes them."""
        answer = self._from_ecg(np.asarray(ecg_mv, np.float32))
        return {key: np.asarray(value) for key, value in answer.items()}


def _saved_model(path):
    import tensorflow as tf

    signatures = tf.saved_model.load(str(path)).signatures
    if "describe" not in signatures:
        raise InputError(f"{path}: a SavedModel, but none that bin/export.py wrote")
    description = signatures["describe"]()
    class_names = [name.decode() for name in description["class_names"].numpy()]

    def from_ecg(ecg_mv):
        return signatures["serving_default"](ecg_mv=tf.constant(ecg_mv))

    return from_ecg, class_names, description["thresholds"].numpy()


def _run(path):
    from ecg_tf.export.answers import Answers
    from ecg_tf.training.devices import exact_float32
    from ecg_tf.training.run_folder import RunFolder

    exact_float32()
    answers = Answers(RunFolder.open(path))
    return answers.from_ecg, answers.class_names, answers.thresholds


@dataclasses.dataclass(frozen=True)
class Prediction:
    """The answer for one record; each field but `record` has one entry per class.

    Attributes:
        record: its name.
        simulated: True for a simulated ECG.
        class_names: the classes.
        probabilities: float in [0, 1].
        thresholds: decided for at probability ≥ threshold.
        decisions: 0 or 1; none is 1 for a normal ECG (NORM).
    """

    record: str
    simulated: bool
    class_names: tuple
    probabilities: tuple
    thresholds: tuple
    decisions: tuple

    def json(self):
        """One line of JSON with the fields above."""
        return json.dumps(dataclasses.asdict(self))

    def table(self):
        """The same as a small table for the terminal."""
        found = [name for name, one in zip(self.class_names, self.decisions, strict=True) if one]
        kind = "simulated ECG" if self.simulated else "ECG"
        rows = zip(
            self.class_names, self.probabilities, self.thresholds, self.decisions, strict=True
        )
        return "\n".join(
            [
                f"{self.record} ({kind}): {' '.join(found) or 'NORM'}",
                "  class  probability  threshold  decision",
                *(f"  {name:5}  {p:11.3f}  {t:9.3f}  {one:8d}" for name, p, t, one in rows),
            ]
        )


def predict_record(predictor, path):
    """The `Prediction` of a `Predictor` for a WFDB record: 12 leads, 100 Hz, 10 s.

    Args:
        predictor: a `Predictor`.
        path: the record without ending.

    Raises:
        RecordError: a record that cannot be read, has other leads, rate or length, or a lead that
            is flat or not finite.
    """
    record = read_record(path)
    answer = predictor(standard_ecg(record)[None])
    if not answer["valid"][0]:
        raise RecordError(f"{path}: a lead that the network looks at is flat")
    return Prediction(
        record=str(path),
        simulated=record.simulated,
        class_names=predictor.class_names,
        probabilities=tuple(answer["probabilities"][0].tolist()),
        thresholds=tuple(predictor.thresholds.tolist()),
        decisions=tuple(answer["decisions"][0].tolist()),
    )
