"""Training that starts from a run of other classes, and training of the head only."""

import dataclasses
import json
import shutil

import numpy as np
import pytest
from eager import train

from ecg_tf.errors import InputError
from ecg_tf.runs.evaluate import evaluate
from ecg_tf.runs.run_folder import RunFolder
from ecg_tf.training import callbacks
from ecg_tf.training.networks import build_network
from ecg_tf.training.transfer import load_initial_weights, with_frozen_body

pytestmark = pytest.mark.usefixtures("few_blocks")

FIVE = ("MI", "STTC", "CD", "HYP", "NORM")


@pytest.fixture(scope="module")
def run(run_of_few_units):
    return run_of_few_units


@pytest.fixture(scope="module")
def initial_run(small_settings, tmp_path_factory):
    """A finished run with batch normalization and dropout, of four classes."""
    settings = dataclasses.replace(
        small_settings,
        model="resnet1d",
        path_save_model=str(tmp_path_factory.mktemp("runs") / "four"),
        image_backend=None,
        nb_filters=2,
        window_seconds=1.0,
        epochs=1,
        batch_size=63,
    )
    return train(settings), settings


@pytest.fixture(scope="module")
def probe_settings(initial_run):
    run, settings = initial_run
    return dataclasses.replace(
        settings,
        initial_run=str(run.path),
        norm_class=True,
        freeze_body=True,
        dropout=0.3,
        epochs=2,
    )


@pytest.fixture(scope="module")
def probe(probe_settings, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "five"
    return train(dataclasses.replace(probe_settings, path_save_model=str(folder)))


def weights(run):
    """The weights of the body and those of the head, the last two."""
    found = run.network().get_weights()
    return found[:-2], found[-2:]


def test_a_frozen_body_stays_bit_for_bit(initial_run, probe):
    (body, head), (before, _) = weights(probe), weights(initial_run[0])
    for one, other in zip(body, before, strict=True):
        np.testing.assert_array_equal(one, other)
    assert [w.shape[-1] for w in head] == [5, 5]
    assert np.abs(head[1]).max() > 0  # biases start from 0
    assert probe.metadata.class_names == FIVE


def test_a_frozen_body_runs_in_inference_mode(probe):
    network = probe.network()
    signal = np.random.default_rng(0).normal(size=(4, 1000, 3)).astype(np.float32)
    expected = network(signal, training=False)
    model = with_frozen_body(network)
    np.testing.assert_array_equal(model(signal, training=True), expected)
    assert [w.shape[-1] for w in model.trainable_variables] == [5, 5]
    usual = network(signal, training=True)  # with dropout and the statistics of the batch
    assert np.abs(usual - expected).max() > 1e-3


def test_the_saved_network_of_a_probe_is_a_usual_one(probe, prepared_folder):
    network = probe.network()
    assert all(layer.trainable for layer in network.layers)
    assert evaluate(probe.path, prepared_folder, "test").class_names == FIVE


def test_about_json_names_the_initial_run(initial_run, probe):
    about = json.loads((probe.path / "about.json").read_text("utf-8"))
    assert about["initial_run"] == {
        "name": "four",
        "started": initial_run[0].metadata.started,
        "class_names": ["MI", "STTC", "CD", "HYP"],
        "new_head": True,
        "frozen_body": True,
    }
    assert "initial_run" not in initial_run[0].metadata.to_json()


def test_a_stopped_probe_is_resumed_exactly(probe_settings, probe, tmp_path, monkeypatch):
    settings = dataclasses.replace(probe_settings, path_save_model=str(tmp_path / "run"))
    save = callbacks.save_state

    def stop(*arguments):
        save(*arguments)
        raise RuntimeError("killed")

    with monkeypatch.context() as context:
        context.setattr(callbacks, "save_state", stop)
        with pytest.raises(RuntimeError, match="killed"):
            train(settings)
    resumed = train(settings)
    for one, other in zip(
        resumed.network().get_weights(), probe.network().get_weights(), strict=True
    ):
        np.testing.assert_array_equal(one, other)


def test_a_run_of_other_classes_gives_its_body(small_settings, run, caplog):
    network = build_network(small_settings, ("A", "B"))
    head = network.get_weights()[-2:]
    caplog.set_level("INFO", logger="absl")
    load_initial_weights(network, run.path, small_settings, ("A", "B"))
    *body, kernel, bias = network.get_weights()
    for one, other in zip(body, run.network().get_weights()[:-2], strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(kernel, head[0])
    np.testing.assert_array_equal(bias, head[1])
    assert (
        "trained for MI, STTC, CD, HYP; the body keeps its weights, the head for A, B is new"
        in (caplog.text)
    )


def test_a_fusion_is_not_transferred_to_other_classes(small_settings, run, tmp_path):
    folder = shutil.copytree(run.path, tmp_path / "run")
    branch = {"model": "gru", "hyperparameters": {}, "name": None, "started": None}
    about = {
        **run.metadata.to_json(),
        "model": "late_fusion",
        "hyperparameters": {},
        "trunks": {"signal": branch, "image": {**branch, "model": "alexnet"}},
    }
    (folder / "about.json").write_text(json.dumps(about))
    settings = dataclasses.replace(
        small_settings, model="late_fusion", nb_filters=None, image_backend=None
    )
    with pytest.raises(InputError, match="expected A,B: the branches of late_fusion have heads"):
        load_initial_weights(None, folder, settings, ("A", "B"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"initial_run": None}, "freeze_body: a body of random weights .* expected -initial_run"),
        ({"model": "late_fusion", "window_seconds": None}, "late_fusion has two branches"),
        ({"ema_momentum": 0.9}, "ema_momentum 0.9: trains or averages the body"),
        ({"statement_weight": 0.1}, "statement_weight 0.1: trains or averages the body"),
        ({"leads": ("I", "II", "V1")}, "leads I,II,V2, expected I,II,V1"),
        ({"nb_filters": 4}, "resnet1d of another size"),
    ],
)
def test_what_a_frozen_body_does_not_go_with_is_refused(probe_settings, tmp_path, change, message):
    settings = dataclasses.replace(probe_settings, path_save_model=str(tmp_path / "r"), **change)
    with pytest.raises(InputError, match=message):
        train(settings)
    assert not RunFolder(tmp_path / "r").exists
