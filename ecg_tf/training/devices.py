"""Choosing the devices and the precision to train with."""

import tensorflow as tf
from absl import logging

from ecg_tf.errors import InputError


def use_devices(gpu_id, strategy="none"):
    """Let this process see the GPUs it is to use, and take their memory as needed.

    Call it before anything runs on a device.

    Args:
        gpu_id: which GPU, from 0; with "mirrored" the first, where the results are put together.
        strategy: "none" for this GPU only, or "mirrored" for all of them.

    Returns:
        True if a GPU is used, False for the CPU because there is none.

    Raises:
        InputError: there are GPUs, but not this one.
    """
    gpus = tf.config.list_physical_devices("GPU")
    if not gpus:
        logging.info("No GPU found: running on the CPU.")
        return False
    if gpu_id >= len(gpus):
        names = ", ".join(f"{k} ({_name(gpu)})" for k, gpu in enumerate(gpus))
        raise InputError(f"gpu_id {gpu_id}: expected one of {names}")
    if strategy == "none":
        gpus = [gpus[gpu_id]]
    tf.config.set_visible_devices(gpus, "GPU")
    for gpu in gpus:
        tf.config.experimental.set_memory_growth(gpu, True)
    logging.info("Running on %s.", ", ".join(map(_name, gpus)))
    return True


def _name(gpu):
    return tf.config.experimental.get_device_details(gpu).get("device_name", gpu.name)


def distribution(strategy):
    """The tf.distribute strategy: "none", or "mirrored" over the GPUs, or the CPUs without any.

    "mirrored" shares every batch out among the devices and adds their gradients up, so that a step
    is that of one device with the whole batch. But each device has batch statistics of its own, and
    where the last batch cannot be shared out evenly, its records weigh a little differently.
    """
    if strategy == "none":
        return tf.distribute.get_strategy()
    tf.get_logger().setLevel("WARNING")  # it tells of every sum
    devices = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
    return tf.distribute.MirroredStrategy([device.name for device in devices])


def exact_float32():
    """Keep float32 float32 on GPUs: without TF32, whose rounding would change the images.

    Speed is what mixed precision is for.
    """
    tf.config.experimental.enable_tensor_float_32_execution(False)


def dtype_policy(mixed_precision, gpu):
    """The Keras dtype policy of a `-mixed_precision` choice: "auto" is float16 on a GPU."""
    if mixed_precision == "auto":
        mixed_precision = "float16" if gpu else "none"
    return "float32" if mixed_precision == "none" else f"mixed_{mixed_precision}"
