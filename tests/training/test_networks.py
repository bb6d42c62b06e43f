import dataclasses
import json
import shutil

import keras
import numpy as np
import pytest
from eager import train
from event_files import assert_same_as_history, figures

from ecg_tf.data.images.image_tree import is_image_tree
from ecg_tf.data.prepared import PreparedRecords
from ecg_tf.errors import InputError
from ecg_tf.export.saved_model import write_saved_model
from ecg_tf.leads import LEADS
from ecg_tf.models import find
from ecg_tf.predict.predictor import Predictor
from ecg_tf.runs.ecg_classifier import ECGClassifier
from ecg_tf.runs.evaluate import evaluate
from ecg_tf.training.networks import build_network
from ecg_tf.training.transfer import load_initial_weights

CLASSES = ("MI", "STTC", "CD", "HYP")


@pytest.fixture(scope="module")
def run(run_of_few_units):
    return run_of_few_units


@pytest.fixture(scope="module")
def fusion_settings(small_settings, run, signal_run):
    return dataclasses.replace(
        small_settings,
        model="late_fusion",
        nb_filters=None,
        image_backend=None,
        epochs=1,
        signal_run=str(signal_run.path),
        image_run=str(run.path),
    )


@pytest.fixture(scope="module")
def fusion_run(fusion_settings, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "late"
    return train(dataclasses.replace(fusion_settings, path_save_model=str(folder)))


@pytest.mark.parametrize("fixture", ["signal_run", "fusion_run"])
def test_run_and_export_of_each_kind_predict_the_same(fixture, prepared_folder, tmp_path, request):
    run = request.getfixturevalue(fixture)
    write_saved_model(ECGClassifier(run), tmp_path / "export")
    ecg = PreparedRecords(prepared_folder).read("test", LEADS).ecg
    by_run, by_export = (Predictor(path)(ecg) for path in (run.path, tmp_path / "export"))
    np.testing.assert_allclose(by_export["probabilities"], by_run["probabilities"], atol=1e-5)
    evaluation = evaluate(run.path, prepared_folder, "test")
    summary, about = evaluation.summary, evaluation.about
    decided = by_run["decisions"].sum(axis=0)
    np.testing.assert_array_equal((summary["TP"] + summary["FP"])[:4], decided)
    assert about["model"] == run.metadata.model


def test_frozen_backbones_keep_the_weights_of_their_runs(fusion_run, run, signal_run):
    network = fusion_run.network()
    for backbone in (run, signal_run):
        name = backbone.metadata.model
        for one, other in zip(
            network.get_layer(name).get_weights(), backbone.network().get_weights(), strict=True
        ):
            np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"])
def test_backbones_of_runs_get_the_dtype_policy_of_training(fusion_settings, policy):
    network = build_network(fusion_settings, CLASSES, policy)
    convolution = network.get_layer("alexnet").layer.get_layer("conv1")
    assert convolution.compute_dtype == policy.removeprefix("mixed_")
    assert network.get_layer("image").compute_dtype == "float32"
    assert network.output.dtype == "float32"


def test_new_backbones_have_the_given_sizes_and_are_trained(fusion_settings):
    settings = dataclasses.replace(
        fusion_settings,
        signal_run=None,
        image_run=None,
        signal_model="gru",
        image_model="resnet",
        nb_filters=2,
        hidden_size=3,
        num_layers=1,
        dropout=0.4,
    )
    network = build_network(settings, CLASSES)
    assert network.get_layer("gru").get_layer("gru1").units == 3
    assert network.get_layer("resnet").get_layer("conv1").filters == 2
    assert [x.rate for x in network.layers if isinstance(x, keras.layers.Dropout)] == [0.4]
    assert len(network.trainable_weights) == len(network.weights) - 2 * 53  # batch statistics


def test_a_new_backbone_beside_a_frozen_one_is_trained(fusion_settings):
    settings = dataclasses.replace(fusion_settings, signal_run=None, hidden_size=3)
    network = build_network(settings, CLASSES)
    assert network.get_layer("bigru").trainable_weights
    assert not network.get_layer("alexnet").trainable_weights


def test_joint_fusion_trains_the_backbones_of_runs(fusion_settings):
    network = build_network(dataclasses.replace(fusion_settings, model="joint_fusion"), CLASSES)
    assert len(network.trainable_weights) == len(network.weights)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"leads": ("I", "II", "V1")}, "signal_run .*: leads I,II,V2, expected I,II,V1"),
        ({"channels": ("gaf",)}, "image_run .*: channels gaf,mtf,rp, expected gaf"),
        ({"image_size": 96}, "image_run .*: image_size 67, expected 96"),
        ({"hidden_size": 7}, "hidden_size 7: the signal backbone comes from signal_run"),
        ({"image_model": "resnet"}, "image_model resnet: the image backbone comes from image_run"),
        ({"image_run": "no/run"}, "no/run: no run folder"),
        ({"signal_run": None, "signal_model": "resnet"}, "resnet: a network that takes the image"),
        ({"signal_run": None, "signal_model": "lstm2"}, "model 'lstm2': expected one of alexnet, "),
        ({"model": "gru"}, "signal_run: gru has no backbones"),
        ({"image_backend": "pyts"}, "image_backend pyts: late_fusion computes its images itself"),
        ({"image_cache": "tree"}, "image_cache tree: is for images by pyts"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(
    fusion_settings, tmp_path, change, message
):
    settings = dataclasses.replace(fusion_settings, path_save_model=str(tmp_path / "r"), **change)
    with pytest.raises(InputError, match=message):
        train(settings)
    assert not (tmp_path / "r").exists()


def test_an_image_run_as_signal_backbone_is_refused(fusion_settings, run):
    settings = dataclasses.replace(fusion_settings, signal_run=str(run.path))
    with pytest.raises(InputError, match="alexnet takes the image, not the signal"):
        build_network(settings, CLASSES)


def test_a_backbone_run_of_other_classes_is_refused(fusion_settings, signal_run, tmp_path):
    folder = shutil.copytree(signal_run.path, tmp_path / "run")
    about = {**signal_run.metadata.to_json(), "class_names": ["A", "B"]}
    (folder / "about.json").write_text(json.dumps(about))
    thresholds = {"method": "0.5", "thresholds": {"A": 0.5, "B": 0.5}}
    (folder / "thresholds.json").write_text(json.dumps(thresholds))
    settings = dataclasses.replace(fusion_settings, signal_run=str(folder))
    with pytest.raises(InputError, match="class_names A,B, expected MI,STTC,CD,HYP"):
        build_network(settings, CLASSES)


def test_a_network_starts_with_the_weights_of_initial_run(small_settings, run):
    network = build_network(small_settings, CLASSES)
    load_initial_weights(network, run.path, small_settings, CLASSES)
    for one, other in zip(network.get_weights(), run.network().get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"model": "alexnet_attention"}, "model alexnet, expected alexnet_attention"),
        ({"leads": ("I", "II", "V3")}, "leads I,II,V2, expected I,II,V3"),
        ({"scaling": "millivolt"}, "scaling record, expected millivolt"),
        ({"nb_filters": 8}, "alexnet of another size"),
    ],
)
def test_weights_of_another_network_are_refused(small_settings, run, change, message):
    settings = dataclasses.replace(small_settings, **change)
    with pytest.raises(InputError, match=f"initial_run .*: {message}"):
        load_initial_weights(build_network(settings, CLASSES), run.path, settings, CLASSES)


