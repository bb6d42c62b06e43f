"""Exports that are damaged, changed or old, and what may call them."""

import importlib
import io
import json
import random
import shutil
import threading
import zipfile

import numpy as np
import pytest
from untrained import untrained_run

from ecg_tf.errors import InputError
from ecg_tf.export.check import example_ecgs, spoilt_ecgs
from ecg_tf.export.export_run import _WRITERS
from ecg_tf.export.runtimes import FILES
from ecg_tf.export.seal import MANIFEST
from ecg_tf.predict.predictor import Predictor
from ecg_tf.runs.ecg_classifier import ECGClassifier

NEEDS = {"saved_model": "tensorflow", "litert": "ai_edge_litert", "onnx": "tf2onnx"}


@pytest.fixture(scope="module")
def signal_run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "run"
    return untrained_run(folder, "gru", hidden_size=4, num_layers=1)


@pytest.fixture(scope="module", params=NEEDS)
def form(request):
    """The form of an export: each in turn, or those that `only` names."""
    pytest.importorskip(NEEDS[request.param])
    return request.param


def only(*forms):
    """A mark: the test takes exports of these forms."""
    return pytest.mark.parametrize("form", forms, indirect=True)


@pytest.fixture(scope="module")
def exported(signal_run, form, tmp_path_factory):
    folder = tmp_path_factory.mktemp("exports") / form
    module, function = _WRITERS[form]
    getattr(importlib.import_module(module), function)(ECGClassifier(signal_run), folder)
    return folder


@pytest.fixture
def copy(exported, tmp_path):
    return shutil.copytree(exported, tmp_path / "export")


def refused(path):
    with pytest.raises(InputError) as error:
        Predictor(path)
    message = str(error.value)
    assert "export" in message
    assert "\n" not in message
    return message


# Any thread, any number, any ECG


