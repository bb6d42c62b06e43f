"""ONNX export: a file that takes raw ECGs."""

import contextlib
import json
import os

import numpy as np
import tensorflow as tf

from ecg_tf.errors import InputError
from ecg_tf.export.any_batch import any_batch
from ecg_tf.export.onnx_gru import HANDLERS, traced_gru
from ecg_tf.export.runtimes import FILES
from ecg_tf.export.seal import sealed_onnx
from ecg_tf.extras import import_extra
from ecg_tf.layers.portable import portable
from ecg_tf.leads import LEADS

OPSET = 18


def _where(graph, operation, *_):
    """Replace TensorFlow's SelectV2 by ONNX's Where; called by tf2onnx.

    By default tf2onnx multiplies the values that are not selected by 0, and 0 times NaN is NaN.
    """
    (output,) = operation.output
    shape, dtype = graph.get_shape(output), graph.get_dtype(output)
    graph.remove_node(operation.name)
    graph.make_node(
        "Where",
        operation.input,
        name=operation.name,
        outputs=[output],
        shapes=[shape],
        dtypes=[dtype],
        skip_conversion=True,
    )


def _erfc(graph, operation, *_):
    """Replace TensorFlow's Erfc, of GELU, by 1 - Erf; called by tf2onnx."""
    (output,) = operation.output
    shape, dtype = graph.get_shape(output), graph.get_dtype(output)
    graph.remove_node(operation.name)
    erf = graph.make_node("Erf", operation.input, shapes=[shape], dtypes=[dtype])
    one = graph.make_const(f"{operation.name}_one", np.float32(1))
    graph.make_node(
        "Sub",
        [one.output[0], erf.output[0]],
        name=operation.name,
        outputs=[output],
        shapes=[shape],
        dtypes=[dtype],
    )


_HANDLERS = {**HANDLERS, "SelectV2": (_where, []), "Erfc": (_erfc, [])}


@contextlib.contextmanager
def _optimized_in_place():
    """Keep tf2onnx from a copy of the graph, weights included, before each of some 40 passes.

    The copies would let it go on without a pass that fails.
    """
    name = "TF2ONNX_CATCH_ERRORS"
    before = os.environ.get(name)
    os.environ[name] = "FALSE"
    try:
        yield
    finally:
        del os.environ[name]
        if before is not None:
            os.environ[name] = before


def write_onnx(classifier, folder):
    """Write model.onnx; loading and running it takes only onnxruntime.

    The network takes `ecg_mv` (batch, time, 12). The file's metadata_props hold the entries of
    `ECGClassifier.description`, each as JSON, and after them the hash: see `ecg_tf.export.seal`.

    Args:
        classifier: the `ECGClassifier` of a run.
        folder: to make and write to; its parent exists.

    Raises:
        InputError: tf2onnx or onnxruntime is not installed, or ONNX lacks what the network needs.
    """
    import_extra("onnxruntime", "onnx")
    converter = import_extra("tf2onnx.convert", "onnx")
    shape = (None, classifier.input_spec.samples, len(LEADS))
    spec = tf.TensorSpec(shape, tf.float32, "ecg_mv")
    with portable(traced_gru), _optimized_in_place():
        predict = any_batch(classifier.predict)
        function = tf.function(predict, input_signature=[spec], autograph=False)
        try:
            model, _ = converter.from_function(
                function, [spec], opset=OPSET, custom_op_handlers=_HANDLERS
            )
        except Exception as error:  # the converter raises what its many parts trip over
            reason = str(error).strip().splitlines()[0]
            raise InputError(
                f"ONNX cannot hold this {classifier.network.name}: {reason}"
            ) from error
    for tensor in (*model.graph.input, *model.graph.output):
        tensor.type.tensor_type.shape.dim[0].dim_param = "batch"
    for key, value in classifier.description.items():
        model.metadata_props.add(key=key, value=json.dumps(value))
    folder.mkdir()
    (folder / FILES["onnx"]).write_bytes(sealed_onnx(model.SerializeToString()))
