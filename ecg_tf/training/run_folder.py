"""The run folder: what training writes, and what everything after it reads."""

import csv
import json
import secrets
from pathlib import Path

import keras
import numpy as np

from ecg_tf.errors import InputError
from ecg_tf.files import write_atomically
from ecg_tf.layers import ECGImage, ECGSignal
from ecg_tf.models import find


class RunFolder:
    """A run folder.

    It holds `model.keras` (the bare network of the best epoch, float32), `flags.cfg` (repeats the
    run), `about.json` (what the network looks at and answers, and where it comes from),
    `history.csv`, `loss.png`, `logs/` (TensorBoard) and, once the run is finished,
    `thresholds.json`.

    Args:
        path: the folder.
    """

    def __init__(self, path):
        self.path = Path(path)
        self.model_file = self.path / "model.keras"
        self.history_file = self.path / "history.csv"
        self.logs = self.path / "logs"
        self._about_file = self.path / "about.json"
        self._thresholds_file = self.path / "thresholds.json"

    @classmethod
    def create(cls, path, flagfile, about):
        """A new run folder with its flags and description.

        Raises:
            InputError: the folder is in use.
        """
        run = cls(path)
        if run.path.exists() and (not run.path.is_dir() or any(run.path.iterdir())):
            raise InputError(f"{path}: already in use, expected a missing or empty folder")
        run.path.mkdir(parents=True, exist_ok=True)
        write_atomically(run.path / "flags.cfg", flagfile)
        write_atomically(run._about_file, json.dumps(about, indent=2) + "\n")
        return run

    @classmethod
    def open(cls, path):
        """The folder of a finished run.

        Raises:
            InputError: no run folder, or one whose run has not finished.
        """
        run = cls(path)
        if not run._about_file.is_file():
            raise InputError(f"{path}: no run folder (it holds no about.json); see bin/train.py")
        for file in (run.model_file, run._thresholds_file):
            if not file.is_file():
                raise InputError(f"{path}: this run has not finished (it holds no {file.name})")
        return run

    @property
    def about(self):
        """The description that training wrote, a dictionary: see `ecg_tf.training.train`."""
        return _read_json(self._about_file)

    def network(self):
        """The bare network, float32."""
        try:
            return keras.saving.load_model(self.model_file, compile=False)
        except Exception as error:  # Keras raises whatever its reading trips over
            raise InputError(f"{self.model_file}: cannot be loaded: {error}") from error

    def front(self):
        """The layer that makes the network's input from the raw ecg of the run's leads."""
        about = self.about
        takes = find(about["model"]).takes
        if takes == "image":
            return ECGImage(about["channels"], about["image_size"])
        return ECGSignal() if takes == "signal" else keras.layers.Identity()

    def save_network(self, network):
        """Write model.keras, whole or not at all."""
        temporary = self.path / f".{secrets.token_hex(8)}.keras"
        try:
            network.save(temporary)
            temporary.replace(self.model_file)
        finally:
            temporary.unlink(missing_ok=True)

    @property
    def thresholds(self):
        """float64 (class,): a class is predicted at probability ≥ threshold."""
        thresholds = _read_json(self._thresholds_file)["thresholds"]
        return np.array([thresholds[name] for name in self.about["class_names"]])

    @property
    def threshold_method(self):
        """How the thresholds were chosen: "gmean" (on dev), or "0.5"."""
        return _read_json(self._thresholds_file)["method"]

    def save_thresholds(self, thresholds, method, partition="dev"):
        """Write thresholds.json, which says that the run is finished."""
        named = dict(zip(self.about["class_names"], map(float, thresholds), strict=True))
        content = {"method": method, "partition": partition, "thresholds": named}
        write_atomically(self._thresholds_file, json.dumps(content, indent=2) + "\n")

    def history(self):
        """{column: list of numbers, one per epoch} of history.csv."""
        with self.history_file.open(newline="") as file:
            rows = list(csv.DictReader(file))
        return {name: [float(row[name]) for row in rows] for name in rows[0]} if rows else {}


def _read_json(path):
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read: {error}") from error
