"""Predict from a run folder or an export."""

import dataclasses
import json
from pathlib import Path

import numpy as np

from ecg_tf.data.records import read_record, standard_ecg
from ecg_tf.errors import InputError, RecordError
from ecg_tf.leads import LEADS


class Predictor:
    """Answers for raw ECGs, from a run folder or from a SavedModel that was exported from one.

    Args:
        path: the folder of either.

    Attributes:
        class_names: tuple of str.
        thresholds: float32 (class,).
        leads: tuple of str, the leads that the network looks at.
        simulated: True if the network was trained on simulated ECGs.

    Raises:
        InputError: neither of the two.
    """

    def __init__(self, path):
        path = Path(path)
        if (path / "saved_model.pb").is_file():
            self._from_ecg, description = _saved_model(path)
        elif (path / "about.json").is_file():
            self._from_ecg, description = _run(path)
        else:
            raise InputError(f"{path}: neither a run folder nor a SavedModel")
        self.class_names = tuple(description["class_names"])
        self.thresholds = description["thresholds"]
        self.leads = tuple(description["leads"])
        self.simulated = bool(description["simulated"])

    def __call__(self, ecg_mv):
        """{"probabilities", "decisions", "valid"}: arrays as `Answers.from_ecg` describes them."""
        answer = self._from_ecg(np.asarray(ecg_mv, np.float32))
        return {key: np.asarray(value) for key, value in answer.items()}


def _saved_model(path):
    """The function from ecg_mv to the answer, and the description of the network."""
    import tensorflow as tf

    signatures = tf.saved_model.load(str(path)).signatures
    if "describe" not in signatures:
        raise InputError(f"{path}: a SavedModel, but none that bin/export.py wrote")
    description = {key: value.numpy() for key, value in signatures["describe"]().items()}
    for key in ("class_names", "leads"):
        description[key] = [name.decode() for name in description[key]]

    def from_ecg(ecg_mv):
        return signatures["serving_default"](ecg_mv=tf.constant(ecg_mv))

    return from_ecg, description


def _run(path):
    from ecg_tf.export.answers import Answers
    from ecg_tf.training.devices import exact_float32
    from ecg_tf.training.run_folder import RunFolder

    exact_float32()
    answers = Answers(RunFolder.open(path))
    names = ("class_names", "thresholds", "leads", "simulated")
    return answers.from_ecg, {name: getattr(answers, name) for name in names}


@dataclasses.dataclass(frozen=True)
class Prediction:
    """The answer for one record; each field but `record` has one entry per class.

    Attributes:
        record: its name.
        simulated: True for a simulated ECG.
        simulated_training: True if the network was trained on simulated ECGs.
        class_names: the classes.
        probabilities: float in [0, 1].
        thresholds: decided for at probability ≥ threshold.
        decisions: 0 or 1; none is 1 for a normal ECG (NORM).
    """

    record: str
    simulated: bool
    simulated_training: bool
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
        kind += ", network trained on simulated ECGs" if self.simulated_training else ""
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
    ecg = standard_ecg(record)
    answer = predictor(ecg[None])
    if not answer["valid"][0]:
        flat = [name for name in predictor.leads if not np.ptp(ecg[:, LEADS.index(name)])]
        raise RecordError(f"{path}: lead {', '.join(flat)} is flat, and the network looks at it")
    return Prediction(
        record=str(path),
        simulated=record.simulated,
        simulated_training=predictor.simulated,
        class_names=predictor.class_names,
        probabilities=tuple(answer["probabilities"][0].tolist()),
        thresholds=tuple(predictor.thresholds.tolist()),
        decisions=tuple(answer["decisions"][0].tolist()),
    )
