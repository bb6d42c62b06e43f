"""Two processes that train one network under JAX, beside one that trains it alone."""

import importlib.util
import re
import signal
import socket
import subprocess
import sys

import numpy as np
import pytest
from absl.flags import FLAGS
from event_files import assert_same_as_history
from in_process import command_module
from other_backend import environment, without

from ecg_tf.data.packed import PackedRecords, pack
from ecg_tf.data.prepare import prepare
from ecg_tf.data.synthetic import write_folder
from ecg_tf.errors import InputError, Interrupted
from ecg_tf.runs.run_folder import RunFolder
from ecg_tf.training.devices import _check_devices
from ecg_tf.training.process_group import _place, _told

# Trains by the command line. If DIES is set, process 1 dies at the beginning of the second epoch,
# and the other waits for it for a short time only: on a busy machine one may be silent for as long.
# If STOPPED is set, process 1 gets a SIGTERM before training.
PROGRAM = """
import os, signal, sys
from ecg_tf.commands.quick_imports import make_imports_quick
make_imports_quick()  # before the next import, as the command line does
from ecg_tf.training import callbacks, process_group, train

def stop(*_):
    os.kill(os.getpid(), signal.SIGTERM)

def die(self, epoch, logs=None):
    if epoch == 1:
        os.kill(os.getpid(), signal.SIGKILL)

if os.environ.get("DIES"):
    process_group._DEAD, process_group._GRACE = 4, 2  # seconds
    if sys.argv[-1] == "1":
        callbacks.CopyWeights.on_epoch_begin = die
if os.environ.get("STOPPED"):
    process_group._GRACE = 2  # seconds
    if sys.argv[-1] == "1":
        train.configure_devices = stop
from ecg_tf.__main__ import main
main()
"""


NETWORKS = {
    "gru": ("-num_layers", "1", "-hidden_size", "2"),
    "resnet1d": ("-nb_filters", "2", "-dropout", "0"),  # with batch normalization
}


@pytest.fixture(scope="module", params=NETWORKS)
def trained(request, tmp_path_factory):
    """Folder of the runs, and what the processes printed: {name: [(status, stderr), …]}."""
    if importlib.util.find_spec("jax") is None:
        pytest.skip("jax is not installed")
    folder = tmp_path_factory.mktemp("processes")
    write_folder(folder / "ptbxl", records=45)
    prepare(folder / "ptbxl", folder / "data", leads=["I", "II", "V2"], seconds=2.5)
    data = folder / "data.npz"
    pack(folder / "data", data)
    assert len(PackedRecords(data).read("train").labels) % 16 % 2  # the last batch does not split
    train = [
        *("-data", data, "-epochs", "2", "-batch_size", "16", "-pos_weight", "none"),
        *("-model", request.param, *NETWORKS[request.param]),
        *("-patience", "9"),
    ]
    missing = without(folder / "no", "tensorflow")  # which JAX does not need
    alone = [*train, "-path_save_model", folder / "alone"]
    together = [*train, "-path_save_model", folder / "together", *("-strategy", "data_parallel")]
    printed = {"alone": _finish([_start(alone, missing)])}
    for name, changes in {
        "stopped": {"STOPPED": "1"},
        "killed": {"DIES": "1"},
        "resumed": {},
    }.items():
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            coordinator = f"127.0.0.1:{free.getsockname()[1]}"
        group = [*together, "-coordinator", coordinator, "-processes", "2", "-process"]
        started = [_start([*group, str(number)], missing, **changes) for number in range(2)]
        printed[name] = _finish(started)
    return folder, printed


def _start(arguments, missing, **changes):
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "train", *map(str, arguments)],
        env={**environment("jax", missing, *filter(None, sys.path)), **changes},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def _finish(processes):
    errors = [process.communicate(timeout=300)[1] for process in processes]
    return [(process.returncode, text) for process, text in zip(processes, errors, strict=True)]


def test_they_lose_what_one_process_loses_with_an_odd_last_batch_and_after_a_kill(trained):
    folder, printed = trained
    assert [status for status, _ in printed["resumed"]] == [0, 0], printed
    alone, together = (RunFolder.open(folder / name).history() for name in ("alone", "together"))
    assert len(together["loss"]) == 2
    for column in ("loss", "val_loss", "val_auroc"):
        np.testing.assert_allclose(together[column], alone[column], atol=1e-4)


