"""LiteRT (TensorFlow Lite) export: a file that takes raw ECGs."""

import tempfile

import keras
import tensorflow as tf

from ecg_tf.errors import InputError
from ecg_tf.export.gru_loop import gru_loop
from ecg_tf.export.runtimes import FILES
from ecg_tf.export.seal import sealed_litert
from ecg_tf.extras import import_extra
from ecg_tf.layers.portable import portable
from ecg_tf.leads import LEADS


def write_litert(classifier, folder):
    """Write model.tflite; loading and running it takes only ai-edge-litert.

    Its signature `serving_default` takes `ecg_mv` (1, time, 12), one ECG: LiteRT has no loops over
    a batch of unknown size. A zip archive at the end of the file, which the runtime ignores, has
    description.json with `ECGClassifier.description` and the hash of the file: see
    `ecg_tf.export.seal`.

    Args:
        classifier: the `ECGClassifier` of a run.
        folder: to make and write to; its parent exists.

    Raises:
        InputError: ai-edge-litert is not installed, or LiteRT lacks what the network needs.
    """
    import_extra("ai_edge_litert.interpreter", "litert")
    content = _convert(classifier)
    folder.mkdir()
    (folder / FILES["litert"]).write_bytes(sealed_litert(content, classifier.description))


def _convert(classifier):
    weights = [(variable, variable.numpy()) for variable in classifier.network.variables]

    def predict(ecg_mv):
        # LiteRT's loops read no variables.
        constants = [(variable, tf.constant(array)) for variable, array in weights]
        with keras.StatelessScope(state_mapping=constants):
            return classifier.predict(ecg_mv)

    shape = (1, classifier.input_spec.samples, len(LEADS))
    spec = tf.TensorSpec(shape, tf.float32, "ecg_mv")
    with portable(gru_loop):
        function = tf.function(predict, autograph=False).get_concrete_function(spec)
    with tempfile.TemporaryDirectory() as scratch:
        tf.saved_model.save(tf.Module(), scratch, signatures={"serving_default": function})
        converter = tf.lite.TFLiteConverter.from_saved_model(scratch)
        # Python takes the whole file apart and puts it together again to add them.
        converter.exclude_conversion_metadata = True
        try:
            return converter.convert()
        except Exception as error:  # the converter raises what its many parts trip over
            reason = str(error).strip().splitlines()[0]
            raise InputError(
                f"LiteRT cannot hold this {classifier.network.name}: {reason}"
            ) from error
