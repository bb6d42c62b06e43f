"""A run as a LiteRT file (TensorFlow Lite) that takes the raw ECG."""

import tempfile

import keras
import tensorflow as tf

from ecg_tf.errors import InputError
from ecg_tf.export.extras import import_extra
from ecg_tf.export.gru_loop import gru_loop
from ecg_tf.export.runtimes import FILES
from ecg_tf.export.seal import sealed_litert
from ecg_tf.layers.gru import portable
from ecg_tf.leads import LEADS, SAMPLES


def write_litert(answers, folder):
    """Write model.tflite; to be loaded and asked it needs ai-edge-litert alone.

    Its signature `serving_default` takes `ecg_mv` (1, 1000, 12), one ECG: LiteRT has no loops over
    a batch whose size it does not know. `Answers.description` is in description.json in a zip
    archive at the end of the file, where LiteRT's metadata has labels: the runtime passes over it.
    It holds the hash of the file, too: see `ecg_tf.export.seal`.

    Args:
        answers: the `ECGClassifier` of a run.
        folder: to make and write to; its parent exists.

    Raises:
        InputError: ai-edge-litert is not installed, or LiteRT lacks what the network needs.
    """
    import_extra("ai_edge_litert.interpreter", "litert")
    content = _convert(answers)
    folder.mkdir()
    (folder / FILES["litert"]).write_bytes(sealed_litert(content, answers.description))


def _convert(answers):
    weights = [(variable, variable.numpy()) for variable in answers.network.variables]

    def from_ecg(ecg_mv):
        # LiteRT's loops read no variables.
        constants = [(variable, tf.constant(array)) for variable, array in weights]
        with keras.StatelessScope(state_mapping=constants):
            return answers.from_ecg(ecg_mv)

    spec = tf.TensorSpec((1, SAMPLES, len(LEADS)), tf.float32, "ecg_mv")
    with portable(gru_loop):
        function = tf.function(from_ecg, autograph=False).get_concrete_function(spec)
    with tempfile.TemporaryDirectory() as scratch:
        tf.saved_model.save(tf.Module(), scratch, signatures={"serving_default": function})
        converter = tf.lite.TFLiteConverter.from_saved_model(scratch)
        try:
            return converter.convert()
        except Exception as error:  # the converter raises what its many parts trip over
            reason = str(error).strip().splitlines()[0]
            raise InputError(f"LiteRT cannot hold this {answers.network.name}: {reason}") from error
