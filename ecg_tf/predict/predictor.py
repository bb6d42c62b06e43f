"""Predict from a run folder or an export."""

import dataclasses
import json

import numpy as np

from ecg_tf.data.ecg_files.any_ecg import SECONDS, Window
from ecg_tf.data.ecg_files.resample import is_resampled
from ecg_tf.data.labels import NORMAL
from ecg_tf.errors import InputError, quoted
from ecg_tf.export.runtimes import find_export, load_export
from ecg_tf.leads import LEADS, SAMPLES, SAMPLING_RATE
from ecg_tf.plausibility import without_problems
from ecg_tf.pretrained import place

_BATCH = 16  # ECGs asked about at once


class Predictor:
    """Answers for raw ECGs, from a run folder or from an export of one.

    It may be called from several threads at once.

    Args:
        path: the folder of either, the file of a LiteRT or ONNX export, or "pretrained:NAME" for a
            shipped network.

    Attributes:
        class_names: tuple of str.
        thresholds: float32 (class,); a class is decided for at probability ≥ threshold.
        leads: tuple of str, the leads that the network looks at.
        simulated: True if the network was trained on simulated ECGs.

    Raises:
        InputError: none of these, a damaged export, or a shipped network with another file than was
            shipped.
    """

    def __init__(self, path):
        self._path, folder = path, place(path)
        form, file = find_export(folder)
        if (folder / "about.json").is_file():  # whatever else lies beside a run
            self._from_ecg, description = _run(folder)
        elif form:
            self._from_ecg, description = load_export(form, file)
        else:
            raise InputError(f"{path}: neither a run folder nor an export")
        self.class_names = tuple(description["class_names"])
        self.thresholds = np.array(description["thresholds"], np.float32)
        self.leads = tuple(description["leads"])
        self.simulated = bool(description["simulated"])

    def __call__(self, ecg_mv):
        """The answer for raw ECGs, however many: they are asked about 16 at a time.

        Args:
            ecg_mv: (batch, 1000, 12), or (1000, 12) for one ECG: millivolt, 10 s at 100 Hz,
                unfiltered, leads I II III AVR AVL AVF V1 … V6.

        Returns:
            A dictionary of numpy arrays: `probabilities` float32 (batch, class) in [0, 1];
            `decisions` int32 (batch, class), 1 where the probability reaches the class's threshold,
            none for a normal ECG (NORM, where it is a class); `valid` bool (batch,), False where a
            lead that the network looks at cannot be an ECG (flat, not finite, of an amplitude that
            no ECG has, padded, clipped: see `ecg_tf.plausibility`), so that the answer means
            nothing; `problems` str (batch,), the reason, and "" for a valid ECG. For one ECG they
            have no batch axis; for a batch of 0 they are empty.

        Raises:
            InputError: another shape, no numbers, or a network whose answer is no number.
        """
        one = (SAMPLES, len(LEADS))
        try:
            with np.errstate(over="ignore"):  # becomes infinite, which is not valid
                ecg = np.asarray(ecg_mv, np.float32)
        except (TypeError, ValueError) as error:
            raise InputError(f"ecg_mv: no array of numbers: {quoted(str(error), 80)}") from error
        if ecg.ndim not in (2, 3) or ecg.shape[-2:] != one:
            raise InputError(
                f"ecg_mv: shape {ecg.shape}, expected (batch, {SAMPLES}, {len(LEADS)}) or {one}: "
                f"millivolt at {SAMPLING_RATE} Hz, leads {' '.join(LEADS)}"
            )
        batch, problems = without_problems(ecg.reshape(-1, *one), LEADS, self.leads)
        answers = [
            self._answer(batch[first : first + _BATCH]) for first in range(0, len(batch), _BATCH)
        ] or [self._no_answer()]
        answer = {key: np.concatenate([part[key] for part in answers]) for key in answers[0]}
        answer["problems"] = np.array(problems, str)
        return {key: value[0] for key, value in answer.items()} if ecg.ndim == 2 else answer

    def _answer(self, ecg):
        answer = {key: np.asarray(value) for key, value in self._from_ecg(ecg).items()}
        if not np.isfinite(answer["probabilities"]).all():
            raise InputError(f"{self._path}: its network answers what is no number; is it damaged?")
        return answer

    def _no_answer(self):
        """The answer for a batch of 0."""
        shape = (0, len(self.class_names))
        return {
            "probabilities": np.zeros(shape, np.float32),
            "decisions": np.zeros(shape, np.int32),
            "valid": np.zeros(0, bool),
        }


