"""Training and inference speed and memory of the networks, beside PyTorch."""

import functools
import importlib.util

import numpy as np

from ecg_tf.commands import app
from speed.measuring import cores, simulated_ecgs, taking_turns

BATCH_SIZES = {"image": 32, "signal": 64, "ecg": 32}
STEPS = 3  # batches in a pass

# Label, name and hyper-parameters of each network measured.
NETWORKS = [
    ("alexnet f=8", "alexnet", {"nb_filters": 8}),
    ("alexnet f=16", "alexnet", {}),
    *((name, name, {}) for name in ("alexnet_attention", "resnet", "band_resnet")),
    *((name, name, {}) for name in ("resnet1d", "gru", "bigru", "gru_attention")),
    *((name, name, {}) for name in ("weighted_fusion", "late_fusion", "early_fusion")),
    ("joint_fusion", "joint_fusion", {}),
]


PYTORCH_NETWORKS = ("alexnet", "resnet", "gru", "bigru")  # in benchmarks/pytorch_networks.py

_ROW = "{:44} {:>5}" + " {:>8}" * 8


def networks(passes, labels=None, precisions=("float32",)):
    """Print rates, records/s, and peak memory, MB, of the networks.

    ecg_tf and PyTorch, if it is installed, run in separate processes and take turns, one pass each.

    Args:
        passes: number of passes; the table shows median rates.
        labels: the networks to measure, labels of `NETWORKS`; None for all.
        precisions: Keras dtype policies to measure.
    """
    from ecg_tf.models.registry import MODELS

    print(f"Records/s of the networks, median of {passes} passes of {STEPS} batches")
    print(
        _ROW.format("", "", "", "ecg_tf", "", "", "PyTorch", "", "ratio", "")
        + "\n"
        + _ROW.format("", "batch", "train", "infer", "MB", "train", "infer", "MB", "train", "infer")
    )
    torch = importlib.util.find_spec("torch") is not None
    for label, name, sizes in NETWORKS:
        if labels and label not in labels:
            continue
        input_kind = MODELS[name].input_kind
        for precision in precisions:
            for raw in (False, True) if input_kind != "ecg" else (True,):
                backends = [
                    functools.partial(keras_network, name, input_kind, sizes, precision, raw)
                ]
                if torch and name in PYTORCH_NETWORKS and precision == "float32":
                    backends.append(functools.partial(pytorch_network, name, input_kind, sizes))
                ours, *theirs = taking_turns(backends, passes)
                cells = [f"{rate:.1f}" for rate in ours]
                for their in theirs:
                    cells += [f"{rate:.1f}" for rate in their]
                    cells += [f"{a / b:.2f}" for a, b in zip(ours[:2], their[:2], strict=True)]
                cells += [""] * (8 - len(cells))
                row = f"{label}, {precision}{', raw ECGs' if raw else ''}"
                size = BATCH_SIZES[input_kind]
                print(_ROW.format(row, size, *cells), flush=True)


# Each backend returns two functions, train and infer. Each runs one pass and returns the number of
# records in it.


def keras_network(name, input_kind, sizes, precision, raw):
    """A Keras network, compiled as `ecg_tf train` does; `raw`: from ECGs, not ready inputs."""
    app.keep_freed_memory()  # as every command does
    import keras
    import tensorflow as tf

    from ecg_tf.input_spec import InputSpec
    from ecg_tf.models import build, from_ecg, preprocessor
    from ecg_tf.training.loss import ORIGINAL_POS_WEIGHT, WeightedCrossEntropy
    from ecg_tf.training.optimizers import optimizer

    keras.config.set_dtype_policy(precision)
    shapes = {"image": (256, 256, 9), "signal": (1000, 3)}
    if input_kind == "ecg":
        backbones = build("bigru", shapes["signal"], 4), build("alexnet", shapes["image"], 4)
        model = build(name, signal=backbones[0], image=backbones[1])
    else:
        model = build(name, shapes[input_kind], 4, **sizes)
        if raw:
            spec = InputSpec(input_kind)
            model = from_ecg(model, preprocessor(spec), spec.ecg_shape)
    model.compile(
        optimizer("sgd", 0.01),
        WeightedCrossEntropy(ORIGINAL_POS_WEIGHT),
    )
    x, labels = _batch("ecg" if raw else input_kind, BATCH_SIZES[input_kind])
    batches = tf.data.Dataset.from_tensors((x, labels)).repeat(STEPS)
    options = tf.data.Options()
    options.autotune.enabled = False  # as in ecg_tf.data.batches.tf_batches
    batches = batches.with_options(options)

    def train():
        model.fit(batches, shuffle=False, verbose=0)
        return STEPS * len(x)

    def infer():
        return len(model.predict(batches.map(lambda x, _: x), verbose=0))

    return train, infer


def pytorch_network(name, input_kind, sizes, steps=STEPS):
    """The same network in plain PyTorch, on ready inputs."""
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
