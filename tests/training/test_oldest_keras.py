"""Runs and shipped networks under the oldest Keras that setup.cfg allows, and under this one."""

import configparser
import contextlib
import importlib
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from untrained import untrained_run

from ecg_tf.leads import lead_indices
from ecg_tf.predict.predictor import Predictor
from ecg_tf.runs.run_folder import RunFolder
from ecg_tf.shipping.check_ecg import check_ecg
from ecg_tf.shipping.half_precision import save_half_precision

ROOT = Path(__file__).resolve().parents[2]
OLDEST = Path(sys.prefix) / "oldest-keras"  # where bin/test installs it
TESTS = ROOT / "tests", ROOT / "tests/training"
NETWORKS = ("alexnet_attention", "bigru")
SHIPPED = ("pretrained:gru", "pretrained:weighted_fusion")  # the latter holds band_resnet, too

CODE = """
import os, shutil, sys
from pathlib import Path

import keras
import numpy as np
from test_oldest_keras import SHIPPED, logits, small_networks
from untrained import untrained_run

from ecg_tf.predict.predictor import Predictor
from ecg_tf.shipping.check_ecg import check_ecg
from ecg_tf.shipping.half_precision import save_half_precision
from ecg_tf.runs.run_folder import RunFolder
from ecg_tf.training.settings import Settings
from ecg_tf.training.train import train

folder, data = Path(sys.argv[1]), sys.argv[2]
sizes = {"nb_filters": 2, "hidden_size": 3, "num_layers": 1}
with small_networks():
    runs = {
        "trained": train(Settings(model="joint_fusion", image_model="band_resnet", image_size=67,
            data=data, path_save_model=str(folder / "oldest/trained"), epochs=1, **sizes)),
        "alexnet_attention": untrained_run(folder / "oldest/alexnet_attention", "alexnet_attention",
            nb_filters=2),
        "bigru": untrained_run(folder / "oldest/bigru", "bigru", hidden_size=3, num_layers=1),
    }
    half = shutil.copytree(folder / "oldest/bigru", folder / "oldest/half")
    save_half_precision(runs["bigru"].network(), half / "model.keras")
    found = {str(path): logits(RunFolder.open(path)) for path in folder.glob("*/*")}
for name in SHIPPED:
    found[name] = Predictor(name)(check_ecg())["probabilities"]
np.savez(folder / "found.npz", version=keras.__version__, **found)
"""


@contextlib.contextmanager
def small_networks():
    """Runs, unlike shipped networks, have few residual blocks and few units in dense layers."""
    with pytest.MonkeyPatch.context() as patch:
        for module, name, few in (
            ("residual", "BLOCKS", (1, 2, 1, 1)),
            ("alexnet", "UNITS", (16, 8)),
        ):
            patch.setattr(importlib.import_module(f"ecg_tf.models.{module}"), name, few)
        yield


def logits(run):
    """The logits of a run for one ECG."""
    ecg = check_ecg()[None, :, lead_indices(run.input_spec.leads)]
    return np.asarray(run.network()(run.preprocessor()(ecg)))


@pytest.fixture(scope="module")
def found(prepared_folder, tmp_path_factory):
    """{path of a run: logits, pretrained:NAME: probabilities} that the oldest Keras gives."""
    if not OLDEST.is_dir():
        pytest.skip(f"{OLDEST} is missing; bin/test installs the oldest Keras there")
    folder = tmp_path_factory.mktemp("runs")
    with small_networks():
        for model in NETWORKS:
            sizes = {"nb_filters": 2} if model.startswith("alex") else {"hidden_size": 3}
            untrained_run(folder / "newest" / model, model, **sizes)
        run = untrained_run(folder / "newest/half", "resnet1d", nb_filters=2)
        save_half_precision(run.network(), run.model_file)
    subprocess.run(
        [sys.executable, "-c", CODE, folder, prepared_folder],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (OLDEST, ROOT, *TESTS)))},
        check=True,
    )
    return dict(np.load(folder / "found.npz"))


def test_the_oldest_keras_is_that_of_setup_cfg(found):
    packed = configparser.ConfigParser()
    packed.read(ROOT / "setup.cfg")
    assert f"keras>={found['version']}" in packed["options"]["install_requires"].split()
    assert str(found["version"]) != keras.__version__


def test_runs_predict_the_same_under_the_other_keras(found):
    paths = [path for path in found if "/" in path]
    assert {Path(path).parent.name for path in paths} == {"oldest", "newest"}
    assert len(paths) == 7
    for path in paths:
        with small_networks():
            predicted = logits(RunFolder.open(path))
        np.testing.assert_allclose(predicted, found[path], atol=1e-5, err_msg=path)


def test_shipped_networks_predict_the_same_under_both(found):
    for name in SHIPPED:
        answer = Predictor(name)(check_ecg())["probabilities"]
        np.testing.assert_allclose(answer, found[name], atol=1e-5, err_msg=name)
