import sys
import types

import keras
import pytest
import tensorflow as tf

from ecg_tf.errors import InputError
from ecg_tf.runs.precision import disable_tf32
from ecg_tf.training.devices import (
    configure_devices,
    distribution,
    dtype_policy,
    enable_determinism,
)


@pytest.fixture
def calls(monkeypatch):
    """The calls that configure TensorFlow, on a machine that seems to have two GPUs."""
    gpus = [types.SimpleNamespace(name=f"/physical_device:GPU:{k}") for k in (0, 1)]
    told = {"visible": None, "growing": []}
    config = tf.config.experimental
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: gpus)
    monkeypatch.setattr(
        tf.config, "set_visible_devices", lambda chosen, kind: told.update(visible=chosen)
    )
    monkeypatch.setattr(
        config, "set_memory_growth", lambda gpu, grows: told["growing"].append((gpu, grows))
    )
    monkeypatch.setattr(config, "get_device_details", lambda gpu: {"device_name": "H200"})
    return types.SimpleNamespace(gpus=gpus, **{"told": told})


def test_only_the_chosen_gpu_is_visible_and_its_memory_grows(calls):
    assert configure_devices(1) is True
    assert calls.told["visible"] == [calls.gpus[1]]
    assert calls.told["growing"] == [(calls.gpus[1], True)]


def test_mirrored_uses_all_gpus(calls):
    assert configure_devices(0, "mirrored") is True
    assert calls.told["visible"] == calls.gpus
    assert len(calls.told["growing"]) == 2


def test_a_missing_gpu_is_refused_with_a_list_of_all_gpus(calls):
    with pytest.raises(InputError, match=r"gpu_id 2: expected one of 0 \(H200\), 1 \(H200\)"):
        configure_devices(2)
    assert calls.told["visible"] is None


def test_without_a_gpu_the_cpu_is_used_and_logged(caplog, monkeypatch):
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [])
    caplog.set_level("INFO", logger="absl")
    assert configure_devices(7) is False
    assert caplog.messages == ["No GPU found: running on the CPU."]


@pytest.fixture
def two_jax_gpus(monkeypatch):
    """The calls that configure JAX, with Keras on JAX and seemingly two GPUs."""
    gpus = [types.SimpleNamespace(platform="gpu", device_kind="H200", id=k) for k in (0, 1)]
    told = {}
    config = types.SimpleNamespace(update=told.__setitem__)
    jax = types.SimpleNamespace(devices=lambda: gpus, config=config)
    monkeypatch.setitem(sys.modules, "jax", jax)
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    return types.SimpleNamespace(gpus=gpus, told=told)


def test_jax_computes_on_the_chosen_gpu_in_float32(two_jax_gpus):
    assert configure_devices(1) is True
    disable_tf32()
    assert two_jax_gpus.told == {
        "jax_default_device": two_jax_gpus.gpus[1],
        "jax_default_matmul_precision": "highest",
    }
    with pytest.raises(InputError, match=r"gpu_id 2: expected one of 0 \(H200\), 1 \(H200\)"):
        configure_devices(2)


def test_determinism_under_jax_on_a_gpu_needs_xla_flags(two_jax_gpus, monkeypatch):
    with pytest.raises(InputError, match=r"set .* XLA_FLAGS to --xla_gpu_deterministic_ops=true"):
        enable_determinism(gpu=True)
    enable_determinism(gpu=False)
    monkeypatch.setenv("XLA_FLAGS", "--xla_gpu_deterministic_ops=true")
    enable_determinism(gpu=True)


def test_another_backend_is_refused(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "torch")
    with pytest.raises(InputError, match="KERAS_BACKEND torch: expected tensorflow or jax"):
        configure_devices(0)


def test_without_a_strategy_there_is_one_device():
    assert distribution("none").devices == 1


@pytest.mark.parametrize(
    ("choice", "gpu", "policy"),
    [
        ("auto", True, "mixed_float16"),
        ("auto", False, "float32"),
        ("none", True, "float32"),
        ("bfloat16", False, "mixed_bfloat16"),
        ("float16", False, "mixed_float16"),
    ],
)
def test_auto_precision_is_float16_on_a_gpu_only(choice, gpu, policy):
    assert dtype_policy(choice, gpu) == policy
