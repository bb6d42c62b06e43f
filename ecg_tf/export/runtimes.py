"""Loading exports, each with its own runtime: TensorFlow, ai-edge-litert or onnxruntime."""

import json
import threading
from pathlib import Path

import numpy as np

from ecg_tf.errors import InputError, quoted
from ecg_tf.export.description import KEYS, check_classes, check_description
from ecg_tf.export.seal import check_onnx, check_saved_model, open_litert, without_hash
from ecg_tf.extras import import_extra
from ecg_tf.files import check_inside, read_bytes

# {format: the file in the folder of an export}
FILES = {"saved_model": "saved_model.pb", "litert": "model.tflite", "onnx": "model.onnx"}
_MOST = 2**31  # bytes of a file, the most that protobuf and LiteRT's format can hold


def find_export(path):
    """Find the format and the file of an export.

    Args:
        path: folder of the export, or its file, which may have been renamed.

    Returns:
        (one of `FILES`, Path); (None, None) if there is no export.

    Raises:
        InputError: a link that leads out of the folder.
    """
    path = Path(path)
    for form, name in FILES.items():
        if (path / name).is_file():
            check_inside(path, path / name)
            return form, path / name
        if path.is_file() and path.suffix == Path(name).suffix:
            return form, path
    return None, None


def load_export(form, file, one_core=False):
    """Load an export, after a check of its hash and description.

    Args:
        form: its format.
        file: its file, as `find_export` gives both.
        one_core: True to compute each call on one core. Only ONNX takes it for one export.

    Returns:
        predict: function from `ecg_mv` to numpy arrays, see `ECGClassifier.predict`. Several
            threads may call it at once.
        description: the dictionary `ECGClassifier.description`.

    Raises:
        InputError: the runtime is not installed, it is no export that ecg_tf export wrote, or it
            is damaged.
    """
    if form == "onnx":
        return _onnx(file, one_core)
    return {"saved_model": _saved_model, "litert": _litert}[form](file)


def _saved_model(file):
    import tensorflow as tf

    from ecg_tf.export.operations import check_operations

    folder = file.parent
    check_saved_model(folder)
    check_operations(read_bytes(file, _MOST), file)
    try:
        signatures = tf.saved_model.load(str(folder)).signatures
        described = signatures["describe"]() if "describe" in signatures else None
        network = signatures["serving_default"]
        classes = network.structured_outputs["probabilities"].shape[1]
    except Exception as error:  # TensorFlow raises whatever its reading trips over
        raise _unreadable(folder, "a SavedModel", error) from error
    if described is None:
        raise InputError(f"{folder}: a SavedModel, but none that ecg_tf export wrote")
    description = {key: _plain(value.numpy().tolist()) for key, value in described.items()}
    check_description(description, folder)
    check_classes(classes, description, folder)

    def predict(ecg_mv):
        return {key: value.numpy() for key, value in network(ecg_mv=tf.constant(ecg_mv)).items()}

    return predict, description


def _litert(file):
    litert = import_extra("ai_edge_litert.interpreter", "litert")
    content, description = open_litert(read_bytes(file, _MOST), file)
    check_description(description, file)
    try:
        interpreter = litert.Interpreter(model_content=content)
        network = interpreter.get_signature_runner("serving_default")
        classes = network.get_output_details()["probabilities"]["shape"][1]
    except Exception as error:  # LiteRT raises whatever its reading trips over
        raise _unreadable(file, "a LiteRT file", error) from error
    check_classes(classes, description, file)
    # An interpreter has one set of buffers. One for each thread would take as much memory again,
    # and LiteRT computes one prediction with several threads as it is.
    lock = threading.Lock()

    def predict(ecg_mv):  # one by one: the batch is fixed, see `ecg_tf.export.litert`
        with lock:
            parts = [network(ecg_mv=ecg[None]) for ecg in ecg_mv]
        return {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}

    return predict, description


def _onnx(file, one_core):
    onnxruntime = import_extra("onnxruntime", "onnx")
    content = read_bytes(file, _MOST)
    check_onnx(content, file)
    try:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = int(one_core)  # 0: all cores
        session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        properties = without_hash(session.get_modelmeta().custom_metadata_map)
        shapes = {output.name: output.shape for output in session.get_outputs()}
        inputs = [one.name for one in session.get_inputs()]
    except Exception as error:  # onnxruntime raises whatever its reading trips over
        raise _unreadable(file, "an ONNX file", error) from error
    if not set(properties) & set(KEYS) or inputs != ["ecg_mv"] or "probabilities" not in shapes:
        raise InputError(f"{file}: an ONNX file, but none that ecg_tf export wrote")
    description = {key: _json(value, key, file) for key, value in properties.items()}
    check_description(description, file)
    check_classes(shapes["probabilities"][1], description, file)

    def predict(ecg_mv):
        return dict(zip(shapes, session.run(list(shapes), {"ecg_mv": ecg_mv}), strict=True))

    return predict, description


def _json(text, key, file):
    """The value of an entry of an ONNX file."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{file}: its {quoted(key)} is no JSON: {quoted(text)}") from error


def _plain(value):
    """A tensor's value with str in the place of bytes."""
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _unreadable(name, kind, error):
    reason = f"{type(error).__name__}: {quoted(str(error), 80)}"
    return InputError(f"{name}: {kind} that cannot be loaded, or none of ecg_tf export ({reason})")
