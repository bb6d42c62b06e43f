"""Training and inference speed and memory of the networks, beside PyTorch at its best."""

import functools
import importlib.util
import shutil

import numpy as np

from ecg_tf.commands import app
from speed.measuring import computes_in_bfloat16, cores, simulated_ecgs, taking_turns

BATCH_SIZES = {"image": 32, "signal": 64, "ecg": 32}
STEPS = 10  # batches in a pass

# Label, name and hyper-parameters of each network measured.
NETWORKS = [
    ("alexnet f=8", "alexnet", {"nb_filters": 8}),
    ("alexnet f=16", "alexnet", {}),
    *((name, name, {}) for name in ("alexnet_attention", "resnet", "band_resnet")),
    *((name, name, {}) for name in ("resnet1d", "gru", "bigru", "gru_attention")),
    *((name, name, {}) for name in ("weighted_fusion", "late_fusion", "early_fusion")),
    ("joint_fusion", "joint_fusion", {}),
]

RECURRENT = ("gru", "bigru")
# In benchmarks/pytorch_networks.py.
PYTORCH_NETWORKS = ("alexnet", "resnet", "band_resnet", "resnet1d", *RECURRENT)

_ROW = "  {:32} {:>8} {:>8} {:>8}"


def networks(passes, labels=None, precisions=("float32", "mixed_bfloat16")):
    """Print rates, records/s, and peak memory, MB, of the networks.

    ecg_tf in each precision and PyTorch, if it is installed, in each of its modes, run in separate
    processes and take turns, one pass each. The last row of a network divides the best rates.

    Args:
        passes: number of passes; the table shows median rates.
        labels: the networks to measure, labels of `NETWORKS`; None for all.
        precisions: Keras dtype policies to measure; bfloat16 only if the CPU computes in it.
    """
    from ecg_tf.models.registry import MODELS

    precisions = [p for p in precisions if p != "mixed_bfloat16" or computes_in_bfloat16()]
    print(f"Records/s of the networks, median of {passes} passes of {STEPS} batches")
    for label, name, sizes in NETWORKS:
        if labels and label not in labels:
            continue
        kind = MODELS[name].input_kind
        print("\n" + _ROW.format(f"{label}, {BATCH_SIZES[kind]} {kind}s", "train", "infer", "MB"))
        backends = {
            f"ecg_tf {precision}{', raw ECGs' if raw else ''}": functools.partial(
                keras_network, name, kind, sizes, precision, raw
            )
            for raw in ((False, True) if kind != "ecg" else (True,))
            for precision in precisions
        }
        if name in PYTORCH_NETWORKS and importlib.util.find_spec("torch"):
            backends |= {
                f"PyTorch {mode}": functools.partial(pytorch_network, name, kind, sizes, mode)
                for mode in _modes(name)
            }
        rates = dict(zip(backends, taking_turns(backends.values(), passes), strict=True))
        for row, (train, infer, peak) in rates.items():
            print(_ROW.format(row, f"{train:.1f}", f"{infer:.1f}", f"{peak:.0f}"))
        _print_ratios(rates)


def _modes(network):
    """The names of the modes in which PyTorch is measured, on this machine.

    Its GRU has no memory format, and torch.compile leaves it as it is.
    """
    from pytorch_networks import MODES

    for name, mode in MODES.items():
        possible = (computes_in_bfloat16() or mode.autocast is None) and (
            not mode.compile or shutil.which("c++") is not None
        )
        if possible and not (network in RECURRENT and (mode.compile or name == "channels_last")):
            yield name


def _print_ratios(rates):
    """A line with the best rates of ecg_tf on ready inputs, divided by those of PyTorch."""
    ours = {row: found for row, found in rates.items() if not row.startswith("PyTorch")}
    ready = {row: found for row, found in ours.items() if not row.endswith("raw ECGs")}
    theirs = {row: found for row, found in rates.items() if row.startswith("PyTorch")}
    if not theirs:
        return
    cells = []
    for column in (0, 1):
        best, other = (max(of.items(), key=lambda item: item[1][column]) for of in (ready, theirs))
        cells.append(f"{best[1][column] / other[1][column]:.2f} ({best[0]} / {other[0]})")
    print(f"  best / best: train {cells[0]}, infer {cells[1]}", flush=True)