def test_the_first_process_alone_writes_the_logs_for_tensorboard(trained):
    run = RunFolder.open(trained[0] / "together")
    assert len(list((run.logs / "train").iterdir())) == 2  # of the killed run, of the resumed one
    assert_same_as_history(run)


def test_when_one_dies_the_other_ends_and_names_it(trained):
    (status, error), (killed, _) = trained[1]["killed"]
    assert (status, killed) == (1, -signal.SIGKILL)
    assert error.splitlines()[-1] == "error: process 1: has died: no sign of it for 4 s"


def test_a_signal_before_training_ends_all_processes(trained):
    (status, error), (stopped, _) = trained[1]["stopped"]
    assert (status, stopped) == (128 + signal.SIGTERM, 128 + signal.SIGTERM)
    assert error.splitlines()[-1] == "process 1: SIGTERM: interrupted"


def test_process_0_alone_shows_progress(trained):
    (_, first), (_, second) = trained[1]["resumed"]
    assert "epoch 2/2  loss" in first
    assert "epoch" not in second
    assert "process 1 of 2" in second


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ("-processes 2", "expected -coordinator HOST:PORT"),
        ("-coordinator h:1 -processes 2 -process 0", "expected -strategy data_parallel"),
        ("-strategy data_parallel -coordinator h", "coordinator 'h': expected HOST:PORT"),
        ("-strategy data_parallel -coordinator h:1", "expected -processes and -process"),
        (
            "-strategy data_parallel -coordinator h:1 -processes 2 -process 2",
            "process 2: expected 0 to 1",
        ),
        (
            "-strategy data_parallel -coordinator auto -process 0",
            "expected neither -processes nor -process",
        ),
        (
            "-strategy data_parallel -coordinator h:1 -processes 2 -process 0",
            "needs JAX, but KERAS_BACKEND is tensorflow",
        ),
    ],
)
def test_flags_that_do_not_fit_are_refused(flags, message):
    given = ["train", "-model", "gru", "-data", "data", "-path_save_model", "run", *flags.split()]
    with command_module("train") as train:
        FLAGS(given)
        with pytest.raises(InputError, match=re.escape(message)):
            train.main([])


@pytest.mark.parametrize(
    ("given", "visible", "expected"),
    [
        # SLURM and Open MPI must not take GPUs away from a process that was told its place.
        (
            ("h:1", 2, 1),
            "0,1",
            {
                "coordinator_address": "h:1",
                "num_processes": 2,
                "process_id": 1,
                "cluster_detection_method": "deactivate",
            },
        ),
        (("auto", None, None), "0,1,2,3", {}),
        (("auto", None, None), None, {}),
        (("auto", None, None), "3", {"local_device_ids": [0]}),  # its only GPU is its first one
    ],
)
def test_a_process_uses_the_gpus_that_are_its_own(given, visible, expected, monkeypatch):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.delenv("JAX_LOCAL_DEVICE_IDS", raising=False)
    if visible is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert _place(*given) == expected
    monkeypatch.setenv("JAX_LOCAL_DEVICE_IDS", "2")  # JAX reads it
    assert "local_device_ids" not in _place(*given)


def test_processes_with_different_numbers_of_devices_are_refused():
    _check_devices([0, 0, 1, 1])
    with pytest.raises(InputError, match="devices: 2 in process 0, 1 in process 1; expected as"):
        _check_devices([0, 0, 1])


@pytest.mark.parametrize(
    ("error", "text", "number"),
    [
        (KeyboardInterrupt(signal.SIGTERM), "SIGTERM: interrupted", signal.SIGTERM),
        (KeyboardInterrupt(), "SIGINT: interrupted", signal.SIGINT),
        (Interrupted("stopped after epoch 3", signal.SIGINT), "stopped after epoch 3", 2),
        (InputError("runs/a: missing"), "runs/a: missing", None),
    ],
)
def test_the_others_are_told_why_a_process_ends(error, text, number):
    assert _told(error) == {"text": text, "signal": number}
