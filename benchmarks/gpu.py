#!/usr/bin/env python3
"""Check and measure ecg_tf on a GPU under JAX, and train on it; a program for a short lease.

It has four steps. Each writes its results as soon as it has them, so that a lease that ends early
loses only what had not been finished.

right     images and logits beside those of the study, shipped networks in each precision
fast      rates and memory of the networks, beside PyTorch
mixed     AlexNet in float16 beside float32
grid      the runs of configs/study.cfg

    KERAS_BACKEND=jax python benchmarks/gpu.py -data data/ptb_xl.npz -out results

Needs what requirements-jax.txt lists, and for the comparison PyTorch. The data are one file, which
a machine with TensorFlow makes; with folds 1-9 and the leads of the study it has 53 MB:

    ecg_tf pack -data data/ptb_xl -leads I,II,V2 -out data/ptb_xl.npz

`-toy` shortens each step, so that all of it runs on a CPU in minutes.
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")  # processes share the GPU
# Without it, to compile takes most of a lease. Dense layers are then products of cuBLAS.
os.environ.setdefault("XLA_FLAGS", "--xla_gpu_enable_triton_gemm=false")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))  # golden networks
sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from absl import flags

from ecg_tf.commands import app
from ecg_tf.commands.quick_imports import make_imports_quick
from ecg_tf.errors import InputError

make_imports_quick()  # in worker processes, too, which import this file

STEPS = ("right", "fast", "mixed", "grid")

_DATA = app.define_path("data", None, "packed records", required=True)
_OUT = app.define_path("out", None, "folder of the results", required=True)
_STEPS = flags.DEFINE_list("steps", list(STEPS), f"what to do, of {', '.join(STEPS)}")
_SECONDS = flags.DEFINE_float("seconds", 3600, "time for all steps; what is late is left out")
_NETWORKS = flags.DEFINE_list("networks", None, "networks to measure; default: all")
_BATCH_SIZES = flags.DEFINE_list("batch_sizes", ["256"], "numbers of records in their batches")
_RUNS = flags.DEFINE_list("runs", None, "runs to train, in this order; default: all of the steps")
_AT_ONCE = flags.DEFINE_integer("at_once", 4, "number of runs that are trained at the same time")
_TOY = flags.DEFINE_bool("toy", False, "small networks, few steps, few epochs")


def main(_):
    """Run the steps that -steps names."""
    import on_gpu.fast
    import on_gpu.program

    _check("steps", _STEPS.value, STEPS)
    _check("networks", _NETWORKS.value or (), on_gpu.fast.NETWORKS)
    for size in _BATCH_SIZES.value:
        if not size.isdecimal() or int(size) < 1:
            raise InputError(f"batch_sizes {size!r}: expected whole numbers above 0")
    on_gpu.program.run(
        steps=_STEPS.value,
        data=_DATA.value,
        out=Path(_OUT.value),
        seconds=_SECONDS.value,
        networks=_NETWORKS.value or on_gpu.fast.NETWORKS,
        batch_sizes=tuple(map(int, _BATCH_SIZES.value)),
        runs=_RUNS.value,
        at_once=_AT_ONCE.value,
        toy=_TOY.value,
    )


def _check(flag, values, expected):
    for value in values:
        if value not in expected:
            raise InputError(f"{flag} {value!r}: expected some of {', '.join(expected)}")


if __name__ == "__main__":
    app.run(main)
