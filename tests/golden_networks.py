"""The networks of tests/golden: their weights, what they look at and what PyTorch answered.

Names are those of tests/golden/shapes.json.
"""

import contextlib
import functools
from pathlib import Path
from unittest import mock

import keras
import numpy as np
from golden.reference_weights import SHAPES, state_dict

from ecg_tf.convert.pytorch import from_pytorch

FOLDER = Path(__file__).parent / "golden"

MODELS = {
    "alexnet8": "alexnet",
    "alexnetatt8": "alexnet_attention",
    "resnet50": "resnet",
    "gru3": "gru",
    "bigru": "bigru",
    "bigruatt": "gru_attention",
    "rnn2": "rnn",
    "lstm2": "lstm",
    "bilstm2": "bilstm",
    "cnngru": "cnn_gru",
    "cnnlstm": "cnn_lstm",
    "vgg16": "vgg",
    "smallcnn16": "cnn",
    "late512": "late_fusion",
    "early256": "early_fusion",
    "joint256": "joint_fusion",
}
LARGE = ("vgg16", "smallcnn16")  # 1 and 2 GB: tests/models/test_large_golden.py
# PyTorch itself does not reproduce its golden logits: see tests/models/test_recurrent.py.
CHAOTIC = ("rnn2",)
FUSIONS = ("late512", "early256", "joint256")

shapes = SHAPES
state = functools.cache(state_dict)
outputs = np.load(FOLDER / "outputs.npz")


def network(name):
    """The Keras network with its golden weights."""
    backbones = {"signal": "bigru", "image": "alexnet8"} if name == "late512" else {}
    backbones = {branch: network(backbone) for branch, backbone in backbones.items()}
    with without_random_weights():
        return from_pytorch(MODELS[name], state(name), **backbones)


@contextlib.contextmanager
def without_random_weights():
    """Networks begin with NaN, which golden weights replace: random numbers take their time."""
    with contextlib.ExitStack() as stack:
        for kind in ("VarianceScaling", "Orthogonal"):
            initializer = getattr(keras.initializers, kind)
            stack.enter_context(mock.patch.object(initializer, "__call__", _nan))
        yield


def _nan(self, shape, dtype=None):
    return keras.ops.convert_to_tensor(np.full(shape, np.nan, "float32"), dtype)


@functools.cache
def inputs():
    """{"ecg", "signal", "image", "labels"} of the eight records, channels last."""
    arrays = np.load(FOLDER / "inputs.npz")
    return {
        "ecg": arrays["signal_uv"][:, :, [0, 1, 7]].astype(np.float32) / 1000,
        "signal": arrays["zscored"],
        "image": arrays["images"].transpose(0, 2, 3, 1).astype(np.float32) / 255,
        "labels": arrays["labels"].astype(np.float32),
    }


def logits(found):
    """What a network answers to the golden signals and images, which a fusion does not make."""
    return past_the_preprocessor(found).predict(fed(found), verbose=0)


def past_the_preprocessor(found):
    """The network itself; of a fusion what comes after its signals and images."""
    if found.input.name != "ecg":
        return found
    preprocessors = [found.get_layer(branch).output for branch in ("signal", "image")]
    return keras.Model(preprocessors, found.output)


def fed(found):
    """The golden inputs of a network `past_the_preprocessor`."""
    if found.input.name == "ecg":
        return [inputs()["signal"], inputs()["image"]]
    return inputs()[found.input.name]


def assert_golden(found_logits, name, rtol=1e-3, atol=1e-4):
    """The project's bar."""
    expected = outputs[f"{name}.logits"]
    assert found_logits.dtype == np.float32
    np.testing.assert_allclose(found_logits, expected, rtol=0, atol=atol)
    np.testing.assert_allclose(found_logits, expected, rtol=rtol, atol=0)
