import concurrent.futures
import csv
import dataclasses
import json
import re

import eager
import keras
import numpy as np
import pytest
from absl import flags
from in_process import command_module
from sklearn.metrics import roc_curve
from small_tree import small_tree
from study_path import without_means

from ecg_tf.data.batches.examples import ECGs
from ecg_tf.data.prepared import PreparedRecords
from ecg_tf.errors import InputError, RecordError
from ecg_tf.export.export_run import export_run
from ecg_tf.layers import ECGImage
from ecg_tf.leads import LEADS
from ecg_tf.models import MODELS
from ecg_tf.models.registry import Entry
from ecg_tf.predict.predictor import Predictor
from ecg_tf.runs.predict import predict_probabilities
from ecg_tf.training.settings import Settings
from ecg_tf.training.train import train

pytestmark = pytest.mark.usefixtures("few_blocks")


def dev_records(small_settings):
    return PreparedRecords(small_settings.data).read("dev")


def dev_probabilities(run, records):
    network = keras.saving.load_model(run.model_file)
    images = ECGImage(size=67)(records.ecg)
    return np.asarray(keras.ops.sigmoid(network(images)))


def test_the_run_folder_is_complete(run):
    assert {path.name for path in run.path.iterdir()} == {
        "model.keras",
        "seen.npz",
        "flags.cfg",
        "about.json",
        "history.csv",
        "loss.png",
        "logs",
        "thresholds.json",
    }
    about = json.loads((run.path / "about.json").read_text())
    assert about["class_names"] == ["MI", "STTC", "CD", "HYP"]
    assert about["simulated"] is True
    rows = list(csv.DictReader((run.path / "history.csv").open()))
    assert [row["epoch"] for row in rows] == ["1", "2"]
    assert any(run.logs.rglob("events.out.tfevents.*"))


def test_the_saved_network_has_the_lowest_dev_loss(run, small_settings):
    """Its loss, by the formula of the loss in numpy, is the smallest of the history."""
    records = dev_records(small_settings)
    p = dev_probabilities(run, records).astype(np.float64)
    weight = np.array(run.metadata.pos_weight)
    y = records.labels
    loss = -(weight * y * np.log(p) + (1 - y) * np.log1p(-p)).mean()
    assert loss == pytest.approx(min(run.history()["val_loss"]), rel=1e-3)


def test_pos_weight_auto_comes_from_the_training_labels(run, small_settings):
    labels = PreparedRecords(small_settings.data).labels("train")
    expected = (1 - labels.mean(axis=0)) / labels.mean(axis=0)
    np.testing.assert_allclose(run.metadata.pos_weight, expected)


def test_thresholds_maximize_the_gmean_on_dev(run, small_settings):
    source = ECGs(dev_records(small_settings))
    probabilities = predict_probabilities(run.network(), run.preprocessor(), source)
    for k, threshold in enumerate(run.thresholds):
        y, p = source.labels[:, k] == 1, probabilities[:, k]
        fpr, tpr, _ = roc_curve(y, p, drop_intermediate=False)
        decided = p >= threshold
        found = np.sqrt(decided[y].mean() * (~decided[~y]).mean())
        assert found == pytest.approx(np.sqrt(tpr * (1 - fpr)).max(), abs=1e-6)


def test_pyts_and_keras_images_give_the_same_training(run, small_settings, tmp_path):
    settings = dataclasses.replace(
        small_settings,
        image_backend="pyts",
        image_cache=str(tmp_path / "tree"),
        epochs=1,
        path_save_model=str(tmp_path / "run"),
    )
    history = eager.train(settings).history()
    np.testing.assert_allclose(history["loss"], run.history()["loss"][:1], rtol=2e-2)
    # What the cache holds by now is an image tree to train on.
    on_tree = dataclasses.replace(
        settings, data=f"{tmp_path / 'tree'}/", path_save_model=str(tmp_path / "on_tree")
    )
    np.testing.assert_allclose(eager.train(on_tree).history()["loss"], history["loss"], rtol=1e-3)


