"""The networks: functional Keras models, one file each, and a registry by name."""

from ecg_tf.models.alexnet import alexnet
from ecg_tf.models.from_ecg import from_ecg
from ecg_tf.models.registry import MODELS, build, find

__all__ = ["MODELS", "alexnet", "build", "find", "from_ecg"]