# Each backend returns two functions, train and infer. Each runs one pass and returns the number of
# records in it.


def keras_network(name, input_kind, sizes, precision, raw):
    """A Keras network as `ecg_tf train` and `ecg_tf evaluate` run it.

    `raw`: from ECGs, not from ready inputs.
    """
    app.keep_freed_memory()  # as every command does
    import keras
    import tensorflow as tf

    from ecg_tf.input_spec import InputSpec
    from ecg_tf.kernels.inference import compile_for_inference
    from ecg_tf.models import build, fold_batch_normalization, from_ecg, preprocessor
    from ecg_tf.training.loss import ORIGINAL_POS_WEIGHT, WeightedCrossEntropy
    from ecg_tf.training.optimizers import optimizer

    keras.config.set_dtype_policy(precision)
    shapes = {"image": (256, 256, 9), "signal": (1000, 3)}

    def model():
        if input_kind == "ecg":
            backbones = build("bigru", shapes["signal"], 4), build("alexnet", shapes["image"], 4)
            return build(name, signal=backbones[0], image=backbones[1])
        return build(name, shapes[input_kind], 4, **sizes)

    def on_input(model):
        if input_kind == "ecg" or not raw:
            return model
        spec = InputSpec(input_kind)
        return from_ecg(model, preprocessor(spec), spec.ecg_shape)

    trained = on_input(model())
    trained.compile(optimizer("sgd", 0.01), WeightedCrossEntropy(ORIGINAL_POS_WEIGHT))
    finished = model()
    fold_batch_normalization(finished)
    compiled = compile_for_inference(on_input(finished))
    x, labels = _batch("ecg" if raw else input_kind, BATCH_SIZES[input_kind])
    batches = tf.data.Dataset.from_tensors((x, labels)).repeat(STEPS)
    options = tf.data.Options()
    options.autotune.enabled = False  # as in ecg_tf.data.batches.tf_batches
    batches = batches.with_options(options)

    def train():
        trained.fit(batches, shuffle=False, verbose=0)
        return STEPS * len(x)

    def infer():
        return sum(len(compiled(x).numpy()) for x, _ in batches)

    return train, infer


def pytorch_network(name, input_kind, sizes, mode="default", steps=STEPS):
    """The same network in PyTorch in one of its modes, on ready inputs."""
    import pytorch_networks
    import torch

    from ecg_tf.training.loss import ORIGINAL_POS_WEIGHT

    torch.set_num_threads(cores())
    x, labels = _batch(input_kind, BATCH_SIZES[input_kind])
    if input_kind == "image":
        x = np.ascontiguousarray(x.transpose(0, 3, 1, 2))
    train, infer = pytorch_networks.steps(
        pytorch_networks.NETWORKS[name](**sizes),
        *map(torch.from_numpy, (x, labels)),
        torch.tensor(ORIGINAL_POS_WEIGHT),
        pytorch_networks.MODES[mode],
    )

    def one_pass(step):
        for _ in range(steps):
            step()
        return steps * len(x)

    return functools.partial(one_pass, train), functools.partial(one_pass, infer)


def _batch(input_kind, size):
    """A batch of inputs and labels, float32."""
    if input_kind == "ecg":
        x = simulated_ecgs(size).astype("float32")
    else:
        shape, draw = {
            "image": ((256, 256, 9), np.random.default_rng(0).random),
            "signal": ((1000, 3), np.random.default_rng(0).standard_normal),
        }[input_kind]
        x = draw((size, *shape), dtype="float32")
    return x, np.float32(np.random.default_rng(1).random((size, 4)) < 0.25)
