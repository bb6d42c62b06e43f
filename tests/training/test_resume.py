"""Resuming a stopped run."""

import contextlib
import csv
import dataclasses
import itertools
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from eager import train
from event_files import assert_same_as_history

from ecg_tf.errors import InputError, Interrupted
from ecg_tf.runs.run_folder import RunFolder
from ecg_tf.training import callbacks, stopping


@pytest.fixture(scope="module")
def settings(small_settings, signal_run):
    """Everything with a state: Adam, averaged weights, dropout, augmentation and a schedule.

    A teacher predicts again when the run is resumed; the head for statements is not saved.
    """
    return dataclasses.replace(
        small_settings,
        model="gru",
        nb_filters=None,
        image_backend=None,
        hidden_size=4,
        num_layers=2,
        epochs=4,
        dropout=0.3,
        ema_momentum=0.9,
        statement_weight=0.1,
        augment=True,
        mixup=0.4,
        window_seconds=1.0,
        teacher_runs=[str(signal_run.path)],
        schedule="plateau",
        plateau_patience=1,
        batch_size=63,  # half of the records: one shape to compile for
    )


@pytest.fixture(scope="module")
def uninterrupted(settings, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "uninterrupted"
    return train(dataclasses.replace(settings, path_save_model=str(folder)))


class Killed(Exception):  # noqa: N818
    pass


def kill(*args, **kwargs):
    raise Killed


def failing(function, call, with_what=kill):
    """`function`, but its call number `call` goes to `with_what`."""
    calls = itertools.count(1)
    return lambda *args, **kwargs: (with_what if next(calls) == call else function)(*args, **kwargs)


class SignalInEpoch2(stopping.StopOnNonFiniteLoss):
    def on_train_batch_end(self, batch, logs=None):
        if self._epoch == 2:
            os.kill(os.getpid(), signal.SIGTERM)


def full_disk(*args, **kwargs):
    raise OSError(28, "No space left on device")


@pytest.fixture(scope="module")
def unfinished(settings, tmp_path_factory):
    """`Settings` of a run that was killed between its first state and its first network."""
    folder = tmp_path_factory.mktemp("runs") / "unfinished"
    settings = dataclasses.replace(settings, path_save_model=str(folder))
    with pytest.MonkeyPatch.context() as context:
        context.setattr(RunFolder, "save_network", failing(RunFolder.save_network, 1))
        with pytest.raises(Killed):
            train(settings)
    return settings


@pytest.fixture
def copy(unfinished, tmp_path):
    folder = shutil.copytree(unfinished.path_save_model, tmp_path / "run")
    return dataclasses.replace(unfinished, path_save_model=str(folder))


def test_a_stopped_run_reaches_the_losses_of_an_uninterrupted_one(copy, uninterrupted, monkeypatch):
    """It was killed once already."""
    run = RunFolder(copy.path_save_model)
    with pytest.raises(InputError, match="has not finished"):
        RunFolder.open(run.path)

    before = signal.getsignal(signal.SIGTERM)
    with monkeypatch.context() as context:
        context.setattr("ecg_tf.training.train.StopOnNonFiniteLoss", SignalInEpoch2)
        with pytest.raises(Interrupted, match=r"SIGTERM: .*run holds all completed epochs") as left:
            train(copy)
    assert left.value.signal == signal.SIGTERM
    assert signal.getsignal(signal.SIGTERM) is before
    assert run.history()["epoch"] == [1]  # it left at once

    with monkeypatch.context() as context:
        context.setattr(np, "savez", failing(np.savez, 2, with_what=full_disk))
        with pytest.raises(InputError, match=r"epoch.npz: cannot be written: no space left"):
            train(copy)
    assert run.history()["epoch"] == [1, 2]

    with monkeypatch.context() as context:
        context.setattr(RunFolder, "finish", kill)
        with pytest.raises(Killed):
            train(copy)
    assert_same(train(copy), uninterrupted)
    assert_same_as_history(run)


def assert_same(run, expected):
    found, history = run.history(), expected.history()
    assert found["epoch"] == history["epoch"]
    for column in set(history) - {"seconds"}:
        np.testing.assert_allclose(found[column], history[column], rtol=1e-4, err_msg=column)
    for one, other in zip(
        run.network().get_weights(), expected.network().get_weights(), strict=True
    ):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(run.thresholds, expected.thresholds, rtol=1e-3)
    assert not (run.path / "state").exists()


def test_a_resumed_run_keeps_counting_its_patience(signal_settings, tmp_path, monkeypatch):
    """The rate is so small that dev gets no better: it ends after 1 + patience epochs."""
    settings = dataclasses.replace(
        signal_settings,
        epochs=9,
        patience=2,
        learning_rate=1e-30,
        batch_size=63,
        path_save_model=str(tmp_path / "run"),
    )
    with monkeypatch.context() as context:
        context.setattr(callbacks, "save_state", failing(callbacks.save_state, 3))
        with pytest.raises(Killed):
            train(settings)
    assert train(settings).history()["epoch"] == [1, 2, 3]


def test_a_resumed_run_may_have_more_epochs_only(copy):
    other = dataclasses.replace(copy, learning_rate=1e-4, num_layers=None)
    with pytest.raises(InputError, match=r"learning_rate 0.001, now 0.0001; num_layers 2, now not"):
        train(other)
    run = train(dataclasses.replace(copy, epochs=2))
    assert run.history()["epoch"] == [1, 2]
    assert "--epochs=2\n" in (run.path / "flags.cfg").read_text()


def test_a_run_is_not_resumed_on_other_data(copy):
    about = Path(copy.path_save_model) / "about.json"
    about.write_text(about.read_text().replace('"train": 1', '"train": 2'))
    with pytest.raises(InputError, match="contains an unfinished run on other data: records"):
        train(copy)


def test_a_finished_run_is_replaced_only_with_overwrite(settings, uninterrupted, tmp_path):
    folder = shutil.copytree(uninterrupted.path, tmp_path / "run")
    settings = dataclasses.replace(settings, path_save_model=str(folder))
    (folder / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match="contains a finished run; use -overwrite to delete it"):
        train(settings)
    again = train(dataclasses.replace(settings, epochs=1), overwrite=True)
    assert again.history()["epoch"] == [1]
    assert (folder / "notes.txt").read_text() == "mine"


def test_overwrite_leaves_other_folders_alone(settings, tmp_path):
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(InputError, match="already in use"):
        train(dataclasses.replace(settings, path_save_model=str(tmp_path)), overwrite=True)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_two_processes_do_not_train_in_one_folder(settings, tmp_path):
    settings = dataclasses.replace(settings, path_save_model=str(tmp_path / "run"))
    with (
        RunFolder(tmp_path / "run").locked(),
        pytest.raises(InputError, match="another process is training in it"),
    ):
        train(settings)


def test_a_run_finished_by_another_process_is_kept(copy, uninterrupted, monkeypatch):
    run, locked = RunFolder(copy.path_save_model), RunFolder.locked

    @contextlib.contextmanager
    def locked_after_it_finished(self):
        with locked(self):
            shutil.copy(uninterrupted.path / "thresholds.json", run.path)
            yield

    monkeypatch.setattr(RunFolder, "locked", locked_after_it_finished)
    before = run.state_file.read_bytes()
    with pytest.raises(InputError, match="contains a finished run; use -overwrite to delete it"):
        train(copy)
    assert run.state_file.read_bytes() == before
    assert not run.model_file.exists()


# Both trainings are deterministic, which a process cannot take back: this one has no others.
_TRAIN_IN_EACH = """
import sys
from absl import flags
from ecg_tf.commands import train
from ecg_tf.commands.flag_files import parse_flags

*given, killed, repeated = sys.argv
parse_flags(given)
for folder in (killed, repeated):
    flags.FLAGS.path_save_model = folder
    train.main([""])
"""


def test_flags_cfg_repeats_a_run_exactly_even_if_killed(uninterrupted, tmp_path):
    """By SIGKILL, in the middle of an epoch."""
    flags = f"--flagfile={uninterrupted.path / 'flags.cfg'}", "-deterministic"

    def losses(name):
        with (tmp_path / name / "history.csv").open(newline="") as file:
            return [(float(row["loss"]), float(row["val_loss"])) for row in csv.DictReader(file)]

    killed = subprocess.Popen(
        [sys.executable, "bin/train.py", *flags, "-path_save_model", tmp_path / "killed"]
    )
    while killed.poll() is None:
        if (tmp_path / "killed/history.csv").is_file() and len(losses("killed")) == 2:
            killed.kill()
        time.sleep(0.01)
    assert killed.wait() == -signal.SIGKILL
    assert len(losses("killed")) < 4
    folders = tmp_path / "killed", tmp_path / "repeated"
    subprocess.run([sys.executable, "-c", _TRAIN_IN_EACH, *flags, *folders], check=True)
    assert losses("killed") == losses("repeated")
    history = uninterrupted.history()
    expected = list(zip(history["loss"], history["val_loss"], strict=True))
    np.testing.assert_allclose(losses("repeated"), expected, rtol=1e-3)


def test_a_run_that_is_older_than_a_flag_had_its_default(copy):
    run = RunFolder(copy.path_save_model)
    flags = "".join(f"--{name}={text}\n" for name, text in run.flags.items() if name != "xla")
    run.save_flags(flags)
    moved = {"path_save_model"}
    assert not run.other_flags(copy, moved)
    other = dataclasses.replace(copy, xla="off")
    assert run.other_flags(other, moved) == ["xla auto, now off"]