def convolution(input_shape, classes):
    """The smallest network of images of every size."""
    image = keras.Input(input_shape)
    x = keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(2, 3, name="conv1")(image))
    return keras.Model(image, keras.layers.Dense(classes, name="logits")(x))


def test_other_leads_channels_and_windows_train(small_settings, tmp_path, monkeypatch):
    """The saved network takes whole records."""
    monkeypatch.setitem(MODELS, "convolution", Entry(convolution, input_kind="image"))
    settings = dataclasses.replace(
        small_settings,
        model="convolution",
        nb_filters=None,
        leads=("V6",),
        channels=("rp", "gaf"),
        image_size=128,
        scaling="millivolt",
        window_seconds=5.0,
        epochs=1,
        path_save_model=str(tmp_path / "run"),
    )
    assert eager.train(settings).network().input_shape == (None, 128, 128, 2)


def test_sliding_windows_are_saved_and_exported(small_settings, prepared, tmp_path):
    settings = dataclasses.replace(
        small_settings,
        model="resnet1d",
        image_backend=None,
        window_seconds=1.0,
        sliding_seconds=0.8,
        epochs=1,
        path_save_model=str(tmp_path / "run"),
    )
    run = eager.train(settings)
    assert run.metadata.hyperparameters["sliding_seconds"] == 0.8
    network = run.network()
    assert network.input_shape == (None, 1000, 3)
    assert network.get_layer("windows").output.shape == (None, 80, 3)
    export_run(run.path, tmp_path / "export")
    ecg = without_means(prepared.read("dev", LEADS).ecg)
    signals = run.preprocessor()(ecg[:, :, [LEADS.index(lead) for lead in settings.leads]])
    expected = keras.ops.sigmoid(network.predict(signals, verbose=0))
    found = Predictor(tmp_path / "export")(ecg)["probabilities"]
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_a_network_with_convolutions_over_time_trains(signal_settings, tmp_path):
    settings = dataclasses.replace(
        signal_settings, model="cnn_gru", num_layers=None, path_save_model=str(tmp_path / "run")
    )
    run = eager.train(settings)
    assert run.metadata.hyperparameters == {"hidden_size": 4}  # leads are not mixed with times
    assert run.network().input_shape == (None, 1000, 3)


def test_training_works_in_a_thread(small_settings, tmp_path):
    """Where Python allows no signal handlers."""
    settings = dataclasses.replace(
        small_settings,
        model="gru",
        nb_filters=None,
        image_backend=None,
        hidden_size=4,
        num_layers=1,
        epochs=1,
        path_save_model=str(tmp_path / "run"),
    )
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        assert pool.submit(eager.train, settings).result().is_finished


@pytest.mark.usefixtures("small_alexnet")
def test_mixed_precision_leaves_a_float32_network(small_settings, tmp_path):
    settings = dataclasses.replace(
        small_settings, mixed_precision="float16", epochs=1, path_save_model=str(tmp_path / "run")
    )
    run = train(settings)
    assert run.metadata.dtype_policy == "mixed_float16"
    assert {layer.compute_dtype for layer in run.network().layers} == {"float32"}
    assert keras.config.dtype_policy().name == "float32"


def test_xla_on_is_refused_where_it_cannot_compile(signal_settings, tmp_path):
    settings = dataclasses.replace(signal_settings, xla="on", path_save_model=str(tmp_path / "run"))
    with pytest.raises(InputError, match="xla on: gru contains layers that XLA does not compile"):
        train(settings)
    assert not (tmp_path / "run").exists()


def test_a_used_run_folder_is_refused(run, small_settings):
    before = run.model_file.read_bytes()
    with pytest.raises(InputError, match="contains a finished run; use -overwrite"):
        train(dataclasses.replace(small_settings, path_save_model=str(run.path)))
    assert run.model_file.read_bytes() == before


