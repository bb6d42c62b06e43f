"""Rates and memory of the networks on a GPU."""

import concurrent.futures
import time

from on_gpu.pytorch_rates import NETWORKS as PYTORCH
from on_gpu.pytorch_rates import pytorch_rows
from on_gpu.timing import said, seconds_of_a_step
from on_gpu.workers import in_processes, wait_to_measure

BATCH_SIZE = 256
FITTED = ("alexnet", "resnet", "resnet1d")
NETWORKS = (
    *("alexnet", "resnet", "resnet1d", "gru", "band_resnet", "bigru", "alexnet_attention"),
    *("gru_attention", "weighted_fusion", "late_fusion", "early_fusion", "joint_fusion"),
    *("s4", "lstm", "bilstm", "rnn", "cnn_gru", "cnn_lstm", "cnn", "vgg"),
)
# What is measured of each network: policy, input, work.
PROGRAMS = (
    ("mixed_float16", "raw", "train"),
    ("float32", "raw", "train"),
    ("mixed_float16", "ready", "train"),
    ("mixed_float16", "raw", "infer"),
    ("float32", "raw", "infer"),
    ("mixed_float16", "ready", "infer"),
    ("mixed_bfloat16", "raw", "train"),
)
TOY = {
    "alexnet": {
        "sizes": {"nb_filters": 1},
        "options": {"leads": ("II",), "channels": ("rp",), "image_size": 67},
    }
}
_PREPARING = 0.65  # share of the time, at most, before measurement begins
_COMPILERS = 4  # threads of a process


def fast(data, deadline, networks=NETWORKS, batch_sizes=(BATCH_SIZE,), toy=False):
    """Measure images, networks and PyTorch, each in a process of its own, one at a time.

    Args:
        data: packed records, for `ecg_tf train`'s own rate.
        deadline: `time.monotonic()` when to stop.
        networks: names of the networks.
        batch_sizes: the first is that of all rows; training on raw ECGs is measured at all.
        toy: True for small networks in small batches.

    Yields:
        (name, list of rows), a row being {column: value}.
    """
    if toy:
        networks, batch_sizes = TOY, (4,)
    now = time.monotonic()
    clock = now + _PREPARING * (deadline - now), deadline
    size = batch_sizes[0]
    tasks = {name: (_network, name, data, batch_sizes, clock, toy) for name in networks}
    tasks |= {
        f"PyTorch {name}": (pytorch_rows, name, size, clock, toy)
        for name in networks
        if name in PYTORCH
    }
    tasks["images"] = _images, size, clock, toy
    yield from in_processes(tasks, deadline)


def _network(name, data, batch_sizes, clock, toy):
    """Rows of one network."""
    from ecg_tf.runs.precision import disable_tf32
    from on_gpu.programs import Program, memory, repeated

    disable_tf32()
    size, *others = batch_sizes
    small = TOY[name] if toy else {}
    programs = [Program(name, *how, size, **small) for how in (PROGRAMS[:1] if toy else PROGRAMS)]
    if programs[0].spec.kind == "ecg":  # networks that make their own input
        programs = [program for program in programs if program.input == "raw"]
    programs += [Program(name, "mixed_float16", "raw", "train", other, **small) for other in others]
    rows, compiling = [], []
    pool = concurrent.futures.ThreadPoolExecutor(_COMPILERS)
    for program in programs:
        lowered, arguments = program.lower()
        compiling.append((program, arguments, pool.submit(_compile, lowered)))
    fit = _fitting(programs[0], data, toy) if name in FITTED else None
    left = max(0, clock[0] - time.monotonic())
    concurrent.futures.wait([future for *_, future in compiling], left)
    wait_to_measure(*clock)
    if fit:
        rows.append(said(programs[0].row() | {"input": "raw, by fit", "rate": fit()}))
    for program, arguments, future in compiling:
        row = program.row()
        if time.monotonic() > clock[1] or not future.done():
            rows.append(said(row | {"error": "not in time"}))
            continue
        try:
            compiled, seconds = future.result()
            one = seconds_of_a_step(repeated(compiled, program.work, *arguments()), toy)
            row |= {"rate": program.batch / one, "MB": memory(compiled), "compiled in s": seconds}
        except Exception as error:  # out of memory: the other rows are still of use
            row |= {"error": str(error)[:200]}
        rows.append(said(row))
    pool.shutdown(wait=False, cancel_futures=True)
    return rows


def _compile(lowered):
    start = time.monotonic()
    return lowered.compile(), time.monotonic() - start


def _fitting(program, data, toy):
    """Function that measures an epoch as `ecg_tf train` runs it, records/s.

    The last batch is left out: its size is another, and it would be compiled anew.
    """
    import keras

    from ecg_tf.data.batches.batches import training_batches
    from ecg_tf.data.sources import open_partition
    from ecg_tf.training.callback_list import OneStepLate
    from ecg_tf.training.stopping import StopOnNonFiniteLoss

    source = open_partition(data, "train", program.spec).source
    model = program.model()
    steps = 1 if toy else len(source) // program.batch

    class Clock(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            self._start = time.perf_counter()

        def on_epoch_end(self, epoch, logs=None):
            self.seconds = time.perf_counter() - self._start

    def fit(steps):
        clock = Clock()
        model.fit(
            training_batches(source, program.batch, seed=1),
            steps_per_epoch=steps,
            shuffle=False,
            verbose=0,
            callbacks=OneStepLate([StopOnNonFiniteLoss(), clock], add_history=True, model=model),
        )
        return steps * program.batch / clock.seconds

    fit(1 if toy else 2)  # compiles
    return lambda: fit(steps)


def _images(batch, clock, toy):
    """Rates of images, and of reading and writing memory."""
    import jax
    import jax.numpy as jnp

    from ecg_tf.layers import ECGImage
    from ecg_tf.runs.precision import disable_tf32

    disable_tf32()
    ecg = jax.random.normal(jax.random.key(0), (batch, 1000, 3))
    layer = ECGImage()
    layer.build(ecg.shape)
    large = jnp.zeros(batch * 2**22, "float32")
    moved = {"images": batch * 256 * 256 * 9 * 4, "one added to an array": 2 * large.nbytes}
    programs = {
        "images": (jax.jit(layer), ecg),
        "one added to an array": (jax.jit(lambda x: x + 1), large),
    }
    rows = []
    wait_to_measure(*clock)
    for name, (program, argument) in programs.items():

        def run(steps, program=program, argument=argument):
            for _ in range(steps):
                found = program(argument)
            jax.block_until_ready(found)

        one = seconds_of_a_step(run, toy)
        rows.append(said({"work": name, "rate": batch / one, "GB/s": moved[name] / one / 1e9}))
    return rows
