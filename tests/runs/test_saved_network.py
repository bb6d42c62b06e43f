"""Networks built anew from a run's description, against what Keras itself reads of the file."""

import io
import json
import shutil
import zipfile

import h5py
import keras
import numpy as np
import pytest
from untrained import untrained_run

from ecg_tf.errors import InputError
from ecg_tf.models import build, find
from ecg_tf.runs.network_description import describe_backbones
from ecg_tf.runs.run_folder import RunFolder
from ecg_tf.runs.saved_network import build_described

pytestmark = pytest.mark.usefixtures("few_blocks")

SMALL = {
    "alexnet": {"nb_filters": 2},
    "alexnet_attention": {"nb_filters": 2},
    "resnet": {"nb_filters": 2},
    "band_resnet": {"nb_filters": 2},
    "gru": {"hidden_size": 3, "num_layers": 2},
    "bigru": {"hidden_size": 3, "num_layers": 1},
    "gru_attention": {"hidden_size": 3},
    "cnn_lstm": {"hidden_size": 3, "nb_filters": 2},
    "vgg": {"nb_filters": 2, "image_size": 16},
    "cnn": {"nb_filters": 2, "image_size": 16},
    "resnet1d": {"nb_filters": 2, "sliding_seconds": 2.5},
    "s4": {"nb_filters": 2, "num_layers": 2, "state_size": 4, "sliding_seconds": 2.5},
    "weighted_fusion": {"signal_model": "gru", "image_model": "band_resnet"},
    "late_fusion": {"image_model": "alexnet_attention"},
    "early_fusion": {"image_model": "band_resnet"},
    "joint_fusion": {"signal_model": "gru"},
}
FRESH_BACKBONES = {"nb_filters": 2, "hidden_size": 3, "num_layers": 1}


def make(folder, model):
    more = FRESH_BACKBONES if find(model).input_kind == "ecg" else {}
    return untrained_run(folder, model, **SMALL[model], **more)


@pytest.mark.usefixtures("small_alexnet")
@pytest.mark.parametrize("model", SMALL)
def test_a_network_is_the_one_that_keras_reads(model, tmp_path):
    run = make(tmp_path / "run", model)
    network = run.network()
    expected = keras.saving.load_model(run.model_file, compile=False)
    assert [w.name for w in network.weights] == [w.name for w in expected.weights]
    for found, wanted in zip(network.get_weights(), expected.get_weights(), strict=True):
        np.testing.assert_array_equal(found, wanted)
    x = np.random.default_rng(1).normal(size=(2, *network.input_shape[1:])).astype("float32")
    np.testing.assert_array_equal(network(x), expected(x))


def test_backbones_are_described_by_their_layers():
    lstm = {"hidden_size": 3, "num_layers": 2}
    vgg = {"nb_filters": 2, "dropout_in_predictions": True}
    mixed = {"hidden_size": 3, "nb_filters": 2, "mix_time_and_leads": True}
    states = {"nb_filters": 2, "num_layers": 3, "state_size": 4, "sliding_seconds": 2.5}
    image = build("vgg", (32, 32, 3), 4, **vgg)
    signals = {"bilstm": lstm, "rnn": lstm, "cnn_lstm": mixed, "s4": states}
    for name, expected in signals.items():
        signal = build(name, (1000, 1), 4, **expected)
        fusion, options = "early_fusion", {"last_step": True}
        if name == "s4":  # which has no state after the last sample
            fusion, options = "late_fusion", {}
        network = build(fusion, signal=signal, image=image, **options)
        backbones, _ = describe_backbones(network.get_config())
        assert backbones["signal"].hyperparameters == expected
        assert backbones["image"].hyperparameters == vgg


