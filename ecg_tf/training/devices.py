"""Devices and precision of training, under TensorFlow or JAX."""

import collections
import contextlib
import dataclasses
import os
from collections.abc import Callable

import keras
from absl import logging

from ecg_tf.errors import InputError

_DETERMINISTIC = "--xla_gpu_deterministic_ops=true"


def configure_devices(gpu_id, strategy="none"):
    """Choose the GPU to compute on; TensorFlow then allocates its memory as needed.

    Call it before anything runs on a device.

    Args:
        gpu_id: index of the GPU.
        strategy: "none" to use this GPU only; "mirrored" to use all GPUs, under TensorFlow;
            "data_parallel" to use all devices of all processes, under JAX.

    Returns:
        True if a GPU is used; False if there is none, and the CPU is used.

    Raises:
        InputError: no GPU with this index although there are others, processes with different
            numbers of devices, a strategy of the other backend, or an unsupported Keras backend.
    """
    backend = keras.backend.backend()
    if backend not in _USE:
        raise InputError(f"KERAS_BACKEND {backend}: expected {' or '.join(_USE)} to train with")
    return _USE[backend](gpu_id, strategy)


def _configure_tensorflow(gpu_id, strategy):
    import tensorflow as tf

    if strategy == "data_parallel":
        raise InputError(f"strategy {strategy}: needs JAX, but KERAS_BACKEND is tensorflow")
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

    if strategy == "mirrored":
        raise InputError(f"strategy {strategy}: needs TensorFlow, but KERAS_BACKEND is jax")
    if strategy == "data_parallel":
        _check_devices(device.process_index for device in jax.devices())
        logging.info("Running on %d × %s.", jax.device_count(), jax.devices()[0].device_kind)
        return jax.devices()[0].platform == "gpu"
    gpus = [device for device in jax.devices() if device.platform == "gpu"]
    if not _is_there(gpu_id, [gpu.device_kind for gpu in gpus]):
        return False
    jax.config.update("jax_default_device", gpus[gpu_id])
    logging.info("Running on %s.", gpus[gpu_id].device_kind)
    return True


def _check_devices(owners):
    """Check that all processes have as many devices; `owners` are the processes of the devices."""
    found = collections.Counter(owners)
    for number, devices in found.items():
        if devices != found[0]:
            raise InputError(
                f"strategy data_parallel: devices: {found[0]} in process 0, {devices} in process "
                f"{number}; expected as many in each"
            )


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


@dataclasses.dataclass(frozen=True)
class Distribution:
    """How training is spread over devices.

    Attributes:
        devices: number of devices.
        scope: function that makes the context in which the trained model is built.
        is_shared: True if other networks have to be apart from it, and built outside of `scope`.
    """

    devices: int = 1
    scope: Callable = contextlib.nullcontext
    is_shared: bool = False

    def fit_scope(self):
        """The context in which the trained model is fitted."""
        return self.scope() if self.is_shared else contextlib.nullcontext()


def distribution(strategy):
    """The `Distribution` of a `-strategy` choice.

    "data_parallel" splits every batch across all devices of all processes: a step equals that of
    one device with the whole batch. "mirrored" splits it across all GPUs (or all CPUs, if there is
    no GPU) and sums their gradients. There, two things differ: each device has its own batch
    statistics, and if the last batch does not split evenly, its records have slightly different
    weights.

    Args:
        strategy: "none", "data_parallel" (under JAX) or "mirrored" (under TensorFlow).
    """
    if strategy == "none":
        return Distribution()
    if strategy == "data_parallel":
        parallel = keras.distribution.DataParallel(auto_shard_dataset=False)
        return Distribution(parallel.num_model_replicas, parallel.scope, is_shared=True)
    import tensorflow as tf

    tf.get_logger().setLevel("WARNING")  # it logs every reduction
    devices = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
    mirrored = tf.distribute.MirroredStrategy([device.name for device in devices])
    return Distribution(mirrored.num_replicas_in_sync, mirrored.scope)


@contextlib.contextmanager
def on_own_device():
    """Context in which models compute outside of the `Distribution` that is in use."""
    before = keras.distribution.distribution()
    keras.distribution.set_distribution(None)
    try:
        yield
    finally:
        keras.distribution.set_distribution(before)


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
