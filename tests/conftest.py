"""Fixtures that several tests share: simulated and real PTB-XL folders, prepared records."""

import dataclasses
import fcntl
import gc
import importlib
import os
import subprocess
import sys
from pathlib import Path

# Before anything imports TensorFlow, here or in a process that a test starts.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
if "PYTEST_XDIST_WORKER" in os.environ:  # threads that wait for work would hold up the others
    os.environ |= {"TF_NUM_INTRAOP_THREADS": "1", "OMP_NUM_THREADS": "1"}

import numpy as np
import pytest
from hypothesis import settings
from slow import SLOW

pytest_plugins = ["browser", "evaluation_fixtures"]

ROOT = Path(__file__).resolve().parent.parent
UNPACK = ROOT.parent / "shared/ptbxl/unpack.py"
# Files of tests that take longest. They come first, so that no process is left with one at the end.
LONGEST = (
    *("tests/docs/test_commands.py", "tests/docs/test_notebooks.py", "tests/test_gpu_program.py"),
    *("tests/training/test_process_group.py", "tests/training/test_resume.py"),
    *("tests/training/test_jax.py", "tests/training/test_oldest_keras.py", "tests/demo/"),
    *("tests/training/test_strategy.py", "tests/training/test_rates.py", "tests/training/"),
    *("tests/study/", "tests/models/test_golden.py", "tests/export/"),
)


def pytest_configure(config):
    """Let hypothesis try fewer examples if the slow tests are left out."""
    # On a busy machine one call of scikit-learn can take longer than hypothesis allows an example.
    examples = 25 if config.option.markexpr == "not slow" else 100
    settings.register_profile("here", deadline=None, max_examples=examples)
    settings.load_profile("here")


@pytest.hookimpl(tryfirst=True)  # before pytest looks at the marks
def pytest_collection_modifyitems(items):
    """Mark the tests of slow.txt; sort those of `LONGEST` in its order, then the others."""
    for item in items:
        if item.nodeid.startswith(SLOW):
            item.add_marker("slow")
    items.sort(
        key=lambda item: next(
            (k for k, file in enumerate(LONGEST) if item.nodeid.startswith(file)), len(LONGEST)
        )
    )


def pytest_collection_finish():
    """Keep Python from searching all imported modules for garbage again and again."""
    gc.freeze()