@pytest.mark.usefixtures("small_alexnet")
@pytest.mark.parametrize("model", ["weighted_fusion", "late_fusion", "early_fusion"])
@pytest.mark.parametrize("frozen", [["signal"], ["signal", "image"]])
def test_fusions_without_described_backbones_still_open(model, frozen, tmp_path):
    fresh = make(tmp_path / "fresh", model)
    about = fresh.metadata.to_json()
    assert set(about["trunks"]) == {"signal", "image"}
    about["hyperparameters"]["frozen"] = frozen
    (fresh.path / "about.json").write_text(json.dumps(about))
    # As runs of before backbones were described: its network frozen, its description without both.
    network = build_described(fresh.metadata)
    fresh.save_network(network)
    del about["trunks"], about["hyperparameters"]["frozen"]
    (fresh.path / "about.json").write_text(json.dumps(about))
    expected = keras.saving.load_model(fresh.model_file, compile=False).get_weights()
    for found, wanted in zip(fresh.network().get_weights(), expected, strict=True):
        np.testing.assert_array_equal(found, wanted)


def test_weights_of_an_optimizer_are_ignored(tmp_path):
    run = make(tmp_path / "run", "resnet1d")
    network = run.network()
    network.compile("adam", "mse")
    network.optimizer.build(network.trainable_variables)
    run.save_network(network)
    for found, wanted in zip(run.network().get_weights(), network.get_weights(), strict=True):
        np.testing.assert_array_equal(found, wanted)


def test_a_network_has_the_given_dtype_policy(tmp_path):
    run = make(tmp_path / "run", "resnet1d")
    assert run.network().get_layer("conv1").compute_dtype == "float32"
    network = run.network("mixed_bfloat16")
    assert network.get_layer("conv1").compute_dtype == "bfloat16"
    assert network.get_layer("conv1").variable_dtype == "float32"
    assert keras.config.dtype_policy().name == "float32"


# Damage


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    return make(tmp_path_factory.mktemp("runs") / "run", "resnet1d").path


@pytest.fixture
def folder(good, tmp_path):
    return shutil.copytree(good, tmp_path / "run")


def edit_weights(folder, change):
    """change(h5py.File) of the weights, in an archive whose checksums are right."""
    with zipfile.ZipFile(folder / "model.keras") as old:
        members = {name: old.read(name) for name in old.namelist()}
    content = io.BytesIO(members["model.weights.h5"])
    with h5py.File(content, "r+") as file:
        change(file)
    rewrite(folder, members | {"model.weights.h5": content.getvalue()})


def rewrite(folder, members, method=zipfile.ZIP_STORED):
    with zipfile.ZipFile(folder / "model.keras", "w", method) as new:
        for name, content in members.items():
            new.writestr(name, content)


KERNEL = "layers/dense/vars/0"  # of the layer "logits", (8, 4)


def replaced(make_item):
    def change(file):
        del file[KERNEL]
        make_item(file)

    return change


def filled(value):
    def change(file):
        values = file[KERNEL][()]
        values[0, 0] = value
        file[KERNEL][...] = values

    return change


def elsewhere(file):
    file.create_dataset(KERNEL, (8, 4), "float32", external=[("/etc/passwd", 0, 128)])


