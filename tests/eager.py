"""Training without graphs, for tests of the result of a training.

To trace and compile a network takes longer than its few batches. The fixtures `run` and
`signal_run` are trained as users train.
"""

import functools

import keras
import PIL.Image
import pytest

from ecg_tf.training import train as training

_compile = keras.Model.compile


def _compile_eagerly(self, *args, jit_compile=None, **kwargs):
    _compile(self, *args, **kwargs, jit_compile=False, run_eagerly=True)


def _black_pixel(run):
    """Write a loss.png for those that want such a file."""
    PIL.Image.new("L", (1, 1)).save(run.path / "loss.png")


def run_eagerly(patch):
    """Let `pytest.MonkeyPatch` make networks train, evaluate and predict without graphs.

    They draw no loss.png, which would take longer than their epochs. The loop of a GRU is compiled
    all the same, but for one share of the batch, not one a core.
    """
    patch.setattr(keras.Model, "compile", _compile_eagerly)
    patch.setattr(keras.Model, "run_eagerly", True)  # of networks that are not compiled
    patch.setattr(
        "ecg_tf.kernels.inference.compile_for_inference",
        lambda network: functools.partial(network, training=False),
    )
    patch.setattr("ecg_tf.kernels.gru.MAX_SHARES", 1)
    patch.setattr("ecg_tf.training.callbacks.plot_loss", _black_pixel)


def train(settings, **options):
    """`ecg_tf.training.train.train` without graphs."""
    with pytest.MonkeyPatch.context() as patch:
        run_eagerly(patch)
        return training.train(settings, **options)
