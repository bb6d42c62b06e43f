"""The record of a run folder in a tracker."""

from __future__ import annotations

import contextlib
import json
import os
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

from absl import logging

from ecg_tf.errors import InputError, Interrupted
from ecg_tf.evaluation.evaluation import Evaluation
from ecg_tf.evaluation.metrics import METRICS
from ecg_tf.evaluation.summary import MACRO
from ecg_tf.files import read_json, write_atomically
from ecg_tf.runs.run_folder import RunFolder
from ecg_tf.tracking.trackers import ADDRESSES, load_tracker

_SETTINGS_FILES = ("about.json", "flags.cfg")
_RESULT_FILES = ("history.csv", "loss.png", "thresholds.json")


class TrackedRun:
    """The record of a run folder in a tracker, during training.

    tracked.json of the run folder holds the ID of the record and the number of epochs in it, so
    that a resumed run continues its record. After the start, an error of the tracker is only a
    warning, once. Epochs that are missing are then sent again after the next epoch.

    It is a context manager: leaving it ends the record, as finished, stopped by a signal, or
    failed.

    Args:
        tracker: "mlflow" or "wandb".
        run: the `RunFolder`.

    Raises:
        InputError: an unknown tracker, or its library is not installed.
    """

    def __init__(self, tracker: str, run: RunFolder) -> None:
        self._tracker, self._run = tracker, run
        self._record = load_tracker(tracker)
        self._is_open = self._has_warned = False

    def __enter__(self) -> TrackedRun:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if not self._is_open:
            return
        outcome = "finished" if kind is None else "failed"
        if kind is not None and issubclass(kind, Interrupted | KeyboardInterrupt):
            outcome = "stopped"
        with self._only_warning():
            self._record.close(outcome)

    def start(self, settings: dict[str, object]) -> None:
        """Start a new record, or continue that of the run; log the settings and their files.

        Args:
            settings: {name: value}; those of None are left out.

        Raises:
            InputError: the tracker cannot be reached or refuses the record; tracked.json is
                damaged.
        """
        entries = _read_entries(self._run)
        entry = entries.get(self._tracker, {"id": None, "epochs": 0})
        with _raising_input_error(self._tracker, f"cannot record {self._run.path}"):
            self._id = self._record.open(entry["id"], self._run.name)
            self._is_open = True
            self._epochs = entry["epochs"]
            self._save_entry()
            given = {name: value for name, value in settings.items() if value is not None}
            self._record.begin(given)
            self._log_files(_SETTINGS_FILES)

    def log_epochs(self, history: list[dict]) -> None:
        """Log the completed epochs that the record does not have yet.

        Args:
            history: list of the completed epochs, {column: number} each.
        """
        with self._only_warning():
            for row in history[self._epochs :]:
                figures = {name: value for name, value in row.items() if name != "epoch"}
                self._record.log_epoch(figures, row["epoch"])
                self._epochs = row["epoch"]
                self._save_entry()

    def log_result(self) -> None:
        """Log the figures of the best epoch, the thresholds, and the files of a finished run."""
        history = self._run.history()
        best = history["val_loss"].index(min(history["val_loss"]))
        figures = {
            f"best_{column}": numbers[best]
            for column, numbers in history.items()
            if column == "epoch" or column.startswith("val_")
        }
        names = self._run.metadata.class_names
        for name, threshold in zip(names, self._run.thresholds, strict=True):
            figures[f"threshold_{name}"] = float(threshold)
        with self._only_warning():
            self._record.log_result(figures)
            self._log_files(_RESULT_FILES)

    def _log_files(self, names: tuple[str, ...]) -> None:
        self._record.log_files([self._run.path / name for name in names], "")

    def _save_entry(self) -> None:
        entry = {"id": self._id, "epochs": self._epochs}
        entries = _read_entries(self._run) | {self._tracker: entry}
        write_atomically(self._run.tracked_file, json.dumps(entries, indent=2) + "\n")

    @contextlib.contextmanager
    def _only_warning(self) -> Iterator[None]:
        try:
            yield
        except InputError:  # of the run folder
            raise
        except Exception as error:
            if not self._has_warned:
                logging.warning("%s: %s; training continues", self._tracker, _short(error))
            self._has_warned = True


def check_is_tracked(tracker: str, path: str | os.PathLike) -> None:
    """Check that a run can get a report, without reaching the tracker.

    Args:
        tracker: "mlflow" or "wandb".
        path: the run folder.

    Raises:
        InputError: the run has no record in this tracker, or its library is not installed.
    """
    load_tracker(tracker)
    if tracker not in _read_entries(RunFolder(path)):
        raise InputError(
            f"{path}: has no record in {tracker}; train it with -tracker {tracker} first"
        )


def attach_report(
    tracker: str, path: str | os.PathLike, report: Sequence[Path], evaluation: Evaluation
) -> None:
    """Add a report to the record of a run, and its macro metrics as figures.

    The figures are named after the partition, as in test/auroc; on another data set than that of
    the training, its name comes first.

    Args:
        tracker: "mlflow" or "wandb".
        path: the run folder.
        report: the files of the report; they are recorded in a folder named as theirs.
        evaluation: the `Evaluation` that the report describes.

    Raises:
        InputError: the run has no record in this tracker, or the tracker cannot be reached.
    """
    check_is_tracked(tracker, path)
    run, folder = RunFolder(path), report[0].resolve().parent
    about = evaluation.about
    words = [about["data_set"] if about["external"] else None, about["partition"]]
    prefix = " ".join(word for word in words if word)
    macro = evaluation.summary.loc[MACRO]
    with _raising_input_error(tracker, f"the report in {folder} was not recorded"):
        record = load_tracker(tracker)
        record.open(_read_entries(run)[tracker]["id"], run.name)
        try:
            record.log_result({f"{prefix}/{name}": float(macro[name]) for name in METRICS})
            record.log_files(report, folder.name)
        finally:
            record.close(None)


def _read_entries(run: RunFolder) -> dict[str, dict]:
    """The content of tracked.json: {tracker: {"id": text, "epochs": number}}."""
    if not run.tracked_file.exists():
        return {}
    entries = read_json(run.tracked_file)
    for tracker, entry in entries.items():
        if not (
            isinstance(entry, dict)
            and isinstance(entry.get("id"), str)
            and isinstance(entry.get("epochs"), int)
            and entry["epochs"] >= 0
        ):
            raise InputError(
                f"{run.tracked_file}: {tracker}: expected an ID and a number of epochs; delete the "
                "file to start a new record"
            )
    return entries


@contextlib.contextmanager
def _raising_input_error(tracker: str, what: str) -> Iterator[None]:
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        raise InputError(
            f"{tracker}: {what}: {_short(error)}; see {ADDRESSES[tracker]} in docs/training.md"
        ) from error


def _short(error: Exception) -> str:
    """The message of a library's error on one line."""
    return textwrap.shorten(str(error) or type(error).__name__, 700, placeholder=" …")