def test_a_hyperparameter_of_another_network_is_refused(signal_settings):
    with pytest.raises(InputError, match="gru has no nb_filters; it has num_layers, hidden_size"):
        build_network(dataclasses.replace(signal_settings, nb_filters=8), CLASSES)


def test_a_signal_network_refuses_an_image_tree(signal_run, tmp_path):
    (tmp_path / "tree/dev/images").mkdir(parents=True)
    (tmp_path / "tree/dev/labels").mkdir()
    assert is_image_tree(tmp_path / "tree")
    with pytest.raises(InputError, match="an image tree, but the network takes the signal"):
        evaluate(signal_run.path, tmp_path / "tree", "dev")


def test_the_metadata_describes_the_network(fusion_run, signal_run):
    assert signal_run.metadata.hyperparameters["hidden_size"] == 4
    assert signal_run.input_spec.channels is None
    assert fusion_run.metadata.parameters > signal_run.metadata.parameters
    assert set(signal_run.metadata.hyperparameters) <= set(find("gru").hyperparameters)
    assert len(signal_run.metadata.git_revision or 40 * "0") >= 40


def test_tensorboard_has_losses_auroc_and_the_learning_rate(signal_run):
    assert {"epoch_loss", "epoch_learning_rate"} <= figures(signal_run.logs / "train").keys()
    auroc = {"epoch_loss", "epoch_auroc", "epoch_auroc_MI"}
    assert auroc <= figures(signal_run.logs / "validation").keys()
    assert_same_as_history(signal_run)