def in_threads(predictor, ecgs):
    """Probabilities of each ECG, asked by four threads at once."""
    found = [None] * len(ecgs)

    def ask(first):
        for k in range(first, len(ecgs), 4):
            found[k] = predictor(ecgs[k])["probabilities"]

    threads = [threading.Thread(target=ask, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def many_ecgs():
    ecgs = np.concatenate([example_ecgs(["I"])[:4]] * 5)
    return ecgs * np.linspace(0.5, 1.5, len(ecgs), dtype=np.float32)[:, None, None]


def test_threads_get_the_same_predictions(exported):
    found = in_threads(Predictor(exported), many_ecgs())
    expected = Predictor(exported)(many_ecgs())["probabilities"]
    np.testing.assert_allclose(found, expected, atol=1e-6, rtol=0)


def test_threads_may_predict_from_a_run_folder(signal_run):
    found = in_threads(Predictor(signal_run.path), many_ecgs())
    expected = Predictor(signal_run.path)(many_ecgs())["probabilities"]
    np.testing.assert_allclose(found, expected, atol=1e-6, rtol=0)


def test_spoilt_ecgs_are_invalid_and_offsets_have_no_effect(exported):
    predictor = Predictor(exported)
    answer = predictor(spoilt_ecgs(predictor.leads))
    assert answer["valid"].tolist() == [True] + [False] * 9
    assert [problem != "" for problem in answer["problems"]] == [False] + [True] * 9
    assert np.isfinite(answer["probabilities"]).all()
    clean = predictor(example_ecgs(predictor.leads)[0])
    assert clean["problems"] == ""
    np.testing.assert_allclose(answer["probabilities"][0], clean["probabilities"], atol=1e-4)


def test_an_empty_batch_gets_empty_predictions(exported):
    answer = Predictor(exported)(np.zeros((0, 1000, 12)))
    assert {key: (value.shape, value.dtype.kind) for key, value in answer.items()} == {
        "probabilities": ((0, 4), "f"),
        "decisions": ((0, 4), "i"),
        "valid": ((0,), "b"),
        "problems": ((0,), "U"),
    }


@only("saved_model", "onnx")  # LiteRT takes one ECG at a time
def test_the_file_itself_accepts_an_empty_batch(exported, form):
    answer = Predictor(exported)._predict(np.zeros((0, 1000, 12), np.float32))
    assert answer["probabilities"].shape == (0, 4)
    assert answer["valid"].shape == (0,)


# Damage


def test_a_changed_bit_anywhere_is_refused(copy):
    """Or is harmless: what a zip archive says twice, for one."""
    expected = Predictor(copy)(example_ecgs(["I"])[:1])["probabilities"]
    rng = random.Random(0)
    files = sorted(path for path in copy.rglob("*") if path.is_file())
    refusals = 0
    for number in range(24):
        file = files[number % len(files)]
        content = file.read_bytes()
        place = rng.randrange(len(content))
        file.write_bytes(
            content[:place] + bytes([content[place] ^ 1 << rng.randrange(8)]) + content[place + 1 :]
        )
        try:
            answer = Predictor(copy)(example_ecgs(["I"])[:1])["probabilities"]
        except InputError as error:
            refusals += str(copy) in str(error)
        else:
            np.testing.assert_array_equal(answer, expected)
        file.write_bytes(content)
    assert refusals >= 20


@pytest.mark.parametrize("share", [0, 0.01, 0.5, 0.9999])
def test_a_cut_file_is_refused(copy, form, share):
    file = copy / FILES[form]
    content = file.read_bytes()
    file.write_bytes(content[: int(share * len(content))])
    assert str(copy) in refused(copy)


def test_a_link_out_of_the_export_is_refused(copy, form, tmp_path):
    file = copy / FILES[form]
    file.rename(tmp_path / "elsewhere")
    file.symlink_to(tmp_path / "elsewhere")
    assert "leads out of" in refused(copy)


@only("saved_model")
def test_every_file_of_a_saved_model_is_in_its_manifest(copy, form):
    manifest = json.loads((copy / MANIFEST).read_text())
    names = {path.relative_to(copy).as_posix() for path in copy.rglob("*") if path.is_file()}
    assert set(manifest["sha256"]) == names - {MANIFEST}
    (copy / "variables/more").write_bytes(b"more")
    assert "holds 'variables/more', and its manifest.json does not list it" in refused(copy)
    (copy / "variables/more").unlink()
    (copy / "fingerprint.pb").unlink()
    assert "does not hold 'fingerprint.pb', and its manifest.json lists it" in refused(copy)


def test_a_saved_model_that_opens_files_is_not_run(tmp_path):
    import tensorflow as tf

    secret = tmp_path / "secret"
    secret.write_text("x")
    module = tf.Module()
    module.read = tf.function(lambda: {"x": tf.io.read_file(str(secret))}, input_signature=[])
    signatures = {"describe": module.read, "serving_default": module.read}
    tf.saved_model.save(module, str(tmp_path / "export"), signatures=signatures)
    assert "uses the operation 'ReadFile'" in refused(tmp_path / "export")


def test_onnx_weights_in_another_file_are_refused(tmp_path):
    onnx = pytest.importorskip("onnx")
    tensor = onnx.TensorProto(name="w", data_type=1, dims=[4], data_location=1)
    tensor.external_data.add(key="location", value="/etc/passwd")
    graph = onnx.helper.make_graph([], "g", [], [], [tensor])
    file = tmp_path / "export.onnx"
    file.write_bytes(onnx.helper.make_model(graph).SerializeToString())
    assert "has weights in other files" in refused(file)


@only("onnx")
def test_a_hash_that_is_not_at_the_end_does_not_count(copy, form):
    file = copy / FILES[form]
    file.write_bytes(file.read_bytes() + b"\x72\x00")
    assert "its hash is not at its end" in refused(copy)


# Exports from before there was a hash


def without_seal(folder, form):
    """Make an export what it was before; returns its description."""
    file = folder / FILES[form]
    if form == "saved_model":
        (folder / MANIFEST).unlink()
        return None
    content = file.read_bytes()
    if form == "onnx":
        file.write_bytes(content[: -len(b"\x72\x4a\x0a\x06sha256\x12\x40") - 64])
        return None
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        description = json.loads(archive.read("description.json"))
    del description["sha256"]
    write_description(file, description)
    return description


def write_description(file, description):
    content = file.read_bytes()
    file.write_bytes(content[: content.rindex(b"PK\3\4")])
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("description.json", json.dumps(description))


def test_an_export_without_a_hash_still_opens(copy, form, exported):
    without_seal(copy, form)
    ecg = example_ecgs(["I"])[:2]
    old, new = Predictor(copy), Predictor(exported)
    np.testing.assert_array_equal(old(ecg)["probabilities"], new(ecg)["probabilities"])
    assert old.class_names == new.class_names


@only("litert")  # all forms are checked by the same function
def test_the_description_is_checked_against_the_network(copy, form):
    description = without_seal(copy, form)
    description["class_names"].append("X")
    description["thresholds"].append(0.5)
    write_description(copy / FILES[form], description)
    assert "its network gives 4 probabilities, but 5 classes are described" in refused(copy)
