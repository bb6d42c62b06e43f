import concurrent.futures
import json
import os
import shutil
import signal
import sys
import threading
import time

import pytest
from on_terminal import assert_lines, lines_and_progress, run_on_terminal

from ecg_tf.errors import InputError, Interrupted
from ecg_tf.runs.run_folder import RunFolder
from ecg_tf.study.grid_file import read_grid
from ecg_tf.study.run_grid import run_grid, train_grid

# Stands for `ecg_tf train`; its -seed chooses what it does, and its model is one that exists.
SCRIPT = """
import json, os, signal, sys, time
from pathlib import Path

flags = dict(argument.removeprefix("--").split("=", 1) for argument in sys.argv[1:])
run = Path(flags["path_save_model"])
with (run.parent / "started").open("a") as file:
    file.write(run.name + "\\n")
if flags["seed"] == "101":  # fails
    sys.exit(3)
if flags["seed"] == "102":  # is_killed
    os.kill(os.getpid(), signal.SIGKILL)
if flags["seed"] == "103":  # waits
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    (run.parent / "waiting").touch()
    time.sleep(60)
run.mkdir()
(run / "flags.cfg").write_text("".join(a + "\\n" for a in sys.argv[1:]))
(run / "about.json").write_text(json.dumps({"class_names": []}))
(run / "thresholds.json").write_text("{}")
"""

GRID = """
[common]
epochs = 1
batch_size = 32
image_size = 67
optimizer = adam
learning_rate = 0.001

[gru]
model = gru
hidden_size = 4
num_layers = 1
augment = True
window_seconds = 1

[alexnet]
model = alexnet
nb_filters = 4
image_backend = keras
epochs = 2

[late_fusion]
model = late_fusion
signal_run = gru
image_run = alexnet
image_backend = keras
"""


@pytest.fixture
def study(tmp_path):
    """A function from the text of a file and a script to the runs that failed, in tmp_path."""
    (tmp_path / "train.py").write_text(SCRIPT)
    (tmp_path / "study").mkdir()

    def study(text):
        (tmp_path / "study.cfg").write_text(text)
        runs = read_grid(tmp_path / "study.cfg", "data", tmp_path / "study")
        return train_grid(runs, (sys.executable, tmp_path / "train.py"))

    return study


def started(tmp_path):
    return (tmp_path / "study/started").read_text().split()


def test_runs_are_trained_once_in_the_order_of_the_file(study, tmp_path):
    text = "[b]\nmodel = gru\n[a]\nmodel = gru\nseed = 1\n"
    assert study(text) == {}
    assert started(tmp_path) == ["b", "a"]
    assert RunFolder(tmp_path / "study/a").flags["seed"] == "1"
    assert study(text + "[c]\nmodel = gru\n") == {}
    assert started(tmp_path) == ["b", "a", "c"]


def test_a_failed_run_is_named_and_the_others_are_trained(study, tmp_path):
    failed = study(
        "[a]\nmodel = gru\nseed = 101\n[b]\nmodel = gru\nseed = 102\n[c]\nmodel = gru\n"
        "[d]\nmodel = late_fusion\nsignal_run = a\nimage_run = c\n"
        "[e]\nmodel = late_fusion\nsignal_run = c\nimage_run = d\n[f]\nmodel = gru\n"
    )
    assert started(tmp_path) == ["a", "b", "c", "f"]
    assert failed == {
        "a": "exit status 3; see its messages above",
        "b": "killed by SIGKILL; rerun the same command to resume it",
        "d": "not trained: its backbone a failed",
        "e": "not trained: its backbone d failed",
    }


def test_a_finished_run_with_other_settings_is_kept(study, tmp_path):
    study("[a]\nmodel = gru\nepochs = 2\n")
    failed = study("[a]\nmodel = gru\nepochs = 3\ngpu_id = 1\n")
    assert list(failed) == ["a"]
    assert failed["a"].endswith("contains a finished run with other settings: epochs 2, now 3")
    assert started(tmp_path) == ["a"]


