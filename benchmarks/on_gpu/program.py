"""The steps of benchmarks/gpu.py, one after the other."""

import json
import os
import time

from ecg_tf.errors import InputError
from ecg_tf.files import write_atomically
from on_gpu import fast, right, trainings

_SHARES = {"right": 0.3, "fast": 0.5}  # of the time that is left, if steps follow
_COLLECT = 50  # seconds, at most a third, in which what came of trainings is collected


def run(steps, data, out, seconds, networks, batch_sizes, runs, at_once, toy):
    """Run the steps and write their results.

    Writes to `out`: right.json and fast.json with the rows of these steps, RUN.log of each training
    and RUN.json and RUN.npz (dev probabilities and labels) of what came of it.

    Args:
        steps: names of the steps.
        data: packed records.
        out: folder of the results.
        seconds: time for all steps; each stops in time for those that follow.
        networks: names of the networks that are measured.
        batch_sizes: numbers of records in their batches.
        runs: names of the runs of the steps mixed and grid, in order; None for all.
        at_once: number of runs that are trained at the same time.
        toy: True to shorten each step.
    """
    end = time.monotonic() + seconds
    out.mkdir(parents=True, exist_ok=True)
    # Processes that compile the same convolution choose its kernel once.
    os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str((out / "compiled").resolve()))
    describe(out)
    for name, share in _SHARES.items():
        share = 1 if name == steps[-1] else share
        deadline = time.monotonic() + share * (end - time.monotonic())
        if name in steps:
            rows = (
                right.right(data, deadline, toy)
                if name == "right"
                else fast.fast(data, deadline, networks, batch_sizes, toy)
            )
            _write_rows(out / f"{name}.json", rows)
    if {"mixed", "grid"} & set(steps):
        chosen = trainings.mixed_runs(data, out / "runs") if "mixed" in steps else {}
        chosen |= trainings.grid_runs(data, out / "runs") if "grid" in steps else {}
        if unknown := [name for name in runs or () if name not in chosen]:
            raise InputError(f"runs {unknown[0]!r}: expected some of {', '.join(chosen)}")
        chosen = {name: chosen[name] for name in runs or chosen}
        chosen = trainings.shortened(chosen) if toy else chosen
        left = end - time.monotonic()
        deadline = end - min(_COLLECT, left / 3)
        trainings.train_all(chosen, out, deadline, end, at_once)


def describe(out):
    """Print and write what this runs on: device.json."""
    import jax
    import keras

    found = {
        "device": str(jax.devices()[0].device_kind),
        "jax": jax.__version__,
        "keras": keras.__version__,
    }
    print(json.dumps(found), flush=True)
    write_atomically(out / "device.json", json.dumps(found))


def _write_rows(path, results):
    """Print and write rows as they come."""
    found = {}
    for name, result in results:
        found[name] = result
        write_atomically(path, json.dumps(found, indent=1))
        print(f"{name}: {json.dumps(_short(result))}", flush=True)


def _short(result):
    if isinstance(result, str):
        return result[-800:]
    if isinstance(result, list):
        return [
            " ".join(f"{value:.5g}" if isinstance(value, float) else str(value) for value in row)
            for row in (row.values() for row in result)
        ]
    return result
