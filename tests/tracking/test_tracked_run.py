"""Runs recorded in MLflow, in a folder, and in W&B, offline: what the trackers then hold."""

import contextlib
import dataclasses
import importlib.util
import json
import math
import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import commands_here
import pytest
import wandb_file
from eager import train

from ecg_tf.errors import InputError, Interrupted
from ecg_tf.runs.run_folder import RunFolder
from ecg_tf.tracking.tracked_run import TrackedRun
from ecg_tf.tracking.trackers import load_tracker
from ecg_tf.training import stopping

ROOT = Path(__file__).resolve().parents[2]
SETTINGS_FILES = {"about.json", "flags.cfg"}
RESULT_FILES = {"history.csv", "loss.png", "thresholds.json"}
REPORT_FILES = {"predictions.csv", "confusion.csv", "report.html", "report.json"}
TRACKERS = [
    pytest.param(
        name,
        marks=pytest.mark.skipif(
            importlib.util.find_spec(name) is None, reason=f"{name} is not installed"
        ),
    )
    for name in ("mlflow", "wandb")
]
needs_mlflow = TRACKERS[0].marks


class SignalInEpoch2(stopping.StopOnNonFiniteLoss):
    def on_train_batch_end(self, batch, logs=None):
        if self._epoch == 2:
            os.kill(os.getpid(), signal.SIGTERM)


