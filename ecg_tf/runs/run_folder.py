"""The run folder: what training writes, and what everything after it reads."""

import contextlib
import csv
import fcntl
import io
import json
import os
import shutil
from pathlib import Path

import numpy as np

from ecg_tf.errors import InputError, quoted
from ecg_tf.files import TEMPORARY, read_bytes, read_json, replaced_atomically, write_atomically
from ecg_tf.models import preprocessor
from ecg_tf.places import make_folder, writing
from ecg_tf.pretrained import place
from ecg_tf.runs.history_file import check_history
from ecg_tf.runs.run_metadata import RunMetadata
from ecg_tf.runs.saved_network import open_network
from ecg_tf.runs.thresholds_file import check_thresholds

_MOST_TEXT = 2**24  # bytes of flags.cfg and history.csv

# In the order in which an overwritten run loses them: without thresholds it is not finished, and
# without a description no run.
_OWN = (
    "thresholds.json",
    "model.keras",
    "seen.npz",
    "state",
    "logs",
    "history.csv",
    "loss.png",
    "about.json",
    "flags.cfg",
)


class RunFolder:
    """A run folder.

    It holds `model.keras` (the bare network of the best epoch, float32), `flags.cfg` (repeats the
    run), `about.json` (see `RunMetadata`), `seen.npz`
    (which records it was trained on, see `ecg_tf.runs.seen`), `history.csv`, `loss.png`,
    `logs/` (TensorBoard), `state/` until the run is finished (to go on from, see
    `ecg_tf.training.state`), and from then on `thresholds.json`.

    Args:
        path: the folder.
    """

    def __init__(self, path):
        self.path = Path(path)
        self.model_file = self.path / "model.keras"
        self.state_file = self.path / "state" / "epoch.npz"
        self.seen_file = self.path / "seen.npz"
        self.logs = self.path / "logs"
        self._about_file = self.path / "about.json"
        self._flags_file = self.path / "flags.cfg"
        self._history_file = self.path / "history.csv"
        self._thresholds_file = self.path / "thresholds.json"

    @classmethod
    def create(cls, path, flagfile, metadata):
        """A new run folder with its flags and description.

        Raises:
            InputError: the folder is in use.
        """
        run = cls(path)
        if run.path.exists() and (not run.path.is_dir() or any(map(_in_use, run.path.iterdir()))):
            raise InputError(f"{path}: already in use, expected a missing or empty folder")
        make_folder(run.path)
        run.begin(flagfile, metadata)
        return run

    @classmethod
    def open(cls, path):
        """The folder of a finished run.

        Args:
            path: the folder, or "pretrained:NAME" for a shipped network.

        Raises:
            InputError: no run folder, or one whose run has not finished; no such shipped network,
                or one with another file than was shipped; a description or thresholds that are
                damaged.
        """
        run = cls(place(path))
        if not run.exists:
            raise InputError(f"{path}: no run folder (it holds no about.json); see ecg_tf train")
        for file in (run.model_file, run._thresholds_file):
            if not file.is_file():
                raise InputError(
                    f"{path}: this run has not finished (it holds no {file.name}); the command "
                    "that began it goes on with it"
                )
        run._checked_thresholds()
        return run

    def begin(self, flagfile, metadata):
        """Write flags and description into the folder, which holds no run."""
        make_folder(self.state_file.parent)
        write_atomically(self._flags_file, flagfile)
        write_atomically(self._about_file, json.dumps(metadata.to_json(), indent=2) + "\n")

    @property
    def exists(self):
        """Whether there is a run in the folder, finished or not."""
        return self._about_file.is_file()

    @property
    def is_finished(self):
        """Whether training has come to its end."""
        return self._thresholds_file.is_file()

    @contextlib.contextmanager
    def locked(self):
        """No other process trains in this folder meanwhile; it is made if it is missing.

        Raises:
            InputError: another process does, or the folder cannot be made.
        """
        make_folder(self.path)
        with writing(self.path):
            descriptor = os.open(self.path, os.O_RDONLY)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise InputError(f"{self.path}: another process is training in it") from None
            yield
        finally:
            os.close(descriptor)

    def remove(self):
        """Delete all that training wrote here, and nothing else."""
        with writing(self.path):
            for name in _OWN:
                file = self.path / name
                if file.is_dir():
                    shutil.rmtree(file)
                else:
                    file.unlink(missing_ok=True)

    @property
    def metadata(self):
        """The `ecg_tf.runs.run_metadata.RunMetadata` in about.json.

        Raises:
            InputError: about.json cannot be read or is damaged.
        """
        return RunMetadata.from_json(read_json(self._about_file), self._about_file)

    @property
    def flags(self):
        """{flag: text} of flags.cfg.

        Raises:
            InputError: it cannot be read, or has a line that is no --flag=text.
        """
        flags = {}
        for line in _read_text(self._flags_file).splitlines():
            flag, sign, text = line.partition("=")
            if not (flag.startswith("--") and len(flag) > 2 and sign):
                raise InputError(f"{self._flags_file}: {quoted(line)}, expected --flag=text")
            flags[flag.removeprefix("--")] = text
        return flags

    def other_flags(self, settings, may_change):
        """What this run's flags have otherwise than `settings`, as "epochs 3, now 4".

        Args:
            settings: `ecg_tf.training.settings.Settings`.
            may_change: names of flags that are not looked at.
        """
        wanted = dict(
            line.removeprefix("--").split("=", 1) for line in settings.flagfile().splitlines()
        )
        found = self.flags
        return [
            f"{name} {found.get(name, 'not set')}, now {wanted.get(name, 'not set')}"
            for name in sorted({*found, *wanted} - may_change)
            if found.get(name) != wanted.get(name)
        ]

    def save_flags(self, flagfile):
        """Write flags.cfg anew."""
        write_atomically(self._flags_file, flagfile)

    @property
    def input_spec(self):
        """The `ecg_tf.input_spec.InputSpec` of the network."""
        return self.metadata.input_spec

    def network(self, policy="float32"):
        """The bare network, made anew by the description and given the weights of model.keras.

        Args:
            policy: name of the Keras dtype policy.

        Raises:
            InputError: a file that is damaged, or of another network than described.
        """
        return open_network(self.metadata, self.model_file, policy)

    def preprocessor(self):
        """The layer that makes the network's input from the raw ecg of the run's leads."""
        return preprocessor(self.input_spec)

    def save_network(self, network):
        """Write model.keras, whole or not at all."""
        with replaced_atomically(self.model_file, ".keras") as temporary:
            network.save(temporary)

    @property
    def thresholds(self):
        """float64 (class,): a class is predicted at probability ≥ threshold."""
        thresholds = self._checked_thresholds()["thresholds"]
        return np.array([thresholds[name] for name in self.metadata.class_names], np.float64)

    @property
    def threshold_method(self):
        """How the thresholds were chosen: "gmean" (on dev), or "0.5"."""
        return self._checked_thresholds()["method"]

    def _checked_thresholds(self):
        content = read_json(self._thresholds_file)
        return check_thresholds(content, self.metadata.class_names, self._thresholds_file)

    def finish(self, thresholds, method, partition="dev"):
        """Write thresholds.json, which says that the run is finished, and clear the state away."""
        named = dict(zip(self.metadata.class_names, map(float, thresholds), strict=True))
        content = {"method": method, "partition": partition, "thresholds": named}
        write_atomically(self._thresholds_file, json.dumps(content, indent=2) + "\n")
        with writing(self.path):
            shutil.rmtree(self.state_file.parent)

    def save_history(self, history):
        """Write history.csv.

        Args:
            history: a list of {column: number}, one for each epoch.
        """
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, history[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(history)
        write_atomically(self._history_file, text.getvalue())

    @property
    def has_history(self):
        """Whether there is a history.csv; weights from elsewhere have none."""
        return self._history_file.is_file()

    def history(self):
        """{column: list of numbers, one per epoch} of history.csv.

        Raises:
            InputError: it cannot be read, or it is damaged.
        """
        try:
            rows = list(csv.DictReader(io.StringIO(_read_text(self._history_file), newline="")))
        except csv.Error as error:
            raise InputError(f"{self._history_file}: cannot be read: {error}") from error
        return check_history(rows, self.metadata.class_names, self._history_file)


def _in_use(file):
    """Whether a run that was killed in its first moment cannot have left this file."""
    return file.name not in ("flags.cfg", "state") and not file.name.startswith(TEMPORARY)


def _read_text(path):
    try:
        return read_bytes(path, _MOST_TEXT).decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: no text in UTF-8") from error
