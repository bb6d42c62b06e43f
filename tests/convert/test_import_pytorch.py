"""From a file that PyTorch saved to a run folder."""

import argparse
import json
import shutil
import sys
import zipfile

import golden_networks as golden
import numpy as np
import pytest
from on_terminal import assert_lines

from ecg_tf.convert.checkpoint import read_state_dict
from ecg_tf.convert.import_pytorch import import_pytorch
from ecg_tf.errors import InputError
from ecg_tf.evaluation.thresholds import choose_thresholds
from ecg_tf.runs.evaluate import evaluate
from ecg_tf.runs.predict import predict_probabilities
from ecg_tf.runs.run_folder import RunFolder

pytestmark = pytest.mark.torch
torch = pytest.importorskip("torch", reason="needs PyTorch: bin/test torch")


@pytest.fixture(scope="module", autouse=True)
def _without_random_weights():
    with golden.without_random_weights():
        yield


class Code:
    """What runs as code when unpickled."""

    def __reduce__(self):
        return print, ("this must not be printed",)


@pytest.fixture(scope="module")
def imported(tmp_path_factory):
    """A function from a golden name to its run folder, made of a file that PyTorch saved."""
    runs = {}

    def run(name):
        if name not in runs:
            folder = tmp_path_factory.mktemp(name)
            file = save(folder / "weights.pt", golden.state(name))
            backbones = (
                {"signal_run": "bigru", "image_run": "alexnet8"} if name == "late512" else {}
            )
            backbones = {flag: run(backbone).path for flag, backbone in backbones.items()}
            runs[name] = import_pytorch(file, golden.MODELS[name], folder / "run", **backbones)
            file.unlink()
        return runs[name]

    return run


def save(path, state):
    torch.save({name: torch.tensor(array) for name, array in state.items()}, path)
    return path


@pytest.fixture
def gru_file(tmp_path):
    return save(tmp_path / "gru.pt", golden.state("gru3"))


# The others differ from these by their tables only, which tests/models/test_golden.py goes through.
@pytest.mark.parametrize("name", ["resnet50", "cnngru", "late512"])
def test_the_run_predicts_as_the_study_did(imported, name):
    run = RunFolder.open(imported(name).path)
    golden.assert_golden(golden.logits(run.network()), name)
    assert run.metadata.model == golden.MODELS[name]
    assert list(run.input_spec.leads) == ["I", "II", "V2"]
    assert run.metadata.simulated is False
    np.testing.assert_array_equal(run.thresholds, 0.5)


def test_what_the_study_did_otherwise_is_kept_in_the_run(imported, tmp_path, monkeypatch):
    assert imported("cnngru").metadata.hyperparameters == {
        "hidden_size": 128,
        "nb_filters": 6,
        "mix_time_and_leads": True,
    }
    monkeypatch.setattr("ecg_tf.convert.pytorch.IMAGE_SIZE", 8)
    shapes = {**golden.shapes["vgg16"], "fc1.weight": (4096, 64)}
    vgg = save(tmp_path / "vgg.pt", {key: np.zeros(shape, "f4") for key, shape in shapes.items()})
    run = import_pytorch(vgg, "vgg", tmp_path / "run", dropout_in_predictions=True)
    assert run.metadata.hyperparameters == {"nb_filters": 16, "dropout_in_predictions": True}


def test_dropout_in_predictions_is_for_vgg_only(gru_file, tmp_path):
    message = refused(gru_file, tmp_path, dropout_in_predictions=True)
    assert "gru has no dropout_in_predictions; it has num_layers" in message


@pytest.mark.parametrize("name", ["gru3", "early256"])
def test_the_run_predicts_from_raw_ecgs(imported, name):
    run = imported(name)
    logits = run.network().predict(run.preprocessor()(golden.inputs()["ecg"]), verbose=0)
    np.testing.assert_allclose(logits, golden.outputs[f"{name}.logits"], atol=1e-3)


def test_thresholds_are_chosen_on_dev(gru_file, prepared_folder, prepared, tmp_path, capfd):
    run = import_pytorch(gru_file, "gru", tmp_path / "run", data=str(prepared_folder))
    output, error = capfd.readouterr()
    assert output == ""
    assert_lines(error)  # none of PyTorch or Keras
    assert run.metadata.simulated is True
    from ecg_tf.data.batches.examples import ECGs

    dev = ECGs(prepared.read("dev", ["I", "II", "V2"]))
    probabilities = predict_probabilities(run.network(), run.preprocessor(), dev)
    np.testing.assert_array_equal(
        run.thresholds, choose_thresholds("gmean", dev.labels, probabilities)
    )
    about = evaluate(run.path, str(prepared_folder), "dev").about
    assert about["threshold_method"] == "gmean"


def test_without_data_thresholds_are_one_half(imported, prepared_folder):
    about = evaluate(imported("gru3").path, str(prepared_folder), "dev").about
    assert about["thresholds"] == "0.5 for every class"


