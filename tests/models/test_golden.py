"""Every network under the weights of tests/golden."""

from pathlib import Path

import golden_networks as golden
import keras
import numpy as np
import pytest
from eager import run_eagerly

from ecg_tf.training.loss import ORIGINAL_POS_WEIGHT, WeightedCrossEntropy
from ecg_tf.training.optimizers import optimizer

TESTS = Path(__file__).resolve().parents[1]

# Tensors of a fusion's checkpoint that its logits do not depend on, and our fusion leaves out.
UNUSED = {
    "early256": ("sig_model.fc.", "img_model.linear_"),
    "late512": (),
    "joint256": (),
}

# Of a fusion's backbones, what its checkpoint does not hold.
BACKBONES = {"late512": ("bigru", "alexnet8")}


def size(name, leave_out=()):
    """Number of parameters of a checkpoint, without batch statistics."""
    return sum(
        int(np.prod(shape))
        for tensor, shape in golden.shapes[name].items()
        if "running_" not in tensor
        and "num_batches" not in tensor
        and not tensor.startswith(tuple(leave_out))
    )


@pytest.mark.parametrize(
    "name", [name for name in golden.MODELS if name not in golden.LARGE + golden.CHAOTIC]
)
def test_predicts_as_the_study_also_saved_loaded_and_cloned(name, tmp_path, monkeypatch):
    if "lstm" not in name:  # whose 1000 steps take longer without a graph
        run_eagerly(monkeypatch)
    network = golden.network(name)
    network.save(tmp_path / "model.keras")
    with golden.without_random_weights():
        loaded = keras.saving.load_model(tmp_path / "model.keras")
        cloned = keras.models.clone_model(loaded)
    cloned.set_weights(loaded.get_weights())
    golden.assert_golden(golden.logits(cloned), name, atol=1e-5)

    statistics = sum(w.numpy().size for w in cloned.weights if "moving_" in w.path)
    expected = size(name, UNUSED.get(name, ())) + sum(map(size, BACKBONES.get(name, ())))
    assert cloned.count_params() - statistics == expected


@pytest.mark.parametrize(
    ("name", "policy"),
    [
        *((name, "mixed_bfloat16") for name in ("resnet50", "gru3", "cnnlstm", "joint256")),
        *((name, "mixed_float16") for name in ("alexnetatt8", "bigruatt")),
    ],
)
def test_decides_alike_in_mixed_precision(name, policy):
    keras.config.set_dtype_policy(policy)
    try:
        network = golden.network(name)
    finally:
        keras.config.set_dtype_policy("float32")
    logits = golden.logits(network)
    assert logits.dtype == np.float32
    assert np.isfinite(logits).all()
    expected = golden.outputs[f"{name}.logits"]
    assert ((logits >= 0) == (expected >= 0)).mean() >= 0.95
    assert np.abs(logits - expected).max() > 1e-5  # it was not float32


@pytest.mark.parametrize(
    ("name", "steps"),
    [
        (name, steps)
        for name in ("alexnet8", "gru3", "bigru")
        for steps in ("sgd_l2", "adam")
        if f"{name}.{steps}.losses" in golden.outputs
    ],
)
def test_learns_as_in_pytorch(name, steps):
    network = golden.network(name)
    for layer in network.layers:
        if isinstance(layer, keras.layers.Dropout):
            layer.rate = 0.0
    losses = three_steps(network, steps)
    tolerance = 1e-3 if steps == "adam" else 1e-4
    expected = golden.outputs[f"{name}.{steps}.losses"]
    np.testing.assert_allclose(losses[:2], expected[:2], rtol=tolerance)
    # Of 24 runs of AlexNet 23 are within 4e-7 of the third, too; in one, rounding took the other
    # side of a tie, which makes 2.5e-4.
    np.testing.assert_allclose(losses[2], expected[2], rtol=max(tolerance, 5e-4))
    after = golden.outputs[f"{name}.{steps}.logits_after"]
    np.testing.assert_allclose(golden.logits(network), after, atol=1e-3)


def three_steps(network, steps):
    """Losses before each of three steps on the eight golden records."""
    chosen = {
        "sgd_l2": optimizer("sgd", 0.01, l2_decay=0.01),
        "adam": optimizer("adam", 0.001),
    }
    network.compile(chosen[steps], WeightedCrossEntropy(ORIGINAL_POS_WEIGHT))
    data = golden.inputs()[network.input.name], golden.inputs()["labels"]
    return network.fit(*data, batch_size=8, epochs=3, verbose=0).history["loss"]