def _run(path):
    import tensorflow as tf

    from ecg_tf.runs.ecg_classifier import ECGClassifier
    from ecg_tf.runs.precision import disable_tf32
    from ecg_tf.runs.run_folder import RunFolder

    disable_tf32()
    answers = ECGClassifier(RunFolder.open(path))
    ecg_mv = tf.TensorSpec((None, SAMPLES, len(LEADS)), tf.float32)
    from_ecg = tf.function(answers.from_ecg, input_signature=[ecg_mv])
    return from_ecg, answers.description


@dataclasses.dataclass(frozen=True)
class Prediction:
    """The answer for 10 s of a record.

    From `class_names` on, each field has one entry per class.

    Attributes:
        record: its name.
        start: the first second that was looked at.
        duration: of the record, seconds; 10 if all of it was looked at.
        sampling_rate: of the record, Hz; if it is not 100, or nearly, it was resampled.
        simulated: True for a simulated ECG.
        simulated_training: True if the network was trained on simulated ECGs.
        leads: names of the leads that the network looks at.
        class_names: the classes.
        probabilities: float in [0, 1].
        thresholds: decided for at probability ≥ threshold.
        decisions: 0 or 1.
        window: the `Window` itself.
    """

    record: str
    start: int
    duration: float
    sampling_rate: float
    simulated: bool
    simulated_training: bool
    leads: tuple
    class_names: tuple
    probabilities: tuple
    thresholds: tuple
    decisions: tuple
    window: Window = dataclasses.field(repr=False)

    def json(self):
        """One line of JSON with the fields above but the window."""
        fields = [field.name for field in dataclasses.fields(self) if field.name != "window"]
        return json.dumps({name: getattr(self, name) for name in fields})

    @property
    def diagnoses(self):
        """The names of the classes decided for.

        Where it is none of them, NORM; but "none" of a network of which NORM is a class. Such a
        network can decide for NORM and a disease at once, and then both are named.
        """
        found = [name for name, one in zip(self.class_names, self.decisions, strict=True) if one]
        return " ".join(found) or ("none" if NORMAL in self.class_names else NORMAL)

    @property
    def about(self):
        """What kind of ECG and network this is of, and what was done to the record."""
        remarks = ["simulated ECG" if self.simulated else "ECG"]
        if is_resampled(self.sampling_rate):
            remarks.append(f"resampled from {self.sampling_rate:g} to {SAMPLING_RATE} Hz")
        looked_at = self.window.of * SECONDS
        if self.duration > looked_at:
            windows = f"{self.window.of} windows" if self.window.of > 1 else "one window"
            left = self.duration - looked_at
            remarks.append(f"{windows} of {SECONDS} s, the last {left:.3g} s left out")
        if self.simulated_training:
            remarks.append("network trained on simulated ECGs")
        return ", ".join(remarks)

    def table(self):
        """The same as a small table for the terminal."""
        rows = zip(
            self.class_names, self.probabilities, self.thresholds, self.decisions, strict=True
        )
        return "\n".join(
            [
                f"{self.window.name} ({self.about}): {self.diagnoses}",
                "  class  probability  threshold  decision",
                *(f"  {name:5}  {p:11.3f}  {t:9.3f}  {one:8d}" for name, p, t, one in rows),
            ]
        )
