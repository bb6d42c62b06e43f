"""Prediction from a run folder or an export."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import typing
from collections.abc import Callable

import numpy as np

from ecg_tf.data.any_ecg import Window
from ecg_tf.data.ecg_files.resample import is_resampled
from ecg_tf.data.labels import CLASSES, NORMAL
from ecg_tf.errors import InputError, quoted
from ecg_tf.export.runtimes import find_export, load_export
from ecg_tf.leads import LEADS, SAMPLES, SAMPLING_RATE
from ecg_tf.plausibility import without_problems
from ecg_tf.pretrained import place

if typing.TYPE_CHECKING:
    from ecg_tf.runs.ecg_classifier import ECGClassifier

_BATCH = 32  # ECGs predicted at once; their images are 75 MB
_MOST_LINES = 10  # classes in a table


class Predictor:
    """Prediction from raw ECGs by a run folder or an export of one; see `ecg_tf.load`.

    Several threads may call it at once.

    Args:
        path: run folder, folder of an export, file of a LiteRT or ONNX export, or
            "pretrained:NAME" for a shipped network.
        one_core: True to compute each call on one core, for programs that call it from several
            threads at once. TensorFlow then does so in the whole process, unless it has already
            started, and JAX and LiteRT do not change.

    Attributes:
        class_names: tuple of str.
        thresholds: float32 (class,); a class is predicted at probability ≥ threshold.
        leads: tuple of str, the leads that the network takes.
        simulated: True if the network was trained on simulated ECGs.
        sampling_rate: sampling rate of the ECGs that the network takes, Hz.
        samples: number of samples that the network takes.
        classifier: the `ecg_tf.runs.ecg_classifier.ECGClassifier` of a run folder; None for an
            export, whose layers are not accessible.

    Raises:
        InputError: none of these, a damaged export, or a shipped network with other files than
            those that were shipped.

    Examples:
        >>> import numpy as np
        >>> from ecg_tf.data.synthetic import simulate_ecg
        >>> from ecg_tf.predict.predictor import Predictor
        >>> predictor = Predictor("pretrained:gru")
        >>> predictor.leads
        ('I', 'II', 'V2')
        >>> ecg_mv = simulate_ecg(("CD",), np.random.default_rng(0))
        >>> prediction = predictor(ecg_mv[None])
        >>> prediction["probabilities"].shape == (1, len(predictor.class_names))
        True
        >>> prediction["valid"].tolist()
        [True]
    """

    def __init__(self, path: str | os.PathLike, one_core: bool = False) -> None:
        self._path, folder = path, place(path)
        self.classifier = None
        form, file = find_export(folder)
        if one_core and form in (None, "saved_model"):
            _compute_on_one_core()
        if (folder / "about.json").is_file():  # whatever else is in the folder of a run
            self.classifier = _open_run(folder)
            self._predict = _compiled(self.classifier)
            description = self.classifier.description
        elif form:
            self._predict, description = load_export(form, file, one_core)
        else:
            raise InputError(f"{path}: neither a run folder nor an export")
        self.class_names = tuple(description["class_names"])
        self.thresholds = np.array(description["thresholds"], np.float32)
        self.leads = tuple(description["leads"])
        self.simulated = bool(description["simulated"])
        # Exports of older versions do not state them.
        self.sampling_rate = description.get("sampling_rate", SAMPLING_RATE)
        self.samples = description.get("samples", SAMPLES)

    def __call__(self, ecg_mv: np.typing.ArrayLike) -> dict[str, np.ndarray]:
        """Predict from raw ECGs, 32 at a time.

        Args:
            ecg_mv: (batch, `samples`, 12), or (`samples`, 12) for one ECG: millivolt at
                `sampling_rate`, 1000 samples at 100 Hz for most networks, unfiltered, leads I II
                III AVR AVL AVF V1 … V6.

        Returns:
            A dictionary of numpy arrays, without the batch axis for one ECG:

            - `probabilities`: float32 (batch, class) in [0, 1].
            - `decisions`: int32 (batch, class), 1 where the probability reaches the threshold of
              the class. A normal ECG has none, or only NORM where that is a class.
            - `valid`: bool (batch,), False where a lead that the network takes cannot be an ECG
              (flat, not finite, of an amplitude that no ECG has, padded or clipped, see
              `ecg_tf.plausibility`). The prediction then means nothing.
            - `problems`: str (batch,), the reason, "" for a valid ECG.

        Raises:
            InputError: another shape, values that are no numbers, or a network whose probabilities
                are not finite.
        """
        one = (self.samples, len(LEADS))
        try:
            with np.errstate(over="ignore"):  # becomes infinite, which is not valid
                ecg = np.asarray(ecg_mv, np.float32)
        except (TypeError, ValueError) as error:
            raise InputError(f"ecg_mv: no array of numbers: {quoted(str(error), 80)}") from error
        if ecg.ndim not in (2, 3) or ecg.shape[-2:] != one:
            raise InputError(
                f"ecg_mv: shape {ecg.shape}, expected (batch, {self.samples}, {len(LEADS)}) or "
                f"{one}: millivolt at {self.sampling_rate} Hz, leads {' '.join(LEADS)}"
            )
        seconds = self.samples / self.sampling_rate
        ecgs, problems = without_problems(ecg.reshape(-1, *one), LEADS, self.leads, seconds)
        parts = [
            self._predict_batch(ecgs[first : first + _BATCH])
            for first in range(0, len(ecgs), _BATCH)
        ] or [self._empty()]
        prediction = {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}
        prediction["problems"] = np.array(problems, str)
        if ecg.ndim == 2:
            return {key: value[0] for key, value in prediction.items()}
        return prediction

    def _predict_batch(self, ecg: np.ndarray) -> dict[str, np.ndarray]:
        prediction = {key: np.asarray(value) for key, value in self._predict(ecg).items()}
        if not np.isfinite(prediction["probabilities"]).all():
            raise InputError(
                f"{self._path}: the probabilities of its network are not finite; is it damaged?"
            )
        return prediction

    def _empty(self) -> dict[str, np.ndarray]:
        """The prediction for a batch of 0."""
        shape = (0, len(self.class_names))
        return {
            "probabilities": np.zeros(shape, np.float32),
            "decisions": np.zeros(shape, np.int32),
            "valid": np.zeros(0, bool),
        }


def _compute_on_one_core() -> None:
    """Let TensorFlow compute each operation on one core, unless it has already started."""
    import keras

    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        with contextlib.suppress(RuntimeError):
            tf.config.threading.set_intra_op_parallelism_threads(1)


def _open_run(path: str | os.PathLike) -> ECGClassifier:
    from ecg_tf.runs.ecg_classifier import ECGClassifier
    from ecg_tf.runs.precision import disable_tf32
    from ecg_tf.runs.run_folder import RunFolder

    disable_tf32()
    return ECGClassifier(RunFolder.open(path))


def _compiled(classifier: ECGClassifier) -> Callable:
    """The function `classifier.predict`, compiled where that saves time."""
    import keras

    if keras.backend.backend() != "tensorflow":
        return classifier.predict
    import tensorflow as tf

    ecg_mv = tf.TensorSpec((None, classifier.input_spec.samples, len(LEADS)), tf.float32)
    return tf.function(classifier.predict, input_signature=[ecg_mv], autograph=False)


@dataclasses.dataclass(frozen=True)
class Prediction:
    """The prediction for a window of a record.

    From `class_names` to `decisions`, each field has one entry for each class.

    Attributes:
        record: name of the record.
        start: where the window begins, seconds from the beginning of the record.
        duration: length of the record, seconds.
        sampling_rate: sampling rate of the record, Hz. It is resampled unless this is that of the
            network, or nearly.
        simulated: True for a simulated ECG.
        simulated_training: True if the network was trained on simulated ECGs.
        leads: names of the leads that the network takes.
        class_names: names of the classes.
        probabilities: float in [0, 1].
        thresholds: a class is predicted at probability ≥ threshold.
        decisions: 1 for a predicted class, 0 for another.
        window: the `ecg_tf.data.any_ecg.Window` itself.
    """

    record: str
    start: float
    duration: float
    sampling_rate: float
    simulated: bool
    simulated_training: bool
    leads: tuple[str, ...]
    class_names: tuple[str, ...]
    probabilities: tuple[float, ...]
    thresholds: tuple[float, ...]
    decisions: tuple[int, ...]
    window: Window = dataclasses.field(repr=False)

    def json(self) -> str:
        """The fields but for the window, as one line of JSON."""
        fields = [field.name for field in dataclasses.fields(self) if field.name != "window"]
        return json.dumps({name: getattr(self, name) for name in fields})

    @property
    def diagnoses(self) -> str:
        """The names of the predicted classes, with commas between them.

        If there are none: "NORM" if the classes are the four of the study, otherwise "none". A
        network with the class NORM may predict it and a disease together; both are then named.
        """
        found = [name for name, one in zip(self.class_names, self.decisions, strict=True) if one]
        return ", ".join(found) or (NORMAL if set(self.class_names) == set(CLASSES) else "none")

    def shown(self, most: int) -> list[int]:
        """Choose the classes to show where there is not room for all.

        Args:
            most: maximum number of classes.

        Returns:
            Positions of classes, in order: the predicted ones before others, and then those of the
            largest probability.
        """
        decided, probable = np.array(self.decisions), np.array(self.probabilities)
        return sorted(np.lexsort([-probable, -decided])[:most].tolist())

    @property
    def about(self) -> str:
        """Remarks on the ECG, the network and how the record was processed, as text."""
        remarks = ["simulated ECG" if self.simulated else "ECG"]
        rate, seconds = self.window.ecg_rate, self.window.seconds
        if is_resampled(self.sampling_rate, rate):
            remarks.append(f"resampled from {self.sampling_rate:g} to {rate} Hz")
        used = self.window.of * seconds
        if self.duration > used:
            windows = f"{self.window.of} windows" if self.window.of > 1 else "one window"
            left = self.duration - used
            remarks.append(f"{windows} of {seconds:.6g} s, the last {left:.3g} s left out")
        if self.simulated_training:
            remarks.append("network trained on simulated ECGs")
        return ", ".join(remarks)

    def table(self) -> str:
        """The prediction as a table for the terminal: a line for each of up to ten classes."""
        shown = self.shown(_MOST_LINES)
        width = max(5, *(len(self.class_names[k]) for k in shown))
        lines = [
            f"{self.window.name} ({self.about}): {self.diagnoses}",
            f"  {'class':{width}}  probability  threshold  decision",
            *(
                f"  {self.class_names[k]:{width}}  {self.probabilities[k]:11.3f}  "
                f"{self.thresholds[k]:9.3f}  {self.decisions[k]:8d}"
                for k in shown
            ),
        ]
        left = len(self.class_names) - len(shown)
        if left:
            lines.append(f"  {left} more classes: see -json")
        return "\n".join(lines)
