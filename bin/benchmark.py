#!/usr/bin/env python3
"""How fast ecg_tf is on this machine, as tables.

python bin/benchmark.py

Images: both backends beside a plain computation of the same images, pyts at full size and then a
bilinear resize. Every row is measured in a process of its own; its rate is the median of some
passes after a first one, whose seconds, with imports and compilation, stand in a column of their
own.

Networks: training and inference of every network as bin/train.py runs them, on batches that lie
ready and, where a row says so, from raw ECGs; beside the same network in plain PyTorch on ready
batches (benchmarks/pytorch_networks.py) if it is installed. Both live in processes of their own and
take turns, a pass each; rates are medians.

Epoch, with -data: all of an epoch of AlexNet over prepared records, images made on the fly; and
what as many steps take in plain PyTorch on one batch of images that lies ready, from a hundred.
"""

import functools
import importlib.metadata
import importlib.util
import math
import multiprocessing
import os
import platform
import resource
import statistics
import sys
import tempfile
import time
import typing
from pathlib import Path

import numpy as np
from absl import flags

from ecg_tf.commands import app
from ecg_tf.errors import InputError
from ecg_tf.leads import DEFAULT_LEADS, lead_indices
from ecg_tf.processes import kept_from_children

_PASSES = flags.DEFINE_integer("passes", 5, "passes over which to take the median", lower_bound=1)
_MEMORY_RECORDS = flags.DEFINE_integer(
    "memory_records", 10_000, "records of the pass whose memory is watched", lower_bound=1000
)

_SECTIONS = flags.DEFINE_multi_enum(
    "sections", ["images", "networks"], ["images", "networks", "epoch"], "what to measure"
)
_DATA = app.define_path("data", None, "folder of prepared records, for the epoch")
_NETWORKS = flags.DEFINE_list("networks", None, "networks to measure; all if not given")
_PRECISIONS = flags.DEFINE_list("precisions", ["float32", "mixed_bfloat16"], "dtype policies")

BATCH_SIZES = (4, 8, 16, 32)  # of the keras backend; the table shows the best
NETWORK_BATCH_SIZES = {"image": 32, "signal": 64, "ecg": 32}
STEPS = 3  # batches in a pass of a network

# Label, name and sizes of the networks measured.
NETWORKS = [
    ("alexnet f=8", "alexnet", {"nb_filters": 8}),
    ("alexnet f=16", "alexnet", {}),
    *((name, name, {}) for name in ("alexnet_attention", "resnet", "band_resnet")),
    *((name, name, {}) for name in ("resnet1d", "gru", "bigru", "gru_attention")),
    *((name, name, {}) for name in ("weighted_fusion", "late_fusion", "early_fusion")),
    ("joint_fusion", "joint_fusion", {}),
]


def main(_):
    for name in _SECTIONS.value:
        print(machine(), end="\n\n", flush=True)
        {"images": images, "networks": networks, "epoch": epoch}[name]()


def machine():
    """One line on processor, memory and versions."""
    processor = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    packages = ("numpy", "scipy", "pyts", "numba", "tensorflow", "keras")
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in packages)
    return (
        f"{processor}, {_cores()} cores, {memory:.0f} GiB; "
        f"Python {platform.python_version()}, {versions}"
    )


# Images


def images():
    """Print the rates and the memory of the image backends."""
    ecg = _simulated_ecgs()
    print(
        f"Images 256 × 256 × 9 of leads {', '.join(DEFAULT_LEADS)}, median of "
        f"{_PASSES.value} passes"
    )
    print(_ROW.format("", "cores", "batch", "records/s", "× plain", "first s", "peak MB"))
    plain = _measure(plain_pyts, ecg[:8], cores=1)
    _print_row("plain pyts, full size, resized", 1, 1, plain, plain)
    _print_row("pyts backend", 1, 1, _measure(pyts_backend, ecg, cores=1), plain)
    for name, jit_compile in (("keras backend, no XLA", False), ("keras backend, XLA", True)):
        backend = functools.partial(keras_backend, jit_compile=jit_compile)
        measured, batch_size = max(
            (_measure(functools.partial(backend, batch_size=size), ecg, _cores()), size)
            for size in BATCH_SIZES
        )
        _print_row(name, _cores(), batch_size, measured, plain)
    resident = _in_a_process(watch_memory, ecg, batch_size, _MEMORY_RECORDS.value)
    print(
        f"\nMemory of one pass of the keras backend (XLA, batches of {batch_size}) over "
        f"{_MEMORY_RECORDS.value:,} records, in MB from its first batch to its last:\n"
        + " ".join(f"{megabytes:.0f}" for megabytes in resident)
    )


_ROW = "{:32} {:>5} {:>5} {:>10} {:>8} {:>8} {:>8}"


def _print_row(name, cores, batch_size, measured, plain):
    numbers = measured.rate, measured.rate / plain.rate, measured.first, measured.peak
    formats = ("{:.1f}", "{:.1f}", "{:.1f}", "{:.0f}")
    cells = [form.format(number) for form, number in zip(formats, numbers, strict=True)]
    print(_ROW.format(name, cores, batch_size, *cells), flush=True)


