"""Measurement in separate processes: rates, peak memory, and a description of the machine."""

import importlib.metadata
import importlib.util
import multiprocessing
import os
import platform
import resource
import statistics
import time
import typing
from pathlib import Path

import numpy as np

from ecg_tf.commands.quiet import show_own_lines_only
from ecg_tf.leads import DEFAULT_LEADS, lead_indices
from ecg_tf.processes import kept_from_children

# Features of a CPU on which the speed of networks depends, as /proc/cpuinfo names them.
_FEATURES = ("avx2", "avx512f", "avx512_bf16", "amx_bf16")


def machine():
    """One line of text: processor, its features, memory and versions."""
    processor = _cpuinfo("model name") or platform.processor()
    features = " ".join(feature for feature in _FEATURES if feature in _features())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    packages = ("numpy", "scipy", "pyts", "numba", "tensorflow", "keras", "torch")
    versions = ", ".join(
        f"{name} {importlib.metadata.version(name)}"
        for name in packages
        if importlib.util.find_spec(name)
    )
    return (
        f"{processor} ({features}), {cores()} cores, {memory:.0f} GiB; "
        f"Python {platform.python_version()}, {versions}"
    )


def computes_in_bfloat16():
    """Whether the CPU has instructions for bfloat16."""
    return bool({"avx512_bf16", "amx_bf16"} & _features())


def _features():
    return set(_cpuinfo("flags").split())


def _cpuinfo(key):
    """The first value of a key in /proc/cpuinfo; "" if there is none."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith(key)), "")


class Measured(typing.NamedTuple):
    """What `measure` returns."""

    rate: float  # records/s
    first: float  # seconds of the first pass, with imports and compilation
    peak: float  # MB resident


def measure(backend, ecg, cores, passes):
    """The `Measured` of an image backend in a process of its own, on `cores` cores."""
    return in_a_process(_rate, backend, ecg, cores, passes)


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
    return Measured(statistics.median(rates), first, peak_memory())


def taking_turns(backends, passes):
    """Median records/s of training and of inference, and peak MB, of each backend.

    Each backend has a process of its own; they take turns, one pass each.

    Args:
        backends: functions that return two functions: see `speed.networks`.
        passes: number of passes.
    """
    pools = [_pool() for _ in backends]
    try:
        for pool, backend in zip(pools, backends, strict=True):
            pool.apply(_start, (backend,))
        rates = [[pool.apply(_rates) for pool in pools] for _ in range(passes)]
        peaks = [pool.apply(peak_memory) for pool in pools]
    finally:
        for pool in pools:
            pool.terminate()
    return [
        (*map(statistics.median, zip(*their, strict=True)), peak)
        for their, peak in zip(zip(*rates, strict=True), peaks, strict=True)
    ]


_passes = ()  # of the backend in this process


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


def peak_memory():
    """Peak resident memory of this process, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def in_a_process(function, *args):
    """The result of a function, called in a new process."""
    with _pool() as pool:
        return pool.apply(function, args)


def _pool():
    with kept_from_children():
        return multiprocessing.get_context("spawn").Pool(1, show_own_lines_only)


def cores():
    """Number of CPU cores that this process may use."""
    return len(os.sched_getaffinity(0))


def simulated_ecgs(records=64):
    """Simulated ECGs, (record, time, lead) millivolt."""
    from ecg_tf.data.synthetic import simulate_ecg

    rng = np.random.default_rng(0)
    ecgs = [simulate_ecg((), rng) for _ in range(records)]
    return np.stack(ecgs)[:, :, lead_indices(DEFAULT_LEADS)]
