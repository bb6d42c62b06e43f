"""Rates of the same networks in PyTorch, on ready inputs that are on the GPU."""

import numpy as np

from on_gpu.timing import said, seconds_of_a_step
from on_gpu.workers import wait_to_measure

NETWORKS = ("alexnet", "resnet", "resnet1d", "band_resnet", "gru", "bigru")
TOY = {"nb_filters": 1, "units": (16, 8)}  # of an AlexNet


def pytorch_rows(name, batch, clock, toy):
    """Rows of a network, in float32 and 16 bits, as it is and compiled."""
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
    if toy:
        modes = {"float32": modes["float32"]}
    elif name in ("gru", "bigru"):  # torch.compile leaves it as it is
        del modes["float16, compiled"]
    rng = np.random.default_rng(0)
    shape = (batch, 9, 256, 256) if find(name).input_kind == "image" else (batch, 1000, 3)
    x = torch.from_numpy(rng.random(shape, dtype="float32")).to(device)
    labels = torch.from_numpy(np.float32(rng.random((batch, 4)) < 0.25)).to(device)
    weight = torch.tensor(ORIGINAL_POS_WEIGHT, device=device)
    works = []
    for mode, how in modes.items():
        both = steps(NETWORKS[name](**TOY if toy else {}), x, labels, weight, how)
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

        rate = batch / seconds_of_a_step(run, toy)
        row = {"network": f"PyTorch {name}", "policy": mode, "input": "ready", "work": work}
        rows.append(said({**row, "batch": batch, "rate": rate}))
    return rows