@pytest.mark.usefixtures("small_alexnet")
def test_a_loss_that_is_not_finite_ends_training(small_settings, tmp_path):
    settings = dataclasses.replace(
        small_settings, optimizer="sgd", learning_rate=1e12, path_save_model=str(tmp_path / "run")
    )
    with pytest.raises(InputError, match=r"is nan in step \d of epoch 1, at learning rate 1e\+12;"):
        eager.train(settings)


@pytest.mark.usefixtures("small_alexnet")
def test_an_error_of_pyts_names_the_record(small_settings, tmp_path, monkeypatch):
    read = PreparedRecords.read

    def read_with_a_flat_lead(self, partition, leads):
        records = read(self, partition, leads)
        records.ecg[3, :, 1] = 0.5
        return records

    monkeypatch.setattr(PreparedRecords, "read", read_with_a_flat_lead)
    settings = dataclasses.replace(
        small_settings, image_backend="pyts", path_save_model=str(tmp_path / "run")
    )
    with pytest.raises(RecordError, match=r"ecg_id \d+: lead II is flat"):
        eager.train(settings)


@pytest.mark.usefixtures("small_alexnet")
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"model": "vgg19"}, "model 'vgg19': expected one of alexnet"),
        ({"data": "no/such/folder"}, "no/such/folder: no such folder"),
        ({"data": "tests"}, "tests: holds neither prepared records .* nor an image tree"),
        ({"pos_weight": "1,2"}, "pos_weight '1,2'"),
        ({"image_size": 1001}, "image_size 1001: expected 1 to 1000, the samples of the signal"),
        ({"window_seconds": 10.1}, r"window_seconds 10\.1: expected at most 10, the length of the"),
        ({"sliding_seconds": 10.5}, r"sliding_seconds 10\.5: expected at most 10, the length"),
        ({"image_size": 66}, "images of 66 × 66, expected 67 or more"),
        (
            {"model": "late_fusion", "window_seconds": 2.0},
            "window_seconds 2: late_fusion has two b",
        ),
        ({"window_seconds": 2.0}, "window_seconds 2: per-record scaling gives"),
        (
            {"window_seconds": 2.0, "scaling": "millivolt"},
            "window_seconds 2: expected a whole number of pixels; the image_size of 10 s is 67",
        ),
        (
            {"window_seconds": 5.0, "scaling": "millivolt", "image_size": 134},
            "window_seconds 5: the weights of alexnet depend on the size of its images",
        ),
        ({"window_seconds": 5.0, "image_backend": "pyts"}, "window_seconds 5.0: needs prepared"),
        ({"augment": True, "image_backend": "pyts"}, "augment True: needs prepared records and"),
        ({"scaling": "millivolt", "image_backend": None}, "scaling millivolt: needs prepared"),
    ],
)
def test_unusable_settings_are_refused(small_settings, tmp_path, change, message):
    settings = dataclasses.replace(small_settings, path_save_model=str(tmp_path / "r"), **change)
    with pytest.raises(InputError, match=message):
        train(settings)
    assert not (tmp_path / "r").exists()


def test_an_image_tree_with_another_scaling_is_refused(small_settings, tmp_path):
    small_tree(tmp_path / "tree", ("train", "dev"), size=67)
    settings = dataclasses.replace(
        small_settings,
        data=str(tmp_path / "tree"),
        scaling="millivolt",
        image_backend=None,
        path_save_model=str(tmp_path / "run"),
    )
    with pytest.raises(InputError, match="its images have scaling record, expected millivolt"):
        train(settings)
    assert not (tmp_path / "run").exists()


def test_a_ptbxl_folder_as_data_is_refused_with_advice(small_settings, simulated_folder, tmp_path):
    settings = dataclasses.replace(
        small_settings, data=str(simulated_folder), path_save_model=str(tmp_path / "r")
    )
    with pytest.raises(InputError, match=r"a PTB-XL folder; prepare it first: ecg_tf prepare_data"):
        train(settings)


def test_every_setting_is_a_flag_of_the_command():
    with command_module("train"):
        helptext = flags.FLAGS.get_help()
    for field in dataclasses.fields(Settings):
        assert re.search(rf"--(\[no\])?{field.name}\b", helptext), field.name