@pytest.fixture(scope="session")
def made_once(tmp_path_factory):
    """A function from a path and what writes it to this path, written by the first worker only.

    The processes of pytest-xdist work under one temporary folder.
    """
    top = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        top = top.parent

    def made_once(path, write):
        path = top / "made_once" / path
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.with_suffix(".lock").open("a+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if os.fstat(lock.fileno()).st_size == 0:
                write(path)
                lock.write("written")
        return path

    return made_once


@pytest.fixture(scope="session", autouse=True)
def _compiled_by_jax(made_once):
    """What JAX compiles in one process of the tests, the others read from a cache."""
    os.environ["JAX_COMPILATION_CACHE_DIR"] = str(made_once("compiled_by_jax", Path.mkdir))
    os.environ["JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"] = "0"


@pytest.fixture(scope="session")
def simulated_folder(made_once):
    """A PTB-XL-shaped folder of 160 simulated records, every class in each partition."""
    from ecg_tf.data.synthetic import ptb_xl_folder

    return made_once(
        "simulated/ptbxl",
        lambda folder: ptb_xl_folder.write_folder(folder, records=160, seed=42),
    )


@pytest.fixture(scope="session")
def prepared_folder(simulated_folder, made_once):
    """What `ecg_tf prepare_data` makes of `simulated_folder`; tests read it only."""
    from ecg_tf.data.prepare import prepare

    return made_once("prepared/data", lambda folder: prepare(simulated_folder, folder))


@pytest.fixture(scope="session")
def array_record_folder(simulated_folder, made_once):
    """The records of `prepared_folder` as ArrayRecord files; tests read it only."""
    from ecg_tf.data.prepare import prepare

    def write(folder):
        prepare(simulated_folder, folder, file_format="array_record")

    return made_once("prepared/array_record", write)


@pytest.fixture(scope="session")
def prepared(prepared_folder):
    from ecg_tf.data.prepared import PreparedRecords

    return PreparedRecords(prepared_folder)


@pytest.fixture(scope="session")
def packed_file(prepared_folder, tmp_path_factory):
    """What `ecg_tf pack` makes of `prepared_folder`; tests read it only."""
    from ecg_tf.data.packed import pack

    file = tmp_path_factory.mktemp("packed") / "data.npz"
    pack(prepared_folder, file)
    return file


@pytest.fixture(scope="session")
def ptbxl_folder(tmp_path_factory):
    """A folder of real PTB-XL records, 300 or those of ECG_TF_PTBXL; tests read it only."""
    if "ECG_TF_PTBXL" in os.environ:
        return Path(os.environ["ECG_TF_PTBXL"])
    if not UNPACK.is_file():
        pytest.skip("no real PTB-XL: neither ECG_TF_PTBXL nor ../shared/ptbxl")
    folder = tmp_path_factory.mktemp("real") / "ptbxl"
    subprocess.run(
        [sys.executable, UNPACK, folder, "--limit", "300"], check=True, stdout=subprocess.DEVNULL
    )
    return folder


@pytest.fixture(scope="session")
def real_files():
    """The folder of real ECG files of many kinds."""
    folder = ROOT.parent / "shared/formats"
    if not folder.is_dir():
        pytest.skip("no real ECG files in ../shared/formats")
    return folder


@pytest.fixture(scope="session")
def golden():
    """A function from a name to the reference arrays tests/golden/<name>.npz."""
    return lambda name: np.load(ROOT / "tests/golden" / f"{name}.npz")


@pytest.fixture(scope="session")
def small_settings(prepared_folder):
    """`Settings` of a small AlexNet on small images, for two epochs; tests change what they try."""
    from ecg_tf.training.settings import Settings

    return Settings(
        model="alexnet",
        data=str(prepared_folder),
        path_save_model="",
        epochs=2,
        batch_size=32,
        learning_rate=1e-3,
        optimizer="adam",
        nb_filters=4,
        image_size=67,
        image_backend="keras",
    )


@pytest.fixture(scope="session")
def run(small_settings, made_once):
    """The finished run folder of `small_settings`; tests read it only."""
    from ecg_tf.runs.run_folder import RunFolder
    from ecg_tf.training.train import train

    def write(folder):
        train(dataclasses.replace(small_settings, path_save_model=str(folder)))

    return RunFolder.open(made_once("runs/small", write))


@pytest.fixture(scope="session")
def signal_settings(small_settings):
    """`Settings` of a small GRU, for one epoch of windows of augmented records."""
    return dataclasses.replace(
        small_settings,
        model="gru",
        nb_filters=None,
        image_backend=None,
        hidden_size=4,
        num_layers=1,
        augment=True,
        window_seconds=1.0,
        epochs=1,
    )


@pytest.fixture(scope="session")
def signal_run(signal_settings, made_once):
    """The finished run folder of `signal_settings`; tests read it only."""
    from ecg_tf.runs.run_folder import RunFolder
    from ecg_tf.training.train import train

    def write(folder):
        train(dataclasses.replace(signal_settings, path_save_model=str(folder)))

    return RunFolder.open(made_once("runs/gru", write))


@pytest.fixture(scope="session")
def ptbxl_tables():
    """PTB-XL 1.0.3's ptbxl_database.csv (folds 1-9) and scp_statements.csv, as DataFrames."""
    import pandas as pd

    folder = UNPACK.parent
    if not folder.is_dir():
        pytest.skip("no real PTB-XL in ../shared/ptbxl")
    return (
        pd.read_csv(folder / "ptbxl_database.csv"),
        pd.read_csv(folder / "scp_statements.csv", index_col=0),
    )


@pytest.fixture(scope="session")
def exported(run, made_once):
    """A function from a format to the export of `run` in this format; tests read it only."""
    from ecg_tf.export.export_run import export_run

    return lambda form: made_once(
        f"exports/{form}", lambda folder: export_run(run.path, folder, form)
    )


@pytest.fixture(scope="session")
def export(exported):
    """The SavedModel of `run`; tests read it only."""
    return exported("saved_model")


@pytest.fixture(scope="module")
def few_blocks():
    """Residual networks of this module have five blocks, each building of which takes its time."""
    with pytest.MonkeyPatch.context() as patch:
        for module in ("resnet", "residual"):
            module = importlib.import_module(f"ecg_tf.models.{module}")
            patch.setattr(module, "BLOCKS", (1, 2, 1, 1))
        yield


@pytest.fixture
def small_alexnet(monkeypatch):
    """An AlexNet has few units in its dense layers, not 9 million weights."""
    alexnet = importlib.import_module("ecg_tf.models.alexnet")
    monkeypatch.setattr(alexnet, "UNITS", (16, 8))


@pytest.fixture(scope="module")
def few_units():
    """AlexNets of this module are as those of `small_alexnet`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(importlib.import_module("ecg_tf.models.alexnet"), "UNITS", (16, 8))
        yield


@pytest.fixture(scope="module")
def run_of_few_units(few_units, small_settings, made_once):
    """As `run`, but quick to open: with `few_units`, and trained without graphs."""
    from eager import train

    from ecg_tf.runs.run_folder import RunFolder

    def write(folder):
        train(dataclasses.replace(small_settings, path_save_model=str(folder)))

    return RunFolder.open(made_once("runs/few_units/small", write))


@pytest.fixture
def eagerly(monkeypatch):
    """Networks of this test run without graphs; those of fixtures of wider scope as users' do."""
    from eager import run_eagerly

    run_eagerly(monkeypatch)
