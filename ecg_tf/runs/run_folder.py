"""The run folder: training writes it, everything after training reads it."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

import keras
import numpy as np

from ecg_tf.errors import InputError
from ecg_tf.files import TEMPORARY, read_json, replaced_atomically, write_atomically
from ecg_tf.input_spec import InputSpec
from ecg_tf.models import fold_batch_normalization, preprocessor
from ecg_tf.places import make_folder, writing
from ecg_tf.pretrained import place
from ecg_tf.pretrained.hub import is_on_hub
from ecg_tf.runs.flags_file import flags_of, read_flags, with_younger_flags
from ecg_tf.runs.history_file import read_history, write_history
from ecg_tf.runs.run_metadata import RunMetadata
from ecg_tf.runs.saved_network import open_network
from ecg_tf.runs.thresholds_file import check_thresholds

# In the order of deletion: a folder without thresholds.json holds no finished run, and one without
# about.json no run.
_OWN = (
    *("thresholds.json", "model.keras", "seen.npz", "state", "logs", "tracked.json"),
    *("history.csv", "loss.png", "about.json", "flags.cfg"),
)


class RunFolder:
    """The folder of a training run.

    Its files:

    - `about.json`: the metadata, see `ecg_tf.runs.run_metadata.RunMetadata`.
    - `flags.cfg`: the flags of the run; its command with `-flagfile flags.cfg` repeats it.
    - `model.keras`: the bare network of the best epoch, float32.
    - `seen.npz`: hashes of the records that it was trained on, see `ecg_tf.runs.seen`.
    - `history.csv`, `loss.png`: losses and metrics of each epoch.
    - `logs/`: logs for TensorBoard.
    - `tracked.json`: IDs of its records in trackers, see `ecg_tf.tracking.tracked_run`.
    - `state/`: the state to resume from, until the run is finished, see `ecg_tf.training.state`.
    - `thresholds.json`: the thresholds of a finished run.

    Use `RunFolder.open` for a finished run.

    Args:
        path: the folder.
        name: the name in logs and comparisons. Default: that of the folder.

    Examples:
        >>> from ecg_tf.runs.run_folder import RunFolder
        >>> run = RunFolder.open("pretrained:gru")
        >>> run.metadata.model, run.metadata.class_names
        ('gru', ('MI', 'STTC', 'CD', 'HYP'))
        >>> run.input_spec.shape
        (1000, 3)
        >>> run.thresholds.shape
        (4,)
        >>> signal = run.preprocessor()(np.zeros((2, 1000, 3), np.float32))  # millivolt
        >>> run.network()(signal).shape  # logits
        TensorShape([2, 4])
    """

    def __init__(self, path: str | os.PathLike, name: str | None = None) -> None:
        self.path = Path(path)
        self.name = name or self.path.resolve().name
        self._shown = name or str(self.path)
        self.model_file = self.path / "model.keras"
        self.state_file = self.path / "state" / "epoch.npz"
        self.seen_file = self.path / "seen.npz"
        self.logs = self.path / "logs"
        self.tracked_file = self.path / "tracked.json"
        self._about_file = self.path / "about.json"
        self._flags_file = self.path / "flags.cfg"
        self._history_file = self.path / "history.csv"
        self._thresholds_file = self.path / "thresholds.json"

    @classmethod
    def create(cls, path: str | os.PathLike, flagfile: str, metadata: RunMetadata) -> RunFolder:
        """Make a run folder.

        Args:
            path: the folder, missing or empty.
            flagfile: content of flags.cfg.
            metadata: `RunMetadata` of the run.

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
    def open(cls, path: str | os.PathLike) -> RunFolder:
        """Open the folder of a finished run.

        Args:
            path: the folder, or a name that `ecg_tf.pretrained.place` resolves.

        Raises:
            InputError: no run folder, a run that has not finished, no such shipped network or one
                with a file that was changed, damaged metadata or thresholds.
        """
        run = cls(place(path), str(path) if is_on_hub(path) else None)
        if not run.exists:
            raise InputError(f"{path}: no run folder (it holds no about.json); see ecg_tf train")
        for file in (run.model_file, run._thresholds_file):
            if not file.is_file():
                raise InputError(
                    f"{path}: this run has not finished (it holds no {file.name}); run its command "
                    "again to resume it"
                )
        run._checked_thresholds()
        return run

    def begin(self, flagfile: str, metadata: RunMetadata) -> None:
        """Write flags.cfg and about.json into a folder without a run."""
        make_folder(self.state_file.parent)
        write_atomically(self._flags_file, flagfile)
        write_atomically(self._about_file, json.dumps(metadata.to_json(), indent=2) + "\n")

    def __str__(self) -> str:
        """The path, or "hf://OWNER/NAME", as messages show it."""
        return self._shown

    @property
    def exists(self) -> bool:
        """True if there is a run in the folder, finished or not."""
        return self._about_file.is_file()

    @property
    def is_finished(self) -> bool:
        """True if training has finished."""
        return self._thresholds_file.is_file()

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes from training in this folder; it is made if it is missing.

        Raises:
            InputError: another process trains in it, or it cannot be made.
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

    def remove(self) -> None:
        """Delete the files that training wrote, and no others."""
        with writing(self.path):
            for name in _OWN:
                file = self.path / name
                if file.is_dir():
                    shutil.rmtree(file)
                else:
                    file.unlink(missing_ok=True)

    @property
    def metadata(self) -> RunMetadata:
        """The `ecg_tf.runs.run_metadata.RunMetadata` in about.json, read anew each time.

        Raises:
            InputError: about.json cannot be read or is damaged.
        """
        return RunMetadata.from_json(read_json(self._about_file), self._about_file)

    @property
    def flags(self) -> dict[str, str]:
        """{flag: text} of flags.cfg.

        Raises:
            InputError: flags.cfg cannot be read, or has a line that is no --flag=text.
        """
        return read_flags(self._flags_file)

    def other_flags(self, settings: object, may_change: Collection[str]) -> list[str]:
        """Describe the differences between this run's flags and `settings`, as "epochs 3, now 4".

        Args:
            settings: `ecg_tf.training.settings.Settings`.
            may_change: names of flags that may differ.
        """
        wanted, found = flags_of(settings), with_younger_flags(self.flags, settings)
        return [
            f"{name} {found.get(name, 'not set')}, now {wanted.get(name, 'not set')}"
            for name in sorted({*found, *wanted} - may_change)
            if found.get(name) != wanted.get(name)
        ]

    def save_flags(self, flagfile: str) -> None:
        """Overwrite flags.cfg."""
        write_atomically(self._flags_file, flagfile)

    @property
    def input_spec(self) -> InputSpec:
        """The `ecg_tf.input_spec.InputSpec` of the network."""
        return self.metadata.input_spec

    def network(self, policy: str = "float32") -> keras.Model:
        """Build the bare network from the metadata and load the weights of model.keras.

        Args:
            policy: name of the Keras dtype policy.

        Returns:
            keras.Model from the input to float32 logits (batch, class).

        Raises:
            InputError: model.keras is damaged, or of another network than about.json describes.
        """
        return open_network(self.metadata, self.model_file, policy)

    def inference_network(self, policy: str = "float32") -> keras.Model:
        """Build the network of `network` for inference only.

        Batch normalizations are part of the convolutions before them: its outputs differ from those
        of `network` by rounding errors.
        """
        network = self.network(policy)
        fold_batch_normalization(network)
        return network

    def preprocessor(self) -> keras.layers.Layer:
        """Build the layer that makes the network's input from the raw ECG of the run's leads."""
        return preprocessor(self.input_spec)

    def save_network(self, network: keras.Model) -> None:
        """Write model.keras, whole or not at all."""
        with replaced_atomically(self.model_file, ".keras") as temporary:
            network.save(temporary)

    @property
    def thresholds(self) -> np.ndarray:
        """float64 (class,): a class is predicted at probability ≥ threshold."""
        thresholds = self._checked_thresholds()["thresholds"]
        return np.array([thresholds[name] for name in self.metadata.class_names], np.float64)

    @property
    def threshold_method(self) -> str:
        """Method by which the thresholds were chosen: "gmean" (on dev), or "0.5"."""
        return self._checked_thresholds()["method"]

    def _checked_thresholds(self) -> dict:
        content = read_json(self._thresholds_file)
        return check_thresholds(content, self.metadata.class_names, self._thresholds_file)

    def finish(
        self, thresholds: Iterable[float], method: str, partition: str | None = "dev"
    ) -> None:
        """Write thresholds.json, which marks the run as finished, and delete the state."""
        named = dict(zip(self.metadata.class_names, map(float, thresholds), strict=True))
        content = {"method": method, "partition": partition, "thresholds": named}
        write_atomically(self._thresholds_file, json.dumps(content, indent=2) + "\n")
        with writing(self.path):
            shutil.rmtree(self.state_file.parent)

    def save_history(self, history: list[dict]) -> None:
        """Write history.csv.

        Args:
            history: a list of {column: number}, one for each epoch.
        """
        write_history(self._history_file, history)

    @property
    def has_history(self) -> bool:
        """True if there is a history.csv; converted networks have none."""
        return self._history_file.is_file()

    def history(self) -> dict[str, list[float]]:
        """{column: list of numbers, one for each epoch} of history.csv.

        Raises:
            InputError: history.csv cannot be read or is damaged.
        """
        return read_history(self._history_file, self.metadata.class_names)


def _in_use(file: Path) -> bool:
    """True unless an interrupted start may have left this file."""
    return file.name not in ("flags.cfg", "state") and not file.name.startswith(TEMPORARY)
