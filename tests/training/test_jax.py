"""Training under JAX in a process that can import neither TensorFlow nor its data sets nor pyts."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from event_files import assert_same_as_history
from other_backend import environment, without

from ecg_tf.errors import InputError
from ecg_tf.predict.predictor import Predictor
from ecg_tf.runs.evaluate import evaluate
from ecg_tf.runs.run_folder import RunFolder
from ecg_tf.shipping.check_ecg import check_ecg
from ecg_tf.training.settings import Settings
from ecg_tf.training.train import train

ROOT = Path(__file__).resolve().parents[2]
MODELS = ("gru", "late_fusion")

# The GRU has all that has a memory; the fusion has an AlexNet of its own. The uninterrupted run
# reads its ECGs from the disk, the others have them in memory.
_TRAIN = """
import dataclasses, json, shutil, sys
from ecg_tf.commands.quick_imports import make_imports_quick
make_imports_quick()
import numpy as np
from ecg_tf.errors import InputError
from ecg_tf.predict.predictor import Predictor
from ecg_tf.shipping.check_ecg import check_ecg
from ecg_tf.training import callbacks
from ecg_tf.runs.evaluate import evaluate
from ecg_tf.training.settings import Settings
from ecg_tf.training.train import train

gru, fusion = (Settings(**given) for given in json.loads(sys.argv[1]))
train(dataclasses.replace(gru, path_save_model="uninterrupted", data=sys.argv[3]))

save_state = callbacks.save_state
def killed(run, model, history):
    save_state(run, model, history)
    raise KeyboardInterrupt
callbacks.save_state = killed
try:
    train(gru)
except KeyboardInterrupt:
    callbacks.save_state = save_state
shutil.copytree("gru", "unfinished")

for settings in (gru, fusion):
    train(settings)
    found = evaluate(settings.path_save_model, settings.data, "dev").probabilities
    np.save(f"{settings.model}.npy", found)
np.save("predicted.npy", Predictor("gru")(check_ecg())["probabilities"])

refused = {}
for change in (
    {"image_backend": "pyts", "model": "alexnet"},
    {"strategy": "mirrored"},
    {"data": sys.argv[2]},
):
    try:
        train(dataclasses.replace(fusion, path_save_model="refused", **change))
    except InputError as error:
        refused[next(iter(change))] = str(error)
assert {"mlflow", "wandb"}.isdisjoint(sys.modules)  # imported only if they are asked for
print(json.dumps(refused))
"""


@pytest.fixture(scope="module")
def given(packed_file):
    """The settings of the runs: the GRU, the fusion."""
    common = {
        "data": str(packed_file),
        "batch_size": 63,  # half of the records: one shape to compile for
        "leads": ["II"],
        "channels": ["rp"],
        "image_size": 67,
        "hidden_size": 4,
    }
    gru = {
        "model": "gru",
        "path_save_model": "gru",
        "epochs": 2,
        "optimizer": "adam",
        "ema_momentum": 0.9,
        "statement_weight": 0.1,
        "learning_rate": 1e-3,
        "schedule": "cosine",
        "num_layers": 2,
        "dropout": 0.3,
        "augment": True,
        "mixup": 0.4,
        "window_seconds": 2,
    }
    fusion = {
        "model": "late_fusion",
        "path_save_model": "late_fusion",
        "epochs": 1,
        "signal_model": "gru",
        "num_layers": 1,
        "nb_filters": 4,
        "teacher_runs": ["uninterrupted"],
    }
    return {**common, **gru}, {**common, **fusion}


@pytest.fixture(scope="module")
def trained(given, prepared_folder, array_record_folder, tmp_path_factory):
    """The folder of the runs, and what was refused."""
    if importlib.util.find_spec("jax") is None:
        pytest.skip("jax is not installed")
    folder = tmp_path_factory.mktemp("jax")
    missing = without(folder / "no", "tensorflow", "tensorflow_datasets", "pyts")
    result = subprocess.run(
        [sys.executable, "-c", _TRAIN, json.dumps(given), prepared_folder, array_record_folder],
        cwd=folder,
        env=environment("jax", missing, ROOT),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return folder, json.loads(result.stdout.splitlines()[-1])


def test_a_stopped_run_resumes_exactly(trained):
    folder, _ = trained
    resumed, expected = (RunFolder.open(folder / name) for name in ("gru", "uninterrupted"))
    found, history = resumed.history(), expected.history()
    assert found["epoch"] == [1, 2]
    for column in set(history) - {"seconds"}:
        assert found[column] == history[column], column
    for one, other in zip(
        resumed.network().get_weights(), expected.network().get_weights(), strict=True
    ):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("model", MODELS)
def test_tensorflow_evaluates_the_run_to_the_same_probabilities(trained, prepared_folder, model):
    folder, _ = trained
    evaluation = evaluate(folder / model, prepared_folder, "dev")
    np.testing.assert_allclose(
        evaluation.probabilities, np.load(folder / f"{model}.npy"), atol=1e-4
    )
    metadata = RunFolder.open(folder / model).metadata
    assert metadata.ecg_sha256["dev"] == evaluation.about["ecg_sha256"]
    assert metadata.versions.keys() >= {"ecg_tf", "jax", "keras", "numpy"}
    assert "tensorflow" not in metadata.versions
    assert len(metadata.teachers) == (model == "late_fusion")


def test_tensorflow_predicts_the_probabilities_that_jax_predicts(trained):
    folder, _ = trained
    found = Predictor(folder / "gru")(check_ecg())["probabilities"]
    np.testing.assert_allclose(found, np.load(folder / "predicted.npy"), atol=1e-4)


def test_the_logs_for_tensorboard_have_the_epochs_of_a_resumed_run(trained):
    folder, _ = trained
    assert_same_as_history(RunFolder.open(folder / "gru"))


def test_the_run_folder_is_that_of_tensorflow(trained):
    folder, _ = trained
    assert {path.name for path in (folder / "gru").iterdir()} == {
        "model.keras",
        "flags.cfg",
        "about.json",
        "history.csv",
        "logs",
        "seen.npz",
        "loss.png",
        "thresholds.json",
    }


def test_tensorflow_does_not_resume_a_run_under_jax(trained, given):
    folder, _ = trained
    settings = Settings(**{**given[0], "path_save_model": str(folder / "unfinished")})
    with pytest.raises(InputError, match="under another Keras backend than tensorflow"):
        train(settings)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("image_backend", "KERAS_BACKEND is jax; -image_backend keras computes the same images"),
        ("strategy", "strategy mirrored: needs TensorFlow"),
        ("data", "No module named tensorflow); on a machine with TensorFlow, ecg_tf pack writes"),
    ],
)
def test_settings_that_need_tensorflow_are_refused(trained, change, message):
    assert message in trained[1][change]
