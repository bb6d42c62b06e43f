"""A run that was stopped goes on as if it had not been."""

import csv
import dataclasses
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from ecg_tf.errors import InputError, Interrupted
from ecg_tf.training import callbacks
from ecg_tf.training.run_folder import RunFolder
from ecg_tf.training.train import train


@pytest.fixture(scope="module")
def settings(small_settings):
    """With all that has a memory: Adam, dropout, a schedule that looks back."""
    return dataclasses.replace(
        small_settings,
        epochs=4,
        dropout=0.3,
        nb_filters=1,
        schedule="plateau",
        plateau_patience=1,
        learning_rate=3e-3,
        batch_size=50,
    )


@pytest.fixture(scope="module")
def uninterrupted(settings, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "uninterrupted"
    return train(dataclasses.replace(settings, path_save_model=str(folder)))


class Killed(Exception):  # noqa: N818
    pass


def failing(function, call):
    """`function`, but `Killed` in place of its call number `call`."""
    calls = iter(range(1, 100))

    def fails(*args, **kwargs):
        if next(calls) == call:
            raise Killed
        return function(*args, **kwargs)

    return fails


@pytest.mark.parametrize(
    ("where", "name", "call"),
    [
        (callbacks, "save_state", 3),
        (RunFolder, "save_network", 1),
        (RunFolder, "finish", 1),
    ],
)
def test_a_run_that_was_killed_comes_to_the_uninterrupted_ones_losses(
    settings, uninterrupted, tmp_path, monkeypatch, where, name, call
):
    settings = dataclasses.replace(settings, path_save_model=str(tmp_path / "run"))
    with monkeypatch.context() as context:
        context.setattr(where, name, failing(getattr(where, name), call))
        with pytest.raises(Killed):
            train(settings)
    with pytest.raises(InputError, match="has not finished"):
        RunFolder.open(settings.path_save_model)
    assert_same(train(settings), uninterrupted)


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


def test_patience_goes_on_counting(settings, tmp_path, monkeypatch):
    """The rate is so small that dev gets no better: it ends after 1 + patience epochs."""
    settings = dataclasses.replace(
        settings, epochs=9, patience=2, learning_rate=1e-30, path_save_model=str(tmp_path / "run")
    )
    with monkeypatch.context() as context:
        context.setattr(callbacks, "save_state", failing(callbacks.save_state, 3))
        with pytest.raises(Killed):
            train(settings)
    assert train(settings).history()["epoch"] == [1, 2, 3]


def test_more_epochs_may_be_asked_for_but_nothing_else_changed(settings, tmp_path, monkeypatch):
    settings = dataclasses.replace(settings, path_save_model=str(tmp_path / "run"))
    with monkeypatch.context() as context:
        context.setattr(callbacks, "save_state", failing(callbacks.save_state, 2))
        with pytest.raises(Killed):
            train(settings)
    other = dataclasses.replace(settings, learning_rate=1e-4, hidden_size=None, nb_filters=None)
    with pytest.raises(InputError, match=r"learning_rate 0.003, now 0.0001; nb_filters 1, now not"):
        train(other)
    run = train(dataclasses.replace(settings, epochs=2))
    assert run.history()["epoch"] == [1, 2]
    assert "--epochs=2\n" in (run.path / "flags.cfg").read_text()


def test_other_data_are_refused(settings, tmp_path, monkeypatch):
    settings = dataclasses.replace(settings, path_save_model=str(tmp_path / "run"))
    with monkeypatch.context() as context:
        context.setattr(callbacks, "save_state", failing(callbacks.save_state, 1))
        with pytest.raises(Killed):
            train(settings)
    about = tmp_path / "run/about.json"
    about.write_text(about.read_text().replace('"train": 1', '"train": 2'))
    with pytest.raises(InputError, match="holds an unfinished run on other data: records"):
        train(settings)


def test_a_finished_run_is_replaced_only_if_asked(settings, uninterrupted, tmp_path):
    settings = dataclasses.replace(settings, epochs=1, path_save_model=str(tmp_path / "run"))
    train(settings)
    (tmp_path / "run/notes.txt").write_text("mine")
    with pytest.raises(InputError, match="holds a finished run; -overwrite deletes it first"):
        train(settings)
    again = train(dataclasses.replace(settings, epochs=2), overwrite=True)
    assert again.history()["epoch"] == [1, 2]
    assert (tmp_path / "run/notes.txt").read_text() == "mine"


def test_overwriting_touches_no_folder_that_is_no_run(settings, tmp_path):
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


def test_a_full_disk_is_said_and_what_was_written_stays(settings, tmp_path, monkeypatch):
    settings = dataclasses.replace(settings, path_save_model=str(tmp_path / "run"))
    savez, files = np.savez, []

    def no_space(file, **arrays):
        files.append(file)
        if len(files) == 2:
            raise OSError(28, "No space left on device")
        savez(file, **arrays)

    with monkeypatch.context() as context:
        context.setattr(np, "savez", no_space)
        with pytest.raises(InputError, match=r"epoch.npz: no space left on the disk"):
            train(settings)
    run = RunFolder(tmp_path / "run")
    assert run.history()["epoch"] == [1]
    assert train(settings).history()["epoch"] == [1, 2, 3, 4]


def test_a_signal_stops_after_the_step_and_the_state_stays(settings, tmp_path, monkeypatch):
    class Signal(callbacks.WatchLoss):
        def on_train_batch_end(self, batch, logs=None):
            if self._epoch == 2:
                os.kill(os.getpid(), signal.SIGTERM)

    settings = dataclasses.replace(settings, path_save_model=str(tmp_path / "run"))
    before = signal.getsignal(signal.SIGTERM)
    with monkeypatch.context() as context:
        context.setattr("ecg_tf.training.train.WatchLoss", Signal)
        with pytest.raises(Interrupted, match=r"SIGTERM: .*run holds every finished epoch") as left:
            train(settings)
    assert left.value.signal == signal.SIGTERM
    assert signal.getsignal(signal.SIGTERM) is before
    assert RunFolder(tmp_path / "run").history()["epoch"] == [1]


def test_killed_processes_are_deterministic_to_the_bit(settings, tmp_path):
    """One after the other, by SIGTERM and by SIGKILL, in the middle of an epoch."""
    settings = dataclasses.replace(settings, deterministic=True)
    (tmp_path / "flags.cfg").write_text(settings.flagfile())

    def start(name):
        command = [sys.executable, "bin/train.py", f"--flagfile={tmp_path / 'flags.cfg'}"]
        command += ["-path_save_model", tmp_path / name]
        return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)

    def wait_for(epoch, process):
        while process.poll() is None:
            history = tmp_path / "killed/history.csv"
            if history.is_file() and len(history.read_text().splitlines()) > epoch:
                return
            time.sleep(0.01)

    uninterrupted = start("uninterrupted")
    first = start("killed")
    wait_for(1, first)
    first.terminate()
    assert first.wait() == 128 + signal.SIGTERM
    assert "SIGTERM: " in first.stderr.read()
    second = start("killed")
    wait_for(3, second)
    second.kill()
    second.wait()
    assert start("killed").wait() == 0
    assert uninterrupted.wait() == 0
    losses = []
    for name in ("uninterrupted", "killed"):
        with (tmp_path / name / "history.csv").open(newline="") as file:
            losses.append([(row["loss"], row["val_loss"]) for row in csv.DictReader(file)])
    assert losses[0] == losses[1]
    assert len(losses[0]) == 4
