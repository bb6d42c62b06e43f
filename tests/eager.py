"""Training without compilation, for tests of what comes of a training.

To trace and compile a network takes longer than its few batches. The fixtures `run` and
`signal_run` and the commands are trained as users train.
"""

import keras
import pytest

from ecg_tf.training import train as training

_compile = keras.Model.compile


def _compile_eagerly(self, *args, jit_compile=None, **kwargs):
    _compile(self, *args, **kwargs, jit_compile=False, run_eagerly=True)


def train(settings, **options):
    """`ecg_tf.training.train.train`, its steps run eagerly."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keras.Model, "compile", _compile_eagerly)
        return training.train(settings, **options)
