"""Prediction from a run folder or an export."""

from __future__ import annotations

import contextlib
import os
import typing
from collections.abc import Callable

import numpy as np

from ecg_tf.errors import InputError, quoted
from ecg_tf.export.runtimes import find_export, load_export
from ecg_tf.leads import LEADS, SAMPLES, SAMPLING_RATE
from ecg_tf.plausibility import without_problems
from ecg_tf.pretrained import place

if typing.TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ecg_tf.runs.ecg_classifier import ECGClassifier

_BATCH = 32  # ECGs predicted at once; their images are 75 MB


class Predictor:
    """Prediction from raw ECGs by a run folder or an export of one; see `ecg_tf.load`.

    Several threads may call it at once.

    Args:
        path: run folder, folder of an export, file of a LiteRT or ONNX export, "pretrained:NAME"
            for a shipped network, or "hf://OWNER/NAME" for one of the Hugging Face Hub.
        one_core: True to compute each call on one core, for programs that call it from several
            threads at once. TensorFlow then does so in the whole process, unless it has already
            started, and JAX and LiteRT do not change.

    Attributes:
        place: pathlib.Path of the run folder or the export.
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
        self._path, self.place = path, place(path)
        self.classifier = None
        form, file = find_export(self.place)
        if one_core and form in (None, "saved_model"):
            _compute_on_one_core()
        if (self.place / "about.json").is_file():  # whatever else is in the folder of a run
            self.classifier = _open_run(self.place)
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
        ecg = self._checked(ecg_mv)
        one = (self.samples, len(LEADS))
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

    def explain(
        self,
        ecg_mv: np.typing.ArrayLike,
        class_name: str,
        name: str = "ECG",
        simulated: bool = False,
    ) -> Figure:
        """Draw which parts of an ECG influenced the prediction of a class.

        Args:
            ecg_mv: one ECG, (`samples`, 12), as for a prediction.
            class_name: one of `class_names`, predicted or not.
            name: name of the ECG, for the title.
            simulated: True for a simulated ECG; the picture says so.

        Returns:
            A matplotlib figure: the leads that the network takes, coloured by what counts for the
            class and against it.

        Raises:
            InputError: an export, an unknown class, another shape, an ECG that is not valid, or an
                image network that cannot be explained.
        """
        if self.classifier is None:
            raise InputError(
                f"{self._path}: an export, whose layers are not accessible; expected the run "
                "folder that it was exported from"
            )
        if class_name not in self.class_names:
            raise InputError(f"class {class_name!r}: expected one of {', '.join(self.class_names)}")
        ecg = self._checked(ecg_mv)
        if ecg.ndim != 2:
            raise InputError(f"ecg_mv: shape {ecg.shape}, expected one ECG, {ecg.shape[1:]}")
        seconds = self.samples / self.sampling_rate
        _, (found,) = without_problems(ecg[np.newaxis], LEADS, self.leads, seconds)
        if found:
            raise InputError(f"ecg_mv: {found}")
        from ecg_tf.explain.record import explain_ecg

        return explain_ecg(self.classifier, ecg, class_name, name, simulated)

    def _checked(self, ecg_mv: np.typing.ArrayLike) -> np.ndarray:
        """`ecg_mv` as float32, (batch, `samples`, 12) or (`samples`, 12)."""
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
        return ecg

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

    def for_batch(size: int | None) -> Callable:
        ecg_mv = tf.TensorSpec((size, classifier.input_spec.samples, len(LEADS)), tf.float32)
        return tf.function(classifier.predict, input_signature=[ecg_mv], autograph=False)

    # One ECG is predicted sooner by a function of its size; each is compiled when it is needed.
    of_one, of_any = for_batch(1), for_batch(None)
    return lambda ecg_mv: (of_one if len(ecg_mv) == 1 else of_any)(ecg_mv)
