"""Rates and memory of the networks on a GPU."""

import concurrent.futures
import functools
import time

import numpy as np

from on_gpu.workers import in_processes, wait_to_measure

BATCH_SIZE = 256
FITTED = ("alexnet", "resnet", "resnet1d")
PYTORCH = ("alexnet", "resnet", "resnet1d", "gru")
NETWORKS = (
    *("alexnet", "resnet", "resnet1d", "gru", "band_resnet", "bigru", "alexnet_attention"),
    *("gru_attention", "weighted_fusion", "late_fusion", "early_fusion", "joint_fusion"),
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
SHAPES = {"image": (256, 256, 9), "signal": (1000, 3), "ecg": (1000, 3)}
_PREPARING = 0.65  # share of the time, at most, before measurement begins
_COMPILERS = 4  # threads of a process
_WARM, _SECONDS, _FEWEST, _MOST = 3, 0.3, 5, 50  # steps that are timed


def fast(data, deadline, networks=NETWORKS, batch_sizes=(BATCH_SIZE,), toy=False):
    """Measure images, networks and PyTorch, each in a process of its own, one at a time.

    Args:
        data: packed records, for `ecg_tf train`'s own rate.
        deadline: `time.monotonic()` when to stop.
        networks: names of the networks.
        batch_sizes: the first is that of all rows; training on raw ECGs is measured at all.
        toy: True for two networks in small batches.

    Yields:
        (name, list of rows), a row being {column: value}.
    """
    networks = ("gru", "alexnet") if toy else networks
    batch_sizes = (4,) if toy else batch_sizes
    now = time.monotonic()
    clock = now + _PREPARING * (deadline - now), deadline
    tasks = {name: (_network, name, data, batch_sizes, clock, toy) for name in networks}
    tasks |= {
        f"PyTorch {name}": (_pytorch, name, batch_sizes[0], clock, toy)
        for name in networks
        if name in PYTORCH
    }
    tasks["images"] = _images, batch_sizes[0], clock
    yield from in_processes(tasks, deadline)


def _network(name, data, batch_sizes, clock, toy):
    """Rows of one network."""
    from ecg_tf.models import find
    from ecg_tf.runs.precision import disable_tf32

    disable_tf32()
    kind = find(name).input_kind
    wanted = [(*how, batch_sizes[0]) for how in PROGRAMS if kind != "ecg" or how[1] == "raw"]
    wanted += [("mixed_float16", "raw", "train", size) for size in batch_sizes[1:]]
    sizes = {"hidden_size": 4} if toy and name == "gru" else {"nb_filters": 1} if toy else {}
    programs, rows = [], []
    pool = concurrent.futures.ThreadPoolExecutor(_COMPILERS)
    for policy, made, work, size in wanted:
        row = {"network": name, "policy": policy, "input": made, "work": work, "batch": size}
        lowered, values = _lowered(name, kind, sizes, policy, made, work, size)
        programs.append((row, values, pool.submit(_compiled, lowered)))
    fit = _fitting(name, sizes, data, batch_sizes[0], toy) if name in FITTED else None
    left = max(0, clock[0] - time.monotonic())
    concurrent.futures.wait([compiled for *_, compiled in programs], left)
    wait_to_measure(*clock)
    if fit:
        rows.append(_said({"network": name, **fit()}))
    for row, values, compiled in programs:
        if time.monotonic() > clock[1] or not compiled.done():
            rows.append(_said(row | {"error": "not in time"}))
            continue
        try:
            compiled, seconds = compiled.result()
            row |= _timed(compiled, values, row["batch"])
            rows.append(_said(row | {"compiled in s": seconds}))
        except Exception as error:  # out of memory: the other rows are still of use
            rows.append(_said(row | {"error": str(error)[:200]}))
    pool.shutdown(wait=False, cancel_futures=True)
    return rows


def _compiled(lowered):
    start = time.monotonic()
    return lowered.compile(), time.monotonic() - start


def _said(row):
    """The row, printed in case that this process is ended."""
    values = (f"{value:.5g}" if isinstance(value, float) else str(value) for value in row.values())
    print("  ", *values, flush=True)
    return row


def _lowered(name, kind, sizes, policy, made, work, size):
    """A step as JAX lowers it, and the function that makes its arguments."""
    import jax

    model = _model(name, kind, sizes, policy, made, work)
    shape = (size, *SHAPES["ecg" if made == "raw" else kind])
    x = jax.ShapeDtypeStruct(shape, "float32")
    if work == "train":
        model.optimizer.build(model.trainable_variables)
        labels = jax.ShapeDtypeStruct((size, 4), "float32")
        lowered = jax.jit(model.train_step, donate_argnums=0).lower(_state(model), (x, labels))
    else:
        lowered = jax.jit(functools.partial(_logits, model)).lower(_weights(model), x)
    return lowered, functools.partial(_values, model, work, shape)


def _model(name, kind, sizes, policy, made, work):
    """A network as `ecg_tf train` or `ecg_tf evaluate` builds it."""
    import keras

    from ecg_tf.input_spec import InputSpec
    from ecg_tf.models import build, fold_batch_normalization, from_ecg, preprocessor
    from ecg_tf.training.loss import ORIGINAL_POS_WEIGHT, WeightedCrossEntropy
    from ecg_tf.training.optimizers import optimizer

    keras.config.set_dtype_policy(policy)
    if kind == "ecg":
        backbones = ("gru", "band_resnet") if name == "weighted_fusion" else ("bigru", "alexnet")
        signal, image = backbones
        model = build(
            name,
            signal=build(signal, SHAPES["signal"], 4),
            image=build(image, SHAPES["image"], 4),
        )
    else:
        model = build(name, SHAPES[kind], 4, **sizes)
    if work == "infer":
        fold_batch_normalization(model)
    if kind != "ecg" and made == "raw":
        spec = InputSpec(kind)
        model = from_ecg(model, preprocessor(spec), spec.ecg_shape)
    if work == "train":
        chosen = optimizer("sgd", 0.01, scale_loss=policy == "mixed_float16")
        model.compile(chosen, WeightedCrossEntropy(ORIGINAL_POS_WEIGHT), auto_scale_loss=False)
    return model


def _logits(model, weights, x):
    return model.stateless_call(*weights, x, training=False)[0]


def _weights(model):
    return [
        [variable.value for variable in variables]
        for variables in (model.trainable_variables, model.non_trainable_variables)
    ]


def _state(model):
    others = model.optimizer.variables, model.metrics_variables
    return (*_weights(model), *([variable.value for variable in some] for some in others))


def _values(model, work, shape):
    """The arguments of a step: copies of the weights, which it may delete, and a random batch."""
    import jax
    import jax.numpy as jnp

    draw = jax.random.normal if len(shape) == 3 else jax.random.uniform
    x = draw(jax.random.key(0), shape)
    if work == "infer":
        return _weights(model), x
    labels = jnp.float32(jax.random.uniform(jax.random.key(1), (shape[0], 4)) < 0.25)
    return jax.tree.map(jnp.copy, _state(model)), (x, labels)


def _timed(compiled, make_values, batch):
    """Rate and memory of a compiled step: a training step is fed with its own new state."""
    import jax

    state, x = make_values()
    trains = isinstance(x, tuple)

    def run(steps):
        nonlocal state
        for _ in range(steps):
            found = compiled(state, x)
            if trains:
                _, state = found
        jax.block_until_ready(found)

    run(_WARM)
    steps = _steps(run)
    start = time.perf_counter()
    run(steps)
    seconds = time.perf_counter() - start
    memory = compiled.memory_analysis()
    used = memory.temp_size_in_bytes + memory.argument_size_in_bytes if memory else 0
    return {"rate": batch * steps / seconds, "MB": used / 1e6}


def _steps(run):
    """The number of steps that take about `_SECONDS`."""
    start = time.perf_counter()
    run(2)
    one = (time.perf_counter() - start) / 2
    return int(min(_MOST, max(_FEWEST, _SECONDS / one)))


def _fitting(name, sizes, data, batch, toy):
    """Function that measures `ecg_tf train`'s own rate: the records' way from memory included."""
    import keras

    from ecg_tf.data.batches.batches import training_batches
    from ecg_tf.data.sources import open_partition
    from ecg_tf.input_spec import InputSpec
    from ecg_tf.models import find
    from ecg_tf.training.callback_list import OneStepLate
    from ecg_tf.training.stopping import StopOnNonFiniteLoss

    kind = find(name).input_kind
    source = open_partition(data, "train", InputSpec(kind)).source
    model = _model(name, kind, sizes, "mixed_float16", "raw", "train")
    steps = 2 if toy else len(source) // batch  # the smaller batch at the end compiles anew

    class Clock(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            self._start = time.perf_counter()

        def on_epoch_end(self, epoch, logs=None):
            self.seconds = time.perf_counter() - self._start

    def fit(steps):
        clock = Clock()
        model.fit(
            training_batches(source, batch, seed=1),
            steps_per_epoch=steps,
            shuffle=False,
            verbose=0,
            callbacks=OneStepLate([StopOnNonFiniteLoss(), clock], add_history=True, model=model),
        )
        return clock.seconds

    def measured():
        epoch = {"policy": "mixed_float16", "input": "raw, by fit", "work": "train"}
        return {**epoch, "batch": batch, "rate": steps * batch / fit(steps)}

    fit(2)  # compiles
    return measured


def _images(batch, clock):
    """Rates of images, and of reading and writing memory."""
    import jax
    import jax.numpy as jnp

    from ecg_tf.layers import ECGImage
    from ecg_tf.runs.precision import disable_tf32

    disable_tf32()
    layer = ECGImage()
    x = jax.device_put(np.random.default_rng(0).standard_normal((batch, 1000, 3), "float32"))
    layer.build(x.shape)

    def by_loops(x):
        return layer._images(layer._levels_by_xla(layer._vectors(x)))

    large = jnp.zeros((256 if batch < 64 else 2**30,), "float32")
    programs = {
        "as the layer computes them": (jax.jit(layer), x, batch * 256 * 256 * 9 * 4),
        "MTF by loops instead of products": (jax.jit(by_loops), x, batch * 256 * 256 * 9 * 4),
        "one added to an array": (jax.jit(lambda x: x + 1), large, 2 * large.nbytes),
    }
    rows = []
    wait_to_measure(*clock)
    for name, (program, argument, moved) in programs.items():

        def run(steps, program=program, argument=argument):
            for _ in range(steps):
                found = program(argument)
            jax.block_until_ready(found)

        run(_WARM)
        steps = _steps(run)
        start = time.perf_counter()
        run(steps)
        seconds = (time.perf_counter() - start) / steps
        gigabytes = moved / seconds / 1e9
        rows.append(_said({"work": name, "rate": batch / seconds, "GB/s": gigabytes}))
    return rows


def _pytorch(name, batch, clock, toy):
    """Rows of the same network in PyTorch, on ready inputs."""
    import torch
    from pytorch_networks import NETWORKS, Mode, steps

    from ecg_tf.models import find
    from ecg_tf.training.loss import ORIGINAL_POS_WEIGHT

    torch.backends.cudnn.allow_tf32 = False  # as in ecg_tf
    torch.backends.cudnn.benchmark = True
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    modes = {
        "float32": Mode(channels_last=True),
        "float16": Mode(channels_last=True, autocast=torch.float16),
        "bfloat16": Mode(channels_last=True, autocast=torch.bfloat16),
        "float16, compiled": Mode(channels_last=True, autocast=torch.float16, compile=True),
    }
    if toy or name == "gru":  # torch.compile leaves a GRU as it is
        modes.pop("float16, compiled")
    kind = find(name).input_kind
    rng = np.random.default_rng(0)
    shape = (batch, 9, 256, 256) if kind == "image" else (batch, *SHAPES[kind])
    x = torch.from_numpy(rng.random(shape, dtype="float32")).to(device)
    labels = torch.from_numpy(np.float32(rng.random((batch, 4)) < 0.25)).to(device)
    weight = torch.tensor(ORIGINAL_POS_WEIGHT, device=device)
    works = []
    for mode, how in modes.items():
        network = NETWORKS[name](**({"nb_filters": 1} if toy and name == "alexnet" else {}))
        both = steps(network, x, labels, weight, how)
        for work, step in zip(("train", "infer"), both, strict=True):
            step()  # compiles
            works.append((mode, work, step))
    rows = []
    wait_to_measure(*clock)
    for mode, work, step in works:

        def run(steps, step=step):
            for _ in range(steps):
                step()
            if device.type == "cuda":
                torch.cuda.synchronize()

        run(_WARM)
        count = _steps(run)
        start = time.perf_counter()
        run(count)
        rate = batch * count / (time.perf_counter() - start)
        row = {"network": f"PyTorch {name}", "policy": mode, "input": "ready", "work": work}
        rows.append(_said({**row, "batch": batch, "rate": rate}))
    return rows
