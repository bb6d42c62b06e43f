"""docs/serving.md, its examples run as they stand there."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from ecg_tf.export.check import example_ecgs
from ecg_tf.predict.predictor import Predictor

DOCUMENT = Path(__file__).resolve().parents[2] / "docs/serving.md"
# In a process that has no ecg_tf, with the example's text as its first argument.
_RUN = """
import sys
sys.modules["ecg_tf"] = sys.modules["keras"] = None
exec(sys.argv[1])
np.savez("answer.npz", class_names=np.array(class_names).astype(str), probabilities=probabilities)
"""
_NEEDS = {"litert": "ai_edge_litert", "onnx": "tf2onnx"}
_FOLDERS = {"saved_model": "alexnet", "litert": "alexnet_litert", "onnx": "alexnet_onnx"}


def example(name):
    """The code of docs/serving.md that begins with ```python name."""
    (code,) = re.findall(rf"```python {name}\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
    return code


def test_the_rest_body_is_what_the_signature_takes(export, run):
    ecg = example_ecgs(["I"])
    names = {"ecg_mv": ecg}
    exec(example("rest"), names)
    body = json.loads(names["body"])

    # What TensorFlow Serving does with it: one tensor for each name, of the signature's type.
    signature = tf.saved_model.load(str(export)).signatures[body["signature_name"]]
    _, inputs = signature.structured_input_signature
    tensors = {
        name: tf.constant([one[name] for one in body["instances"]], spec.dtype)
        for name, spec in inputs.items()
    }
    assert all(one.keys() == inputs.keys() for one in body["instances"])
    assert all(spec.is_compatible_with(tensors[name]) for name, spec in inputs.items())
    answer = signature(**tensors)
    expected = Predictor(run.path)(ecg)
    assert answer.keys() == {"probabilities", "decisions", "valid"}
    np.testing.assert_allclose(answer["probabilities"], expected["probabilities"], atol=1e-5)
    np.testing.assert_array_equal(answer["valid"], expected["valid"])


def test_the_grpc_tensor_is_what_the_signature_takes(export):
    ecg = example_ecgs(["I"])
    assert 'inputs["ecg_mv"].CopyFrom(tf.make_tensor_proto(ecg_mv, tf.float32))' in (
        DOCUMENT.read_text("utf-8")
    )
    signature = tf.saved_model.load(str(export)).signatures["serving_default"]
    sent = tf.constant(tf.make_ndarray(tf.make_tensor_proto(ecg, tf.float32)))
    assert signature.structured_input_signature[1]["ecg_mv"].is_compatible_with(sent)


@pytest.mark.parametrize("form", ["saved_model", "litert", "onnx"])
def test_the_python_example_gives_the_runs_probabilities(run, export, exported, form, tmp_path):
    (tmp_path / "exports").mkdir()
    folder = tmp_path / "exports" / _FOLDERS[form]
    if form == "saved_model":
        folder.symlink_to(export)
    else:
        pytest.importorskip(_NEEDS[form], reason=f"needs {form}: pip install -e '.[{form}]'")
        folder.symlink_to(exported(form))
    ecg = example_ecgs(["I"])
    np.save(tmp_path / "ecg_mv.npy", ecg)
    command = [sys.executable, "-c", _RUN, example(form)]
    subprocess.run(command, check=True, cwd=tmp_path)
    answer = np.load(tmp_path / "answer.npz")
    expected = Predictor(run.path)(ecg)["probabilities"]
    np.testing.assert_allclose(answer["probabilities"], expected, atol=1e-4)
    assert answer["class_names"].tolist() == ["MI", "STTC", "CD", "HYP"]
