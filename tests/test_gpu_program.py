"""benchmarks/gpu.py at toy size on the CPU, in a process that cannot import TensorFlow."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from other_backend import environment, without

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def results(packed_file, tmp_path_factory):
    """The folder of the results."""
    if importlib.util.find_spec("jax") is None:
        pytest.skip("jax is not installed")
    folder = tmp_path_factory.mktemp("gpu")
    missing = without(folder / "no", "tensorflow", "tensorflow_datasets", "pyts")
    process = subprocess.run(
        [
            *(sys.executable, ROOT / "benchmarks" / "gpu.py", "-toy"),
            *("-data", packed_file, "-out", folder, "-runs", "alexnet_all"),
        ],
        env=environment("jax", missing),
        capture_output=True,
        text=True,
    )
    assert process.returncode == 0, process.stderr
    return folder


def test_right_compares_with_the_study(results):
    found = json.loads((results / "right.json").read_text())
    assert found["images"]["identical"] >= 0.99
    assert found["images"]["off by more than one level"] <= 1e-4
    assert found["logits of gru3"]["float32, largest difference"] < 1e-4


def test_fast_measures_each_program(results):
    found = json.loads((results / "fast.json").read_text())
    assert [row["input"] for row in found["alexnet"]] == ["raw, by fit", "raw"]
    assert all(row["rate"] > 0 for row in found["alexnet"])
    assert found["alexnet"][1]["MB"] > 1
    assert [row["work"] for row in found["images"]] == ["images", "one added to an array"]


@pytest.mark.torch
def test_fast_measures_pytorch_beside(results):
    found = json.loads((results / "fast.json").read_text())["PyTorch alexnet"]
    assert [row["work"] for row in found] == ["train", "infer"]
    assert all(row["rate"] > 0 for row in found)


def test_a_training_leaves_its_history_and_dev_probabilities(results, prepared):
    found = json.loads((results / "alexnet_all.json").read_text())
    assert found["finished"]
    assert found["history"]["epoch"] == [1]
    assert found["history"]["loss_scale"] == [2**15]
    arrays = np.load(results / "alexnet_all.npz")
    np.testing.assert_array_equal(arrays["labels"], prepared.labels("dev"))
    assert arrays["probabilities"].shape == arrays["labels"].shape
