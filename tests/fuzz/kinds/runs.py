"""Run folders, states, shipped networks, PyTorch checkpoints and exports."""

import functools
import importlib
import shutil
import tempfile
from pathlib import Path

import numpy as np

from ecg_tf.data.synthetic import simulate_ecg
from fuzz.case import OPEN, SEALED, Kind

_CLASSES = ("MI", "STTC", "CD", "HYP")
_GRU = {"hidden_size": 4, "num_layers": 1}


def _predict(path):
    """Return the predictions of a network for two ECGs."""
    import keras

    from ecg_tf.predict.predictor import Predictor

    keras.backend.clear_session()
    predictor = Predictor(path)
    rng = np.random.default_rng(1)
    answer = predictor(np.stack([simulate_ecg((), rng), simulate_ecg(("CD",), rng)]))
    probabilities = answer["probabilities"]
    assert ((probabilities >= 0) & (probabilities <= 1)).all(), probabilities
    found = [predictor.class_names, predictor.leads, predictor.simulated]
    return [*found, probabilities, answer["decisions"], answer["valid"]]


def _make_run(folder):
    from untrained import untrained_run

    return untrained_run(folder / "run", "resnet1d", nb_filters=4)


def _read_run():
    from ecg_tf.runs.run_folder import RunFolder

    return [*_predict("run"), RunFolder.open("run").thresholds]


def _make_pretrained(folder):
    import ecg_tf.pretrained

    shutil.copytree(Path(ecg_tf.pretrained.__file__).parent / "gru", folder / "gru")


def _read_pretrained():
    from ecg_tf.pretrained import shipped

    shipped.FOLDER = Path.cwd()
    return _predict("pretrained:gru")


def _network():
    import keras

    from ecg_tf.training.networks import build_network
    from ecg_tf.training.settings import Settings

    keras.backend.clear_session()
    keras.utils.set_random_seed(0)
    settings = Settings(model="gru", data="none", path_save_model="run", **_GRU)
    network = build_network(settings, _CLASSES)
    network.compile(keras.optimizers.Adam(), "mse")
    return network


def _make_state(folder):
    from ecg_tf.runs.run_folder import RunFolder
    from ecg_tf.training.state import save_state

    run = RunFolder(folder / "run")
    run.state_file.parent.mkdir(parents=True)
    columns = ("loss", "val_loss", "val_auroc", *(f"val_auroc_{name}" for name in _CLASSES))
    row = dict.fromkeys((*columns, "learning_rate", "seconds"), 0.5)
    save_state(run, _network(), [{"epoch": epoch, **row} for epoch in (1, 2)])


def _read_state():
    from ecg_tf.runs.run_folder import RunFolder
    from ecg_tf.training.state import restore_state

    network = _network()
    history = restore_state(RunFolder("run"), network)
    return [history, *network.get_weights()]


def _make_checkpoint(folder):
    import torch

    torch.manual_seed(0)
    cells = torch.nn.GRU(3, 4, 2, batch_first=True).state_dict()
    dense = torch.nn.Linear(4, len(_CLASSES)).state_dict()
    state = {f"rnn.{name}": value for name, value in cells.items()}
    torch.save(state | {f"fc.{name}": value for name, value in dense.items()}, folder / "gru.pt")


def _read_checkpoint():
    import keras

    from ecg_tf.convert.import_pytorch import import_pytorch

    keras.backend.clear_session()
    return import_pytorch("gru.pt", "gru", "run").network().get_weights()


def _make_export(folder, form, runtime):
    from untrained import untrained_run

    from ecg_tf.runs.ecg_classifier import ECGClassifier

    importlib.import_module(runtime)
    write = getattr(importlib.import_module(f"ecg_tf.export.{form}"), f"write_{form}")
    with tempfile.TemporaryDirectory() as scratch:
        run = untrained_run(Path(scratch) / "run", "gru", **_GRU)
        write(ECGClassifier(run), folder / "export")


def _export(form, runtime, share):
    return Kind(
        form,
        functools.partial(_make_export, form=form, runtime=runtime),
        lambda: _predict("export"),
        files={"export/**/*.*": SEALED},
        names=("export",),
        share=share,
    )


KINDS = (
    Kind("state", _make_state, _read_state, files={"run/state/epoch.npz": OPEN}, share=0.7),
    Kind("checkpoint", _make_checkpoint, _read_checkpoint, files={"gru.pt": OPEN}, share=0.7),
    Kind("run_folder", _make_run, _read_run, files={"run/*.*": OPEN}, names=("run",), share=0.7),
    Kind(
        "pretrained",
        _make_pretrained,
        _read_pretrained,
        files={"gru/[!c]*": SEALED, "gru/card.json": OPEN},
        names=("gru",),
        share=0.4,
    ),
    _export("litert", "ai_edge_litert", 1.0),
    _export("onnx", "onnxruntime", 1.0),
    _export("saved_model", "tensorflow", 0.4),
)