# A backend takes ecgs (record, time, lead) and returns a function that makes one pass, which makes
# images of them and returns how many.


def plain_pyts(ecg):
    from pyts.image import GramianAngularField, MarkovTransitionField, RecurrencePlot
    from scipy import signal

    from ecg_tf.preprocessing import IMAGE_SIZE, butterworth, resize_taps

    time_ = ecg.shape[1]
    gaf = GramianAngularField(image_size=time_, method="summation")
    mtf = MarkovTransitionField(image_size=time_, n_bins=10, strategy="uniform")
    rp = RecurrencePlot(threshold=None)
    index, weight = resize_taps(time_, IMAGE_SIZE)

    def resized(field):
        field = field[:, index] * (1 - weight)[:, None] + field[:, index + 1] * weight[:, None]
        return field[:, :, index] * (1 - weight) + field[:, :, index + 1] * weight

    def image(record):
        filtered = signal.sosfilt(butterworth(), record, axis=0).T
        low, high = (f(axis=1, keepdims=True) for f in (filtered.min, filtered.max))
        x = (filtered - low) / (high - low)
        fields = ((gaf.transform(x) + 1) / 2, mtf.transform(x) / 5, rp.transform(x))
        grey = np.stack([np.floor(255 * resized(field)) for field in fields], axis=1)
        return grey.astype(np.uint8).reshape(-1, IMAGE_SIZE, IMAGE_SIZE)

    return lambda: len([image(record) for record in ecg])


def pyts_backend(ecg):
    from ecg_tf.data.images.pyts_images import ecg_image

    return lambda: len([ecg_image(record, DEFAULT_LEADS) for record in ecg])


def keras_backend(ecg, batch_size, jit_compile, records=512, after_batch=lambda batch: None):
    import tensorflow as tf

    from ecg_tf.layers import ECGImage

    image = tf.function(ECGImage(), jit_compile=jit_compile)
    batches = tf.data.Dataset.from_tensor_slices(ecg).repeat().batch(batch_size)
    batches = batches.take(records // batch_size)

    def one_pass():
        for number, batch in enumerate(batches):
            image(batch)
            after_batch(number)
        return len(batches) * batch_size

    return one_pass


def watch_memory(ecg, batch_size, records):
    """Resident megabytes at some ten moments of one pass of the keras backend."""
    resident = []

    def after_batch(number):
        if number % (records // batch_size // 10) == 0:
            pages = int(Path("/proc/self/statm").read_text().split()[1])
            resident.append(pages * os.sysconf("SC_PAGE_SIZE") / 1e6)

    keras_backend(ecg, batch_size, True, records, after_batch)()
    return resident


# Networks


def networks():
    """Print the rates and the memory of the networks."""
    from ecg_tf.models.registry import MODELS

    print(f"Records/s of the networks, median of {_PASSES.value} passes of {STEPS} batches")
    print(
        _NETWORK_ROW.format("", "", "", "ecg_tf", "", "", "PyTorch", "", "ratio", "")
        + "\n"
        + _NETWORK_ROW.format(
            "", "batch", "train", "infer", "MB", "train", "infer", "MB", "train", "infer"
        )
    )
    torch = importlib.util.find_spec("torch") is not None
    for label, name, sizes in NETWORKS:
        if _NETWORKS.value and label not in _NETWORKS.value:
            continue
        input_kind = MODELS[name].input_kind
        for precision in _PRECISIONS.value:
            for raw in (False, True) if input_kind != "ecg" else (True,):
                backends = [
                    functools.partial(keras_network, name, input_kind, sizes, precision, raw)
                ]
                if torch and name in PYTORCH_NETWORKS and precision == "float32":
                    backends.append(functools.partial(pytorch_network, name, input_kind, sizes))
                ours, *theirs = _taking_turns(backends, _PASSES.value)
                cells = [f"{rate:.1f}" for rate in ours]
                for their in theirs:
                    cells += [f"{rate:.1f}" for rate in their]
                    cells += [f"{a / b:.2f}" for a, b in zip(ours[:2], their[:2], strict=True)]
                cells += [""] * (8 - len(cells))
                row = f"{label}, {precision}{', raw ECGs' if raw else ''}"
                size = NETWORK_BATCH_SIZES[input_kind]
                print(_NETWORK_ROW.format(row, size, *cells), flush=True)


_NETWORK_ROW = "{:44} {:>5}" + " {:>8}" * 8

PYTORCH_NETWORKS = ("alexnet", "resnet", "gru", "bigru")  # of benchmarks/pytorch_networks.py


# A network's backend returns two functions, each of which makes a pass and returns its records.


def keras_network(name, input_kind, sizes, precision, raw):
    app.keep_freed_memory()  # as all scripts do
    import keras
    import tensorflow as tf

    from ecg_tf.layers import ECGImage, ECGSignal
    from ecg_tf.models import build, find, from_ecg
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
            model = from_ecg(model, {"image": ECGImage, "signal": ECGSignal}[input_kind](), 3)
    model.compile(
        optimizer("sgd", 0.01),
        WeightedCrossEntropy(ORIGINAL_POS_WEIGHT),
        jit_compile=True if find(name).xla_on_cpu and precision == "float32" else "auto",
    )
    x, labels = _batch("ecg" if raw else input_kind, NETWORK_BATCH_SIZES[input_kind])
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
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "benchmarks"))
    import pytorch_networks
    import torch

    from ecg_tf.training.loss import ORIGINAL_POS_WEIGHT

    torch.set_num_threads(_cores())
    x, labels = _batch(input_kind, NETWORK_BATCH_SIZES[input_kind])
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


