import zipfile

import keras
import numpy as np
import pytest

from ecg_tf.errors import InputError
from ecg_tf.shipping.half_precision import save_half_precision


@pytest.fixture
def network():
    """A network with weights and batch statistics from tiny values to some thousands."""
    layers = [keras.layers.Dense(50), keras.layers.BatchNormalization()]
    network = keras.Sequential([keras.Input((100,)), *layers])
    rng = np.random.default_rng(0)
    for variable in network.weights:
        variable.assign(rng.lognormal(sigma=3, size=variable.shape))
    return network


def test_keras_loads_float16_weights_as_float32(network, tmp_path):
    save_half_precision(network, tmp_path / "half.keras")
    loaded = keras.saving.load_model(tmp_path / "half.keras", compile=False)
    for found, given in zip(loaded.variables, network.variables, strict=True):
        assert found.dtype == "float32"
        expected = np.asarray(given).astype(np.float16).astype(np.float32)
        assert not np.array_equal(expected, given)  # something was rounded
        np.testing.assert_array_equal(found, expected)
    x = np.random.default_rng(1).normal(size=(4, 100)).astype(np.float32)
    assert loaded(x).dtype == "float32"


def test_equal_networks_give_equal_small_files(network, tmp_path):
    network.save(tmp_path / "single.keras")
    for name in ("a.keras", "b.keras"):
        save_half_precision(network, tmp_path / name)
    weights = [
        zipfile.ZipFile(tmp_path / name).read("model.weights.h5") for name in ("a.keras", "b.keras")
    ]
    assert weights[0] == weights[1]
    size = (tmp_path / "a.keras").stat().st_size
    assert size < 0.6 * (tmp_path / "single.keras").stat().st_size


def test_file_has_no_setting_that_older_keras_refuses(network, tmp_path):
    network.save(tmp_path / "single.keras")
    save_half_precision(network, tmp_path / "half.keras")
    single, half = (
        zipfile.ZipFile(tmp_path / name).read("config.json")
        for name in ("single.keras", "half.keras")
    )
    assert b"GlorotUniform" in single
    assert b"GlorotUniform" in half
    assert b"input_axes" not in half


@pytest.mark.parametrize("value", [70_000, np.nan])
def test_weight_that_float16_cannot_hold_is_refused(network, value, tmp_path):
    network.weights[1].assign(np.full(50, value))
    with pytest.raises(InputError, match="/layers/dense/vars/1: holds a weight that is not finite"):
        save_half_precision(network, tmp_path / "half.keras")