def refused(checkpoint, tmp_path, model="gru", **more):
    with pytest.raises(InputError) as error:
        import_pytorch(checkpoint, model, tmp_path / "run", **more)
    assert not (tmp_path / "run").exists()
    return str(error.value)


@pytest.mark.parametrize("content", [b"", b"hello, this is no checkpoint", b"PK\3\4" + bytes(100)])
def test_a_file_that_is_no_checkpoint_is_refused(content, tmp_path):
    file = tmp_path / "gru.pt"
    file.write_bytes(content)
    assert refused(file, tmp_path) == f"{file}: no PyTorch checkpoint, or a damaged one"


def test_a_missing_file_is_refused(tmp_path):
    assert refused(tmp_path / "gru.pt", tmp_path) == f"{tmp_path / 'gru.pt'}: no such file"


def test_a_damaged_checkpoint_is_refused(gru_file, tmp_path):
    gru_file.write_bytes(gru_file.read_bytes()[:5000])
    assert "no PyTorch checkpoint, or a damaged one" in refused(gru_file, tmp_path)


@pytest.mark.parametrize("new_format", [True, False])
def test_code_in_a_checkpoint_is_refused_and_not_run(new_format, tmp_path, capsys):
    file = tmp_path / "gru.pt"
    torch.save({"a": Code()}, file, _use_new_zipfile_serialization=new_format)
    message = refused(file, tmp_path)
    assert "refused, because it holds more than tensors: " in message
    assert "print, which loading would run as code; expected a state dict" in message
    torch.save({"weights": torch.ones(1), "flags": argparse.Namespace()}, file)
    assert "argparse.Namespace" in refused(file, tmp_path)
    torch.save(torch.nn.Linear(2, 3), file)
    assert "refused, because it holds more than tensors: torch.nn" in refused(file, tmp_path)
    assert "must not be printed" not in capsys.readouterr().out


def test_a_checkpoint_that_is_no_state_dict_is_refused(tmp_path):
    file = tmp_path / "gru.pt"
    torch.save({"epoch": 3, "state": {"a": torch.ones(1)}}, file)
    assert "'epoch' is a int (in it: epoch, state)" in refused(file, tmp_path)
    torch.save([torch.ones(1)], file)
    assert refused(file, tmp_path) == f"{file}: holds a list, expected a state dict"


def test_a_checkpoint_of_another_network_is_refused(gru_file, tmp_path):
    assert refused(gru_file, tmp_path, "alexnet") == (
        f"{gru_file}: looks like gru, expected alexnet"
    )


def test_a_checkpoint_of_other_leads_is_refused(gru_file, tmp_path):
    assert refused(gru_file, tmp_path, leads=["I", "II"]) == (
        f"{gru_file}: takes 3 channels, expected 2: leads I, II"
    )


def test_a_late_fusion_needs_the_runs_of_its_backbones(gru_file, imported, tmp_path):
    late = {"model": "late_fusion", "tmp_path": tmp_path}
    assert "has no backbones: -signal_run is missing" in refused(gru_file, **late)
    gru = imported("gru3").path
    message = refused(gru_file, **late, signal_run=gru, image_run=gru)
    assert message == f"image_run {gru}: gru takes the signal, not the image"
    message = refused(gru_file, **late, signal_run=gru, image_run=gru, leads=["II"])
    assert message == f"signal_run {gru}: leads I,II,V2, expected II"
    message = refused(gru_file, tmp_path, signal_run=gru)
    assert message == f"signal_run {gru}: only for late_fusion, not for gru"