def virtual(file):
    layout = h5py.VirtualLayout((8, 4), "float32")
    layout[:] = h5py.VirtualSource("/etc/passwd", "x", (8, 4))
    file.create_virtual_dataset(KERNEL, layout)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (filled(np.nan), "logits, array 0: holds a weight that is not finite"),
        (filled(-np.inf), "logits, array 0: holds a weight that is not finite"),
        (filled(1e38), "logits, array 0: holds a weight that is not finite, or more than 1e"),
        (replaced(lambda file: None), "misses 'logits/0'"),
        (lambda file: file.create_dataset("layers/dense/vars/2", data=1.0), "holds 'logits/2'"),
        (
            replaced(lambda file: file.create_dataset(KERNEL, data=np.zeros((4, 8), "f4"))),
            r"logits, array 0: shape \(4, 8\), expected \(8, 4\)",
        ),
        (
            replaced(lambda file: file.create_dataset(KERNEL, data=np.zeros((8, 4), "c8"))),
            "logits, array 0: 'complex64', expected floating point",
        ),
        (
            replaced(lambda file: file.create_dataset(KERNEL, (8, 4), "f4", chunks=(8, 4))),
            "logits, array 0: 0 bytes stored, of 128",
        ),
        (replaced(elsewhere), "logits, array 0: in another file"),
        (replaced(virtual), "logits, array 0: in another file"),
        (
            replaced(lambda f: f.__setitem__(KERNEL, h5py.ExternalLink("/etc/passwd", "x"))),
            "'0' is a link",
        ),
        (replaced(lambda f: f.__setitem__(KERNEL, h5py.SoftLink("/layers"))), "'0' is a link"),
        (
            lambda f: f["layers/dense"].__setitem__("again", f["layers"]),
            "too many groups, or groups in a circle",
        ),
    ],
)
def test_damaged_weights_are_refused_by_name(change, reason, folder):
    edit_weights(folder, change)
    with pytest.raises(InputError, match=f"model.keras: model.weights.h5: {reason}"):
        RunFolder.open(folder).network()


@pytest.mark.parametrize("size", [3 * 10**6, 10**8])
def test_an_archive_that_is_compressed_too_much_is_not_unpacked(size, folder):
    rewrite(folder, {"model.weights.h5": bytes(size)}, zipfile.ZIP_BZIP2)
    with pytest.raises(InputError, match=f"model.keras: model.weights.h5: {size} bytes, packed"):
        RunFolder.open(folder).network()


def test_arrays_that_are_compressed_too_much_are_not_unpacked(tmp_path):
    run = make(tmp_path / "run", "alexnet")
    rows, units = run.network().get_layer("dense2").kernel.shape

    def zeros(file):
        (path,) = (
            name
            for name in ("layers/dense", "layers/dense_1", "layers/dense_2")
            if file[f"{name}/vars"].attrs["name"] == "dense2"
        )
        del file[f"{path}/vars/0"]
        file.create_dataset(f"{path}/vars/0", (rows, units), "f4", compression="gzip")[...] = 0

    edit_weights(run.path, zeros)
    with pytest.raises(InputError, match=r"dense2, array 0: \d+ bytes stored, of 33554432"):
        run.network()


def test_no_layer_of_the_file_is_made(folder):
    with zipfile.ZipFile(folder / "model.keras") as old:
        members = {name: old.read(name) for name in old.namelist()}
    expected = RunFolder.open(folder).network().get_weights()
    rewrite(folder, members | {"config.json": b'{"class_name": "Lambda", "module": "os"}'})
    for found, wanted in zip(RunFolder.open(folder).network().get_weights(), expected, strict=True):
        np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "cannot be loaded"), (b"PK", "cannot be loaded"), (None, "no regular file")],
)
def test_a_file_that_is_no_archive_is_refused(content, reason, folder):
    run = RunFolder.open(folder)
    run.model_file.unlink()
    if content is None:
        run.model_file.mkdir()
    else:
        run.model_file.write_bytes(content)
    with pytest.raises(InputError, match=f"model.keras: {reason}"):
        run.network()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"hyperparameters": {"nb_filters": 60_000, "sliding_seconds": 2.5}}, "expected"),
        ({"hyperparameters": {}}, "shape|misses"),
        ({"leads": ["I", "II"]}, r"conv1, array 0: shape \(15, 3, 2\), expected \(15, 2, 2\)"),
        ({"model": "gru"}, "misses 'gru1/gru_cell/0'"),
    ],
)
def test_weights_of_another_network_are_refused_before_it_is_built(changes, reason, folder):
    about = json.loads((folder / "about.json").read_text())
    if "model" in changes:
        about["hyperparameters"] = {}
    (folder / "about.json").write_text(json.dumps(about | changes))
    with pytest.raises(InputError, match=f"model.keras: .*({reason})"):
        RunFolder.open(folder).network()