def test_a_signal_reaches_the_run_and_ends_the_grid(study, tmp_path):
    def interrupt():
        while not (tmp_path / "study/waiting").exists():
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGTERM)

    before = signal.getsignal(signal.SIGTERM)
    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(Interrupted, match="SIGTERM: a was being trained; rerun the same") as it:
        study("[a]\nmodel = gru\nseed = 103\n[b]\nmodel = gru\n")
    thread.join()
    assert it.value.signal == signal.SIGTERM
    assert started(tmp_path) == ["a"]
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_grid_can_be_trained_in_a_thread(study, tmp_path):
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        assert pool.submit(study, "[a]\nmodel = gru\n").result() == {}
    assert started(tmp_path) == ["a"]


def test_allow_seen_is_passed_to_runs_and_comparison(tmp_path, monkeypatch):
    (tmp_path / "train.py").write_text(SCRIPT)
    (tmp_path / "study.cfg").write_text("[a]\nmodel = gru\n[b]\nmodel = gru\n")

    def compare(paths, data, partition, allow_seen):
        raise InputError(f"{data} {partition} {allow_seen}")

    monkeypatch.setattr("ecg_tf.study.run_grid.compare", compare)
    for allow_seen in (False, True):  # finished runs stay as they are
        with pytest.raises(InputError, match=f"^data dev {allow_seen}$"):
            run_grid(
                tmp_path / "study.cfg",
                "data",
                tmp_path / "study",
                "dev",
                allow_seen,
                (sys.executable, tmp_path / "train.py"),
            )
    assert started(tmp_path) == ["a", "b"]
    assert RunFolder(tmp_path / "study/a").flags["allow_seen"] == "False"


def test_fewer_than_two_finished_runs_are_refused(tmp_path, capsys):
    (tmp_path / "train.py").write_text(SCRIPT)
    (tmp_path / "study.cfg").write_text("[a]\nmodel = gru\nseed = 101\n[b]\nmodel = gru\n")
    with pytest.raises(InputError, match="1 of 2 runs finished, expected two or more"):
        run_grid(
            tmp_path / "study.cfg",
            "data",
            tmp_path / "new/study",
            "dev",
            command=(sys.executable, tmp_path / "train.py"),
        )
    assert "failed: a: exit status 3" in capsys.readouterr().err


def test_a_tiny_grid_is_trained_and_compared(run, signal_run, prepared_folder, tmp_path):
    """The backbones are finished, as after an interruption; the fusion is trained on them."""
    (tmp_path / "study.cfg").write_text(GRID)
    study = tmp_path / "study"
    for finished, name in ((signal_run, "gru"), (run, "alexnet")):
        shutil.copytree(finished.path, study / name)
    flags = ["-config", tmp_path / "study.cfg", "-data", prepared_folder, "-study_dir", study]
    result = run_on_terminal(sys.executable, "bin/study.py", *flags)
    assert result.returncode == 0, result.stderr
    assert any(bar.startswith("epoch 1/1") for bar in lines_and_progress(result.stderr)[1])
    assert_lines(
        result.stderr,
        *("gru .1 of 3.", "gru: already finished"),
        *("alexnet .2 of 3.", "alexnet: already finished"),
        "late_fusion .3 of 3.",
        *("(No GPU found:|Running on) .*", r"late_fusion: \d+ parameters.*", "ECGs in memory.*"),
        r"epoch 1/1 +loss .* records/s.*",
        *(rf"{n}: predicting \d+ records of dev" for n in ("gru", "alexnet", "late_fusion")),
    )
    for question in (
        "Do images beat the signal?",
        "Does fusion help?",
        "Is the best fusion better than the best single network?",
    ):
        assert f"\n{question} " in result.stdout
    assert "Not answered" not in result.stdout
    content = json.loads((study / "comparison/comparison.json").read_text("utf-8"))
    assert content["partition"] == "dev"
    assert content["runs"]["late_fusion"]["branches"] == {"signal": "gru", "image": "alexnet"}
    kinds = {name: compared["kind"] for name, compared in content["runs"].items()}
    assert kinds == {"gru": "signal", "alexnet": "image", "late_fusion": "fusion"}
    for finished, name in ((signal_run, "gru"), (run, "alexnet")):
        network = study / name / "model.keras"
        assert network.stat().st_mtime_ns == finished.model_file.stat().st_mtime_ns
    assert len(RunFolder(study / "late_fusion").history()["loss"]) == 1
