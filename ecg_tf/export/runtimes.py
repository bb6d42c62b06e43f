"""Exports, each loaded with its own runtime alone: TensorFlow, ai-edge-litert or onnxruntime."""

import json
import zipfile
from pathlib import Path

import numpy as np

from ecg_tf.errors import InputError
from ecg_tf.export.extras import import_extra

# {format: the file in the folder of an export}
FILES = {"saved_model": "saved_model.pb", "litert": "model.tflite", "onnx": "model.onnx"}
DESCRIPTION = "description.json"  # in the zip archive at the end of a LiteRT file


def find_export(path):
    """The format and the file of an export.

    Args:
        path: its folder, or its file, whatever the name before the ending.

    Returns:
        (one of `FILES`, Path); (None, None) if there is no export.
    """
    path = Path(path)
    for form, name in FILES.items():
        if (path / name).is_file():
            return form, path / name
        if path.is_file() and path.suffix == Path(name).suffix:
            return form, path
    return None, None


def load_export(form, file):
    """An export, ready to be asked.

    Args:
        form: its format.
        file: its file, as `find_export` gives both.

    Returns:
        from_ecg: function from `ecg_mv` to numpy arrays, see `Answers.from_ecg`.
        description: the dictionary that is `Answers.description`.

    Raises:
        InputError: the runtime is not installed, or it is no export that bin/export.py wrote.
    """
    return {"saved_model": _saved_model, "litert": _litert, "onnx": _onnx}[form](file)


def _saved_model(file):
    import tensorflow as tf

    signatures = tf.saved_model.load(str(file.parent)).signatures
    if "describe" not in signatures:
        raise InputError(f"{file.parent}: a SavedModel, but none that bin/export.py wrote")
    description = {key: value.numpy() for key, value in signatures["describe"]().items()}
    for key in ("class_names", "leads"):
        description[key] = [name.decode() for name in description[key]]

    def from_ecg(ecg_mv):
        answer = signatures["serving_default"](ecg_mv=tf.constant(ecg_mv))
        return {key: value.numpy() for key, value in answer.items()}

    return from_ecg, description


def _litert(file):
    litert = import_extra("ai_edge_litert.interpreter", "litert")
    try:
        with zipfile.ZipFile(file) as archive:
            description = json.loads(archive.read(DESCRIPTION))
    except (zipfile.BadZipFile, KeyError) as error:
        raise InputError(f"{file}: a LiteRT file, but none that bin/export.py wrote") from error
    ask = litert.Interpreter(str(file)).get_signature_runner("serving_default")

    def from_ecg(ecg_mv):  # one by one: the batch is fixed, see `ecg_tf.export.litert`
        answers = [ask(ecg_mv=ecg[None]) for ecg in ecg_mv]
        return {key: np.concatenate([one[key] for one in answers]) for key in answers[0]}

    return from_ecg, description


def _onnx(file):
    onnxruntime = import_extra("onnxruntime", "onnx")
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    properties = session.get_modelmeta().custom_metadata_map
    if "class_names" not in properties:
        raise InputError(f"{file}: an ONNX file, but none that bin/export.py wrote")
    names = [output.name for output in session.get_outputs()]

    def from_ecg(ecg_mv):
        return dict(zip(names, session.run(names, {"ecg_mv": ecg_mv}), strict=True))

    return from_ecg, {key: json.loads(value) for key, value in properties.items()}
