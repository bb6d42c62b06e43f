"""Choosing the devices and the precision to train with, under TensorFlow or JAX."""

import contextlib
import os

import keras
from absl import logging

from ecg_tf.errors import InputError

_DETERMINISTIC = "--xla_gpu_deterministic_ops=true"


def configure_devices(gpu_id, strategy="none"):
    """Let this process compute on the GPUs it is to use; of TensorFlow's, take memory as needed.

    Call it before anything runs on a device.

    Args:
        gpu_id: which GPU, from 0; with "mirrored" the first, where the results are put together.
        strategy: "none" for this GPU only, or "mirrored", under TensorFlow, for all of them.

    Returns:
        True if a GPU is used, False for the CPU because there is none.

    Raises:
        InputError: there are GPUs, but not this one; "mirrored" under JAX; another backend.
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
        raise InputError(f"strategy {strategy}: only under TensorFlow, and Keras runs on jax")
    gpus = [device for device in jax.devices() if device.platform == "gpu"]
    if not _is_there(gpu_id, [gpu.device_kind for gpu in gpus]):
        return False
    jax.config.update("jax_default_device", gpus[gpu_id])
    logging.info("Running on %s.", gpus[gpu_id].device_kind)
    return True


_USE = {"tensorflow": _configure_tensorflow, "jax": _configure_jax}


def _is_there(gpu_id, names):
    """Whether there are GPUs at all; an InputError if there are, but not this one."""
    if not names:
        logging.info("No GPU found: running on the CPU.")
        return False
    if gpu_id >= len(names):
        listed = ", ".join(f"{k} ({name})" for k, name in enumerate(names))
        raise InputError(f"gpu_id {gpu_id}: expected one of {listed}")
    return True


class _OneDevice:
    """What a tf.distribute strategy is asked for, where nothing is shared out."""

    num_replicas_in_sync = 1
    scope = contextlib.nullcontext


def distribution(strategy):
    """The tf.distribute strategy: "none", or "mirrored" over the GPUs, or the CPUs without any.

    "mirrored" shares every batch out among the devices and adds their gradients up, so that a step
    is that of one device with the whole batch. But each device has batch statistics of its own, and
    where the last batch cannot be shared out evenly, its records weigh a little differently.
    """
    if strategy == "none":
        return _OneDevice()
    import tensorflow as tf

    tf.get_logger().setLevel("WARNING")  # it tells of every sum
    devices = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
    return tf.distribute.MirroredStrategy([device.name for device in devices])


def enable_determinism(gpu):
    """Avoid operations without a fixed order of summation, so that a run repeats bit by bit.

    Args:
        gpu: whether a GPU is used.

    Raises:
        InputError: under JAX on a GPU, where the environment alone can say so, and does not.
    """
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()
    elif gpu and _DETERMINISTIC not in os.environ.get("XLA_FLAGS", ""):
        raise InputError(
            f"deterministic: on a GPU under JAX expected {_DETERMINISTIC} in the environment "
            "variable XLA_FLAGS, set before the start"
        )


def dtype_policy(mixed_precision, gpu):
    """The Keras dtype policy of a `-mixed_precision` choice: "auto" is float16 on a GPU."""
    if mixed_precision == "auto":
        mixed_precision = "float16" if gpu else "none"
    return "float32" if mixed_precision == "none" else f"mixed_{mixed_precision}"