@pytest.fixture
def place(tmp_path, monkeypatch):
    """An empty working folder, and trackers that write into it."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("MLFLOW_", "WANDB_"))]:
        monkeypatch.delenv(name)
    # MLflow no longer develops its file store, and asks for this.
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"file:{tmp_path}/store")
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "ecg")
    monkeypatch.setenv("WANDB_MODE", "offline")
    yield tmp_path
    _end_wandb()


def _end_wandb():
    """Wait until W&B has written its files; it then reads its environment variables anew."""
    if sys.modules.get("wandb"):
        sys.modules["wandb"].teardown()


@dataclasses.dataclass
class Found:
    """A record as the tracker holds it; `epochs` is {column: {epoch: number}}."""

    name: str
    outcome: str
    settings: dict
    epochs: dict
    figures: dict
    files: dict  # {path: bytes}
    ids: set


def in_mlflow(place, run_id):
    from mlflow.tracking import MlflowClient

    client = MlflowClient()
    (experiment,) = client.search_experiments(filter_string="name = 'ecg'")
    runs = client.search_runs([experiment.experiment_id])
    (run,) = [run for run in runs if run.info.run_id == run_id]
    files = Path(run.info.artifact_uri.removeprefix("file://"))
    return Found(
        name=run.info.run_name,
        outcome={"FINISHED": "finished", "KILLED": "stopped", "FAILED": "failed"}[run.info.status],
        settings=run.data.params,
        epochs={
            name: {point.step: point.value for point in client.get_metric_history(run_id, name)}
            for name in run.data.metrics
        },
        figures=run.data.metrics,
        files={str(f.relative_to(files)): f.read_bytes() for f in files.rglob("*") if f.is_file()},
        ids={run.info.run_id for run in runs},
    )


def in_wandb(place, run_id):
    """What all offline runs of an ID say together, as W&B joins them on its server."""
    _end_wandb()
    name, outcome, found = None, None, Found("", "", {}, {}, {}, {}, set())
    for folder in sorted(place.glob("wandb/offline-run-*"), key=lambda path: path.stat().st_mtime):
        found.ids.add(folder.name.rpartition("-")[2])
        (file,) = folder.glob("*.wandb")
        records = wandb_file.all_records(file)
        name = name or next(r.run.display_name for r in records if r.HasField("run"))
        outcome = records[-1].exit.exit_code
        found.settings |= wandb_file.config(records)
        for epoch, figures in wandb_file.history(records).items():
            for column, number in figures.items():
                found.epochs.setdefault(column, {})[epoch] = number
        found.figures |= wandb_file.summary(records)
        files = folder / "files"
        found.files |= {
            str(f.relative_to(files)): f.read_bytes() for f in files.rglob("*") if f.is_file()
        }
        assert not [r for r in records if r.HasField("environment") or r.HasField("output_raw")]
    found.name, found.outcome = name, {0: "finished", 255: "stopped", 1: "failed"}[outcome]
    return found


def found(tracker, run):
    run_id = json.loads(run.tracked_file.read_text())[tracker]["id"]
    return {"mlflow": in_mlflow, "wandb": in_wandb}[tracker](Path.cwd(), run_id)


def contents(folder, names):
    return {name: (folder / name).read_bytes() for name in names}


def assert_epochs(record, history):
    """The figures of each epoch are those of history.csv."""
    numbers = [int(epoch) for epoch in history.pop("epoch")]
    for column, values in history.items():
        logged = record.epochs[column]
        assert list(logged) == numbers, column
        for value, expected in zip(logged.values(), values, strict=True):
            assert value == expected or math.isnan(float(value)) == math.isnan(expected)


@pytest.mark.parametrize("tracker", TRACKERS)
def test_a_stopped_and_resumed_run_has_one_record(
    tracker, signal_settings, place, monkeypatch, capfd
):
    settings = dataclasses.replace(signal_settings, path_save_model=str(place / "gru"), epochs=2)
    run = RunFolder(settings.path_save_model)
    with monkeypatch.context() as context:
        context.setattr("ecg_tf.training.train.StopOnNonFiniteLoss", SignalInEpoch2)
        with pytest.raises(Interrupted):
            train(settings, tracker=tracker)
    stopped = found(tracker, run)
    assert (stopped.name, stopped.outcome) == ("gru", "stopped")
    assert set(stopped.epochs["loss"]) == {1}
    assert stopped.files == contents(run.path, SETTINGS_FILES)
    assert stopped.settings["learning_rate"] in (settings.learning_rate, "0.001")
    assert stopped.settings["leads"] in (["I", "II", "V2"], "I,II,V2")
    assert "clip_norm" not in stopped.settings

    settings = dataclasses.replace(settings, patience=30)
    train(settings, tracker=tracker)
    finished = found(tracker, run)
    assert finished.ids == stopped.ids
    assert (finished.name, finished.outcome) == ("gru", "finished")
    history = run.history()
    best = history["val_loss"].index(min(history["val_loss"]))
    assert_epochs(finished, run.history())
    assert finished.files == contents(run.path, SETTINGS_FILES | RESULT_FILES)
    assert finished.figures["best_epoch"] == best + 1
    assert finished.figures["best_val_auroc"] == history["val_auroc"][best]
    assert finished.figures["threshold_MI"] == run.thresholds[0]

    words = f"ecg_tf evaluate -path_model gru -data {settings.data} -partition test"
    assert not commands_here.run([*words.split(), "-report", "reports/a", "-tracker", tracker])
    evaluated = found(tracker, run)
    assert evaluated.ids == stopped.ids
    assert evaluated.outcome == "finished"
    report = contents(place / "reports/a", REPORT_FILES)
    assert evaluated.files == finished.files | {f"a/{name}": report[name] for name in report}
    macro = json.loads(report["report.json"])["metrics"]["macro"]
    assert evaluated.figures["test/auroc"] == macro["auroc"]
    assert tracker not in capfd.readouterr().out.lower()


@pytest.fixture
def copy(signal_run, place):
    """A finished run, and a history of three epochs."""
    run = RunFolder(shutil.copytree(signal_run.path, place / "gru"))
    return run, [{"epoch": epoch, "val_loss": 1 / epoch} for epoch in (1, 2, 3)]


@needs_mlflow[0]
def test_epochs_are_sent_again_after_a_tracker_was_away(copy, caplog):
    run, history = copy
    with contextlib.suppress(ZeroDivisionError), TrackedRun("mlflow", run) as tracked:
        tracked.start({"seed": 42})
        tracked.log_epochs(history[:1])
        Path("store").rename("away")
        tracked.log_epochs(history[:2])
        tracked.log_epochs(history[:2])
        tracked.log_result()
        (line,) = [one.getMessage() for one in caplog.records if one.name == "absl"]
        assert line.startswith("mlflow: ")
        assert line.endswith("; training continues")
        shutil.rmtree("store", ignore_errors=True)
        Path("away").rename("store")
        tracked.log_epochs(history)
        raise ZeroDivisionError
    record = found("mlflow", run)
    assert record.epochs["val_loss"] == {1: 1, 2: 1 / 2, 3: 1 / 3}
    assert record.outcome == "failed"


@needs_mlflow[0]
def test_names_of_classes_may_have_any_characters(copy):
    run, _ = copy
    with TrackedRun("mlflow", run) as tracked:
        tracked.start({})
        tracked.log_epochs([{"epoch": 1, "val_auroc_1° (AVB)": 0.5}])
    assert found("mlflow", run).epochs["val_auroc_1_ _AVB_"] == {1: 0.5}


@pytest.mark.parametrize("tracker", TRACKERS)
def test_a_tracker_that_is_not_reached_is_an_error_before_training(
    tracker, signal_settings, place, monkeypatch
):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{free.getsockname()[1]}"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", nobody)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    monkeypatch.setenv("WANDB_MODE", "online")
    monkeypatch.setenv("WANDB_BASE_URL", nobody)
    monkeypatch.setenv("WANDB_API_KEY", 40 * "0")
    monkeypatch.setenv("WANDB_INIT_TIMEOUT", "1")
    settings = dataclasses.replace(signal_settings, path_save_model="gru")
    with pytest.raises(InputError, match=rf"^{tracker}: cannot record gru: .*{nobody}.*_UR[IL]"):
        train(settings, tracker=tracker)
    assert not RunFolder("gru").has_history


@pytest.mark.parametrize("tracker", ["mlflow", "wandb"])
def test_a_tracker_that_is_not_installed_is_named(tracker, signal_settings, place, monkeypatch):
    for module in (tracker, f"{tracker}.entities"):
        monkeypatch.setitem(sys.modules, module, None)
    settings = dataclasses.replace(signal_settings, path_save_model="gru")
    with pytest.raises(InputError, match=rf"pip install {tracker}.*the extra ecg_tf\[{tracker}\]"):
        train(settings, tracker=tracker)
    assert not Path("gru").exists()


def test_an_unknown_tracker_is_refused():
    with pytest.raises(InputError, match="tracker 'tb': expected none or mlflow or wandb"):
        load_tracker("tb")


@needs_mlflow[0]
def test_a_run_without_a_record_gets_no_report(copy):
    words = ["ecg_tf", "evaluate", "-path_model", "gru", "-data", "none", "-tracker", "mlflow"]
    with pytest.raises(InputError, match=r"gru: has no record in mlflow; train it with -tracker"):
        commands_here.run([*words, "-report", "a"])
    with pytest.raises(InputError, match="tracker mlflow: expected -report FOLDER"):
        commands_here.run(words)


@needs_mlflow[0]
@pytest.mark.parametrize("content", ["{", '{"mlflow": 1}', '{"mlflow": {"id": "a", "epochs": -1}}'])
def test_a_damaged_file_of_ids_is_named(copy, content):
    run, _ = copy
    run.tracked_file.write_text(content)
    with pytest.raises(InputError, match=r"gru/tracked.json: "):
        TrackedRun("mlflow", run).start({})


@needs_mlflow[0]
def test_mlflow_does_not_report_its_use(place):
    code = """
from ecg_tf.tracking.trackers import load_tracker
load_tracker("mlflow")
from mlflow.telemetry import get_telemetry_client
print(get_telemetry_client())
"""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(  # without what tells MLflow that this is a test
        [sys.executable, "-c", code],
        env={**kept, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("None\n", "")