def test_the_error_for_missing_pytorch_names_the_installation(gru_file, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    assert "needs PyTorch: pip install 'torch>=2.6'" in refused(gru_file, tmp_path)


def tensors(state):
    return {name: torch.tensor(array) for name, array in state.items()}


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize(
    "wrap",
    [
        lambda state: {f"module.{name}": tensor for name, tensor in state.items()},
        lambda state: {f"_orig_mod.{name}": tensor for name, tensor in state.items()},
        lambda state: {f"_orig_mod.module.{name}": tensor for name, tensor in state.items()},
        lambda state: {f"module._orig_mod.{name}": tensor for name, tensor in state.items()},
        lambda state: {"state_dict": state, "epoch": 3},
        lambda state: {"model_state_dict": state, "optimizer_state_dict": {"state": {}}},
        lambda state: {"model": {f"module.{name}": tensor for name, tensor in state.items()}},
        lambda state: {"state_dict": {f"model.{name}": tensor for name, tensor in state.items()}},
        lambda state: {name: torch.nn.Parameter(tensor) for name, tensor in state.items()},
        lambda state: {name: tensor.double() for name, tensor in state.items()},
    ],
)
def test_wrappers_of_training_scripts_are_removed(tmp_path, wrap, zipped):
    state = golden.state("gru3")
    file = tmp_path / "gru.pt"
    torch.save(wrap(tensors(state)), file, _use_new_zipfile_serialization=zipped)
    found = read_state_dict(file)
    assert found.keys() == state.keys()
    for name, array in state.items():
        assert found[name].dtype == np.float32
        np.testing.assert_array_equal(found[name], array)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"fc.bias": torch.tensor([0, np.nan, 0, 0])}, "fc.bias has numbers that are not finite"),
        ({"fc.bias": torch.tensor([0, np.inf, 0, 0])}, "fc.bias has numbers that are not finite"),
        (
            {"fc.bias": torch.full((4,), 1e300, dtype=torch.double)},
            "fc.bias has numbers that are not finite",
        ),
        ({"fc.bias": torch.full((4,), 2e30)}, "fc.bias has numbers beyond 1e+30"),
        ({"fc.bias": torch.ones(4, dtype=torch.int32)}, "fc.bias is of int32, expected float16"),
        ({"fc.bias": torch.ones(4, dtype=torch.complex64)}, "fc.bias is of complex64"),
        (
            {"fc.bias": torch.ones(4, device="meta")},
            "fc.bias has shape (4,), but the file holds fewer numbers",
        ),
        ({"fc.bias": torch.ones(4).to_sparse()}, "a dense tensor for every name: 'fc.bias'"),
        (
            {"fc.bias": torch.zeros(1).expand(10**9)},
            "has shape (1000000000,), but the file holds fewer numbers",
        ),
        (
            {"fc.bias": torch.zeros(1, dtype=torch.half).expand(10**9)},
            "but the file holds fewer numbers",
        ),
        ({"fc.bias": torch.zeros(2000)}, "fc.bias has shape (2000,), expected at most 1000"),
        ({"rnn.weight_ih_l0": torch.zeros(0, 10**9)}, "expected at most 12 on axis 1"),
        ({"rnn.weight_hh_l0": torch.zeros(1, 10**6)}, "3 layers of 1000000 units"),
        ({f"rnn.weight_ih_l{k}": torch.zeros(1) for k in range(1, 3000)}, "3000 layers of "),
        ({"x" * 300: torch.zeros(1)}, "'xxxxxxxxxxxxxxxxxxxx…' as the name of a tensor"),
        ({"a\x1b[2J": torch.zeros(1)}, "as the name of a tensor"),
        ({5: torch.zeros(1)}, "'5' as the name of a tensor"),
        ({"bn.running_var": -torch.ones(1)}, "bn.running_var has negative numbers"),
        ({"state_dict": {"a": 1}, "model": {"a": 1}}, "holds state_dict and model, expected one"),
    ],
)
def test_invalid_weights_are_refused(tmp_path, change, message):
    file = tmp_path / "gru.pt"
    torch.save({**tensors(golden.state("gru3")), **change}, file)
    assert message in refused(file, tmp_path)


def test_a_zip_that_torch_never_writes_is_refused(gru_file, tmp_path):
    with zipfile.ZipFile(gru_file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(gru_file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    assert "no PyTorch checkpoint, or a damaged one" in refused(gru_file, tmp_path)


def test_a_flipped_bit_is_found_by_the_checksum(gru_file, tmp_path):
    with zipfile.ZipFile(gru_file) as archive:
        member = next(name for name in archive.namelist() if name.endswith("data/0"))
        start = gru_file.read_bytes().index(archive.read(member))
    content = bytearray(gru_file.read_bytes())
    content[start + 2] ^= 64
    gru_file.write_bytes(content)
    assert "no PyTorch checkpoint, or a damaged one" in refused(gru_file, tmp_path)


def test_backbones_of_another_scaling_are_refused(gru_file, imported, tmp_path):
    folder = tmp_path / "millivolt"
    shutil.copytree(imported("gru3").path, folder)
    about = json.loads((folder / "about.json").read_text())
    (folder / "about.json").write_text(json.dumps({**about, "scaling": "millivolt"}))
    late = {"model": "late_fusion", "signal_run": folder, "image_run": folder}
    assert refused(gru_file, tmp_path, **late) == (
        f"signal_run {folder}: scaling millivolt, expected record"
    )


def test_a_stopped_import_leaves_nothing_and_can_be_repeated(gru_file, tmp_path, monkeypatch):
    def stop(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as context:
        context.setattr(RunFolder, "finish", stop)
        with pytest.raises(KeyboardInterrupt):
            import_pytorch(gru_file, "gru", tmp_path / "run")
    assert [path.name for path in tmp_path.iterdir()] == ["gru.pt"]
    import_pytorch(gru_file, "gru", tmp_path / "run")
    assert RunFolder.open(tmp_path / "run").is_finished


def test_a_run_folder_that_cannot_be_made_is_refused_first(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="file is not a folder"):
        import_pytorch(tmp_path / "none.pt", "gru", tmp_path / "file/run")
