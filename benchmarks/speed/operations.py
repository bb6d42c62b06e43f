"""Where the time of a training step goes, operation by operation, beside PyTorch."""

import collections
import functools
import importlib.util
import os
import re
import tempfile
from pathlib import Path

from speed.measuring import computes_in_bfloat16, in_a_process
from speed.networks import BATCH_SIZES, NETWORKS, PYTORCH_NETWORKS, keras_network, pytorch_network

_SHOWN = 12  # operations
_STEPS = 10


def operations(labels=None):
    """Print the milliseconds of each operation in a training step, in bfloat16 where the CPU can.

    Operations may run at the same time, so that their sum can be larger than the step.

    Args:
        labels: the networks, labels of `speed.networks.NETWORKS`; None for those in PyTorch, too.
    """
    from ecg_tf.models.registry import MODELS

    bfloat16 = computes_in_bfloat16()
    for label, name, sizes in NETWORKS:
        if label not in labels if labels else name not in PYTORCH_NETWORKS:
            continue
        kind = MODELS[name].input_kind
        policy = "mixed_bfloat16" if bfloat16 else "float32"
        backend = functools.partial(keras_network, name, kind, sizes, policy, kind == "ecg")
        _print_times(f"{label}, ecg_tf {policy}", BATCH_SIZES[kind], in_a_process(_ours, backend))
        if name in PYTORCH_NETWORKS and importlib.util.find_spec("torch"):
            mode = "bfloat16" if bfloat16 else "channels_last"
            backend = functools.partial(pytorch_network, name, kind, sizes, mode, _STEPS)
            times = in_a_process(_theirs, backend)
            _print_times(f"{label}, PyTorch {mode}", BATCH_SIZES[kind], times)


def _print_times(title, batch, times):
    total = sum(milliseconds for milliseconds, _ in times.values())
    print(f"\n{title}, a step of {batch}: {total:.0f} ms in all operations")
    for operation, (milliseconds, number) in list(times.items())[:_SHOWN]:
        print(f"  {operation:48} {milliseconds:8.1f} ms {number:5.0f} times", flush=True)


def _ours(backend):
    """{operation: (milliseconds, number) a step} of TensorFlow, longest first."""
    import tensorflow as tf
    from tensorflow.tsl.profiler.protobuf import xplane_pb2

    train, _ = backend()
    train()
    with tempfile.TemporaryDirectory() as folder:
        tf.profiler.experimental.start(folder)
        train()
        tf.profiler.experimental.stop()
        space = xplane_pb2.XSpace()
        (file,) = Path(folder).glob("plugins/profile/*/*.xplane.pb")
        space.ParseFromString(file.read_bytes())
    times = collections.defaultdict(lambda: [0.0, 0.0])
    for plane in space.planes:
        if not plane.name.startswith("/host:CPU"):
            continue
        for event in (event for line in plane.lines for event in line.events):
            name, _, operation = plane.event_metadata[event.metadata_id].name.partition(":")
            # Others are functions of the executor ("::"), of tf.data or without a node's name.
            if re.fullmatch("_?[A-Z][A-Za-z0-9]*", operation) and not name.startswith("Iterator"):
                times[operation][0] += event.duration_ps / 1e9 / _STEPS
                times[operation][1] += 1 / _STEPS
    return _longest_first(times)


def _theirs(backend):
    """The same of PyTorch."""
    os.environ["KINETO_LOG_LEVEL"] = "99"  # its profiler prints no lines
    import torch

    train, _ = backend()
    train()
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as profile:
        train()
    return _longest_first(
        {
            event.key: (event.self_cpu_time_total / 1e3 / _STEPS, event.count / _STEPS)
            for event in profile.key_averages()
        }
    )


def _longest_first(times):
    return dict(sorted(((k, tuple(v)) for k, v in times.items()), key=lambda item: -item[1][0]))
