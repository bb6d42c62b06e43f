"""Choosing the device and the precision to train with."""

import tensorflow as tf
from absl import logging

from ecg_tf.errors import InputError


def use_gpu(gpu_id):
    """Let this process see one GPU only, and take its memory as needed; the CPU if there is none.

    Call it before anything runs on a device.

    Args:
        gpu_id: which GPU, from 0.

    Returns:
        True if a GPU is used.

    Raises:
        InputError: there are GPUs, but not this one.
    """
    gpus = tf.config.list_physical_devices("GPU")
    if not gpus:
        logging.info("No GPU found: running on the CPU.")
        return False
    if gpu_id >= len(gpus):
        names = ", ".join(f"{k} ({gpu.name})" for k, gpu in enumerate(gpus))
        raise InputError(f"gpu_id {gpu_id}: expected one of {names}")
    tf.config.set_visible_devices(gpus[gpu_id], "GPU")
    tf.config.experimental.set_memory_growth(gpus[gpu_id], True)
    return True


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
