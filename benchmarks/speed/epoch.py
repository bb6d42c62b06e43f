"""Duration of one training epoch of AlexNet, beside PyTorch."""

import importlib.util
import math
import tempfile
import time

from ecg_tf.commands import app
from speed import networks
from speed.measuring import in_a_process, peak_memory

BATCH_SIZE = networks.BATCH_SIZES["image"]


def epoch(data):
    """Print the duration of an epoch, in seconds.

    ecg_tf computes images during training; PyTorch is timed on one batch of ready images, and its
    epoch is extrapolated from 100 steps.

    Args:
        data: a folder of prepared records.
    """
    seconds, records, peak = in_a_process(keras_epoch, data)
    print(f"AlexNet (f=16, batches of {BATCH_SIZE}), an epoch of {records:,} records")
    print(f"ecg_tf, raw ECGs: {seconds:.0f} s, {peak:.0f} MB at most", flush=True)
    if importlib.util.find_spec("torch") is not None:
        steps = math.ceil(records / BATCH_SIZE)
        theirs = in_a_process(pytorch_epoch, steps)
        print(f"PyTorch, ready images: {theirs:.0f} s; ratio {theirs / seconds:.2f}")


def keras_epoch(data):
    """Seconds of a first epoch with compilation and validation, number of records, peak MB."""
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
                batch_size=BATCH_SIZE,
                image_backend="keras",
            )
        )
        return run.history()["seconds"][0], run.metadata.records["train"], peak_memory()


def pytorch_epoch(steps, timed=100):
    """Seconds of `steps` training steps, extrapolated from `timed` steps."""
    train, _ = networks.pytorch_network("alexnet", "image", {}, steps=timed)
    start = time.perf_counter()
    train()
    return (time.perf_counter() - start) * steps / timed
