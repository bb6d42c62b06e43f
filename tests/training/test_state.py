"""The saved state of training: restored exactly, or refused without changing the model."""

import io
import json
import pickle
import zipfile

import keras
import numpy as np
import pytest

from ecg_tf.errors import InputError
from ecg_tf.runs.run_folder import RunFolder
from ecg_tf.training.state import restore_state, save_state

HISTORY = [{"epoch": 1, "val_loss": 0.5, "val_auroc": float("nan"), "seconds": 2.0}]


@pytest.fixture
def model():
    network = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    network.compile(keras.optimizers.Adam(), "mse", run_eagerly=True)
    network.fit(np.ones((4, 3)), np.ones((4, 2)), verbose=0)
    return network


@pytest.fixture
def run(model, tmp_path):
    run = RunFolder(tmp_path)
    run.state_file.parent.mkdir()
    save_state(run, model, HISTORY)
    return run


def members(run):
    with zipfile.ZipFile(run.state_file) as file:
        return {name: file.read(name) for name in file.namelist()}


def npy(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def rewrite(run, **changed):
    """Other members, by name without .npy; None for none."""
    content = members(run) | {f"{name}.npy": value for name, value in changed.items()}
    with zipfile.ZipFile(run.state_file, "w") as file:
        for name, value in content.items():
            if value is not None:
                file.writestr(name, value)


def test_a_state_is_restored_bit_for_bit(run, model):
    expected = [np.array(v) for v in (*model.weights, *model.optimizer.variables)]
    for variable in (*model.weights, *model.optimizer.variables):
        variable.assign(variable * 0)
    (row,) = restore_state(run, model)
    assert row["val_loss"] == 0.5
    assert np.isnan(row["val_auroc"])
    for variable, value in zip((*model.weights, *model.optimizer.variables), expected, strict=True):
        np.testing.assert_array_equal(variable, value)


def test_without_a_state_nothing_is_restored(run, model):
    run.state_file.unlink()
    assert restore_state(run, model) == []


def header(shape):
    text = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}}}"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode()


@pytest.mark.parametrize(
    "changed",
    [
        {"variable0": npy(np.full((3, 2), np.nan, "f4"))},
        {"variable0": npy(np.zeros((2, 3), "f4"))},
        {"variable0": npy(np.zeros((3, 2), "f8"))},
        {"variable0": npy(np.zeros((3, 2), "U4"))},
        {"variable0": header("(900000000,)")},
        {"variable0": header("(3, 2)") + b"short"},
        {"variable0": b"\x93NUMPY\x01\x00" + b"(" * 5000},
        {"variable0": pickle.dumps([1])},
        {"variable0": None},
        {"variable99": npy(np.zeros(3))},
        {"history": npy(np.array("{}"))},
        {"history": npy(np.array("[5]"))},
        {"history": npy(np.array("["))},
        {"history": npy(np.array(5))},
        {"history": npy(np.array(json.dumps([HISTORY[0] | {"val_loss": "x"}])))},
        {"history": npy(np.array(json.dumps([HISTORY[0] | {"val_loss": float("nan")}])))},
        {"history": npy(np.array(json.dumps([HISTORY[0] | {"epoch": 2}])))},
        {"history": None},
    ],
)
def test_a_damaged_state_is_refused(changed, run, model):
    before = [np.array(v) for v in model.weights]
    rewrite(run, **changed)
    with pytest.raises(InputError, match=r"epoch\.npz: "):
        restore_state(run, model)
    for variable, value in zip(model.weights, before, strict=True):
        np.testing.assert_array_equal(variable, value)


@pytest.mark.parametrize("content", [b"", b"PK", pickle.dumps({"a": 1}), npy(np.zeros(3))])
def test_a_state_that_is_not_an_archive_is_refused(content, run, model):
    run.state_file.write_bytes(content)
    with pytest.raises(InputError, match=r"epoch\.npz: cannot be read"):
        restore_state(run, model)


def test_a_state_that_is_not_a_file_is_refused(run, model):
    run.state_file.unlink()
    run.state_file.symlink_to("nowhere")
    with pytest.raises(InputError, match=r"epoch\.npz: not a regular file"):
        restore_state(run, model)
    run.state_file.unlink()
    run.state_file.mkdir()
    with pytest.raises(InputError, match=r"epoch\.npz: not a regular file"):
        restore_state(run, model)
