"""Images, logits and decisions on a GPU, beside the study's and beside float32."""

import numpy as np

from on_gpu.workers import in_processes

POLICIES = ("float32", "mixed_float16", "mixed_bfloat16")
SHIPPED = ("gru", "resnet1d", "band_resnet")


def right(data, deadline, toy):
    """Compare with the arrays of tests/golden, and precisions with each other.

    Args:
        data: packed records.
        deadline: `time.monotonic()` when to stop.
        toy: True for a single network.

    Yields:
        (name, {figure: number}).
    """
    import golden_networks

    networks = ("gru3",) if toy else tuple(golden_networks.MODELS)
    shipped = () if toy else SHIPPED
    policies = POLICIES[:1] if toy else POLICIES
    tasks = {"images": (_images,)}
    tasks |= {f"logits of {name}": (_logits, name, policies) for name in networks}
    tasks |= {f"shipped {name}": (_shipped, name, data) for name in shipped}
    yield from in_processes(tasks, deadline)


def _images():
    """Shares of the pixels of the study's images that are the same, or further off than a level."""
    import golden_networks

    from ecg_tf.layers import ECGImage
    from ecg_tf.runs.precision import disable_tf32

    disable_tf32()
    given = golden_networks.inputs()
    difference = np.abs(np.asarray(ECGImage()(given["ecg"])) - given["image"]) * 255
    return {
        "pixels": difference.size,
        "identical": float((difference < 0.5).mean()),
        "off by more than one level": float((difference > 1.5).mean()),
    }


def _logits(name, policies):
    """The largest difference of a golden logit in float32; decisions alike in mixed precision."""
    import golden_networks
    import keras

    from ecg_tf.runs.precision import disable_tf32

    disable_tf32()
    expected = golden_networks.outputs[f"{name}.logits"]
    found = {}
    for policy in policies:
        keras.config.set_dtype_policy(policy)
        logits = golden_networks.logits(golden_networks.network(name))
        found[f"{policy}, largest difference"] = float(np.abs(logits - expected).max())
        found[f"{policy}, decisions alike"] = float(((logits >= 0) == (expected >= 0)).mean())
    return found


def _shipped(name, data):
    """Macro AUROC of a shipped network on dev in each precision, and decisions as in float32."""
    from ecg_tf.evaluation.metrics import auroc
    from ecg_tf.runs.evaluate import evaluate

    found = {}
    for precision in ("none", "float16", "bfloat16"):
        evaluation = evaluate(
            f"pretrained:{name}", data, "dev", allow_seen=True, mixed_precision=precision
        )
        scores = auroc(evaluation.labels, evaluation.probabilities)
        found[f"{precision}, AUROC"] = float(np.nanmean(scores))
        decisions = evaluation.probabilities >= evaluation.thresholds
        if precision == "none":
            in_float32 = decisions
        alike = decisions == in_float32
        found[f"{precision}, decisions as in float32"] = float(alike.mean())
    return found
