"""Layers and networks under the other Keras backends, a process for each backend."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import golden_networks as golden
import keras
import numpy as np
import pytest
import reference
from other_backend import environment
from state_space_steps import by_steps

from ecg_tf.layers import ECGImage, ECGSignal, StateSpace

ROOT = Path(__file__).resolve().parents[2]
NETWORKS = {
    "jax": ("alexnetatt8", "bigruatt", "cnnlstm"),
    "torch": ("alexnetatt8", "resnet50"),  # a GRU takes PyTorch under Keras half a minute
}

CODE = """
import sys
from ecg_tf.commands.quick_imports import make_imports_quick
make_imports_quick()
import golden_networks as golden
import keras
import numpy as np
from ecg_tf.layers import *

ecg, scaled = (np.load(sys.argv[1])[name] for name in ("ecg", "scaled"))
layers = {"gaf": GramianAngularField(), "mtf": MarkovTransitionField(), "rp": RecurrencePlot()}
outputs = {name: layer(scaled) for name, layer in layers.items()}
outputs |= {"bandpass": Bandpass()(ecg), "signal": ECGSignal()(ecg), "image": ECGImage()(ecg)}
as_on_a_gpu = ECGImage()
as_on_a_gpu.build(ecg.shape)
as_on_a_gpu._by_loops = True
outputs["image as on a GPU"] = as_on_a_gpu(ecg)
state_space = StateSpace()
outputs["state space"] = state_space(ecg)
outputs |= {weight.name: weight for weight in state_space.weights}
model = keras.Sequential([keras.Input(ecg.shape[1:]), ECGImage(("rp", "mtf"), 64)])
outputs["predicted"] = model.predict(ecg, batch_size=3, verbose=0)
outputs |= {name: golden.logits(golden.network(name)) for name in sys.argv[3:]}
outputs = {name: keras.ops.convert_to_numpy(output) for name, output in outputs.items()}
np.savez(sys.argv[2], backend=keras.backend.backend(), **outputs)
"""


@pytest.fixture(scope="module", params=["jax", pytest.param("torch", marks=pytest.mark.torch)])
def outputs(request, ecg, scaled, tmp_path_factory):
    """Outputs of layers and networks under another backend, by name."""
    backend = request.param
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    folder = tmp_path_factory.mktemp(backend)
    np.savez(folder / "inputs.npz", ecg=ecg, scaled=scaled)
    subprocess.run(
        [
            *(sys.executable, "-c", CODE),
            *(folder / "inputs.npz", folder / "outputs.npz", *NETWORKS[backend]),
        ],
        cwd=ROOT,
        env=environment(backend, ROOT, ROOT / "tests"),
        check=True,
    )
    outputs = dict(np.load(folder / "outputs.npz"))
    assert outputs["backend"] == backend
    return outputs


def test_bandpass_is_the_reference(outputs, ecg):
    expected = reference.bandpassed(ecg)
    assert np.abs(outputs["bandpass"] - expected).max() < 1e-5 * np.ptp(expected)


def test_signal_is_golden(outputs, golden):
    np.testing.assert_allclose(outputs["signal"], golden("inputs")["zscored"], atol=1e-5)


@pytest.mark.parametrize("name", reference.CHANNELS)
def test_field_is_the_reference(outputs, scaled, name):
    np.testing.assert_allclose(outputs[name], reference.field(name, scaled, 256), atol=1e-5)


@pytest.mark.parametrize("name", ["image", "image as on a GPU"])
def test_image_is_the_reference(outputs, reference_levels, name):
    difference = np.abs(np.rint(outputs[name] * 255) - reference_levels)
    assert (difference == 0).mean() >= 0.99
    assert (difference > 1).mean() <= 1e-4


def test_image_and_signal_are_those_of_tensorflow(outputs, ecg):
    image = keras.ops.convert_to_numpy(ECGImage()(ecg))
    assert (np.abs(outputs["image"] - image) < 1e-6).mean() >= 0.99
    signal = keras.ops.convert_to_numpy(ECGSignal()(ecg))
    np.testing.assert_allclose(outputs["signal"], signal, atol=1e-5)


def test_state_space_is_its_recurrence(outputs, ecg):
    layer = StateSpace()
    layer.build(ecg.shape)
    layer.set_weights([outputs[weight.name] for weight in layer.weights])
    expected = by_steps(layer, ecg)
    error = np.abs(outputs["state space"] - expected).max()
    assert error < 1e-5 * np.abs(expected).max()


def test_a_model_of_them_predicts(outputs, reference_levels, ecg):
    expected = reference.ecg_image(ecg, ("rp", "mtf"), 64)
    assert (np.rint(outputs["predicted"] * 255) == expected).mean() >= 0.99


def test_networks_predict_the_golden_logits(outputs):
    for name in NETWORKS[str(outputs["backend"])]:
        golden.assert_golden(outputs[name], name)
