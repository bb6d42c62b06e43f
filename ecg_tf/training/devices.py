"""Devices and precision of training, under TensorFlow or JAX."""

import contextlib
import os

import keras
from absl import logging

from ecg_tf.errors import InputError

_DETERMINISTIC = "--xla_gpu_deterministic_ops=true"


def configure_devices(gpu_id, strategy="none"):
    """Choose the GPU to compute on; TensorFlow then allocates its memory as needed.

    Call it before anything runs on a device.

    Args:
        gpu_id: index of the GPU.
        strategy: "none" to use this GPU only; "mirrored" to use all GPUs, under TensorFlow.

    Returns:
        True if a GPU is used; False if there is none, and the CPU is used.

    Raises:
        InputError: no GPU with this index although there are others, "mirrored" under JAX, or an
            unsupported Keras backend.
    """
    backend = keras.backend.backend()
    if backend not in _USE:
        raise InputError(f"KERAS_BACKEND {backend}: expected {' or '.join(_USE)} to train with")
    return _USE[backend](gpu_id, strategy)


def _configure_tensorflow(gpu_id, strategy):
    import tensorflow as tf

    gpus = tf.config.list_physical_devices("GPU")

    def name(gpu):
        return tf.config.experimental.get_device_details(gpu).get("device_name", gpu.name)

    if not _is_there(gpu_id, list(map(name, gpus))):
        return False
    if strategy == "none":
        gpus = [gpus[gpu_id]]
    tf.config.set_visible_devices(gpus, "GPU")
    for gpu in gpus:
        tf.config.experimental.set_memory_growth(gpu, True)
    logging.info("Running on %s.", ", ".join(map(name, gpus)))
    return True


def _configure_jax(gpu_id, strategy):
    import jax

    if strategy != "none":
        raise InputError(f"strategy {strategy}: needs TensorFlow, but KERAS_BACKEND is jax")
    gpus = [device for device in jax.devices() if device.platform == "gpu"]
    if not _is_there(gpu_id, [gpu.device_kind for gpu in gpus]):
        return False
    jax.config.update("jax_default_device", gpus[gpu_id])
    logging.info("Running on %s.", gpus[gpu_id].device_kind)
    return True


_USE = {"tensorflow": _configure_tensorflow, "jax": _configure_jax}


def _is_there(gpu_id, names):
    """True if there are GPUs; an InputError if there are, but none with this index."""
    if not names:
        logging.info("No GPU found: running on the CPU.")
        return False
    if gpu_id >= len(names):
        listed = ", ".join(f"{k} ({name})" for k, name in enumerate(names))
        raise InputError(f"gpu_id {gpu_id}: expected one of {listed}")
    return True


class _OneDevice:
    """The part of the tf.distribute.Strategy interface that training uses, for one device."""

    num_replicas_in_sync = 1
    scope = contextlib.nullcontext


def distribution(strategy):
    """The tf.distribute strategy of a `-strategy` choice.

    "mirrored" splits every batch across all GPUs (or all CPUs, if there is no GPU) and sums their
    gradients: a step equals that of one device with the whole batch. Two things differ: each device
    has its own batch statistics, and if the last batch does not split evenly, its records have
    slightly different weights.

    Args:
        strategy: "none" or "mirrored".
    """
    if strategy == "none":
        return _OneDevice()
    import tensorflow as tf

    tf.get_logger().setLevel("WARNING")  # it logs every reduction
    devices = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
    return tf.distribute.MirroredStrategy([device.name for device in devices])


def enable_determinism(gpu):
    """Make training bit-for-bit reproducible: use no operation that sums in a varying order.

    Args:
        gpu: True if a GPU is used.

    Raises:
        InputError: under JAX on a GPU, if the environment variable XLA_FLAGS does not say so.
    """
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()
    elif gpu and _DETERMINISTIC not in os.environ.get("XLA_FLAGS", ""):
        raise InputError(
            f"deterministic: under JAX on a GPU, set the environment variable XLA_FLAGS to "
            f"{_DETERMINISTIC} before the start"
        )


def dtype_policy(mixed_precision, gpu):
    """The name of the Keras dtype policy of a `-mixed_precision` choice.

    "auto" is float16 on a GPU and none on a CPU.
    """
    if mixed_precision == "auto":
        mixed_precision = "float16" if gpu else "none"
    return "float32" if mixed_precision == "none" else f"mixed_{mixed_precision}"