# Epoch


def epoch():
    """Print the seconds of an epoch."""
    if _DATA.value is None:
        raise InputError("-sections epoch: expected -data, a folder of prepared records")
    seconds, records, peak = _in_a_process(keras_epoch, _DATA.value)
    print(f"AlexNet (f=16, batches of {EPOCH_BATCH_SIZE}), an epoch of {records:,} records")
    print(f"ecg_tf, raw ECGs: {seconds:.0f} s, {peak:.0f} MB at most", flush=True)
    if importlib.util.find_spec("torch") is not None:
        steps = math.ceil(records / EPOCH_BATCH_SIZE)
        theirs = _in_a_process(pytorch_epoch, steps)
        print(f"PyTorch, ready images: {theirs:.0f} s; ratio {theirs / seconds:.2f}")


EPOCH_BATCH_SIZE = NETWORK_BATCH_SIZES["image"]


def keras_epoch(data):
    """Seconds of a first epoch, compilation and the look at dev included; records; peak MB."""
    app.keep_freed_memory()
    from ecg_tf.training.settings import Settings
    from ecg_tf.training.train import train

    with tempfile.TemporaryDirectory() as folder:
        run = train(
            Settings(
                model="alexnet",
                data=data,
                path_save_model=f"{folder}/run",
                epochs=1,
                batch_size=EPOCH_BATCH_SIZE,
                image_backend="keras",
            )
        )
        return run.history()["seconds"][0], run.about["records"]["train"], _peak()


def pytorch_epoch(steps, timed=100):
    """Seconds of as many training steps, from those of some."""
    train, _ = pytorch_network("alexnet", "image", {}, timed)
    start = time.perf_counter()
    train()
    return (time.perf_counter() - start) * steps / timed


def _batch(input_kind, size):
    """A batch of inputs and labels, float32."""
    if input_kind == "ecg":
        x = _simulated_ecgs(size).astype("float32")
    else:
        shape, draw = {
            "image": ((256, 256, 9), np.random.default_rng(0).random),
            "signal": ((1000, 3), np.random.default_rng(0).standard_normal),
        }[input_kind]
        x = draw((size, *shape), dtype="float32")
    return x, np.float32(np.random.default_rng(1).random((size, 4)) < 0.25)


# Measuring


class Measured(typing.NamedTuple):
    """Of a backend, in a process of its own."""

    rate: float  # records/s
    first: float  # seconds of the first pass, with imports and compilation
    peak: float  # MB resident


def _measure(backend, ecg, cores):
    return _in_a_process(_rate, backend, ecg, cores, _PASSES.value)


def _rate(backend, ecg, cores, passes):
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])
    start = time.perf_counter()
    one_pass = backend(ecg)
    one_pass()
    first = time.perf_counter() - start
    rates = []
    for _ in range(passes):
        start = time.perf_counter()
        rates.append(one_pass() / (time.perf_counter() - start))
    return Measured(statistics.median(rates), first, _peak())


def _taking_turns(backends, passes):
    """Of each backend (records/s in training, in inference, peak MB resident)."""
    pools = [_pool() for _ in backends]
    try:
        for pool, backend in zip(pools, backends, strict=True):
            pool.apply(_start, (backend,))
        rates = [[pool.apply(_rates) for pool in pools] for _ in range(passes)]
        peaks = [pool.apply(_peak) for pool in pools]
    finally:
        for pool in pools:
            pool.terminate()
    return [
        (*map(statistics.median, zip(*their, strict=True)), peak)
        for their, peak in zip(zip(*rates, strict=True), peaks, strict=True)
    ]


_passes = ()  # of the backend that lives in this process


def _start(backend):
    global _passes
    _passes = backend()
    _rates()


def _rates():
    rates = []
    for one_pass in _passes:
        start = time.perf_counter()
        rates.append(one_pass() / (time.perf_counter() - start))
    return rates


def _peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def _in_a_process(function, *args):
    with _pool() as pool:
        return pool.apply(function, args)


def _pool():
    with kept_from_children():
        return multiprocessing.get_context("spawn").Pool(1)


def _cores():
    return len(os.sched_getaffinity(0))


def _simulated_ecgs(records=64):
    """float32 (record, time, lead) millivolt."""
    from ecg_tf.data.synthetic.simulator import simulate_ecg

    rng = np.random.default_rng(0)
    ecgs = [simulate_ecg((), rng) for _ in range(records)]
    return np.stack(ecgs)[:, :, lead_indices(DEFAULT_LEADS)]


if __name__ == "__main__":
    app.run(main)
