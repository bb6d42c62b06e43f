"""SavedModel export: a folder that takes raw ECGs."""

import tensorflow as tf

from ecg_tf.export.any_batch import any_batch
from ecg_tf.export.gru_loop import gru_loop
from ecg_tf.export.seal import seal_saved_model
from ecg_tf.layers.portable import portable
from ecg_tf.leads import LEADS


def write_saved_model(classifier, folder):
    """Write a SavedModel; loading and running it takes only TensorFlow.

    Its signatures:
        serving_default: `ecg_mv` to `probabilities`, `decisions` and `valid`, and
        images or signals: for a network that takes them, `images` or `signals` to `probabilities`
            and `decisions`;
        describe: nothing to the entries of `ECGClassifier.description`.
    Inputs and outputs are those of `ECGClassifier`; for a batch of 0 the outputs are empty. The
    folder has a manifest with the hash of each file: see `ecg_tf.export.seal`.

    Args:
        classifier: the `ECGClassifier` of a run.
        folder: to write; its parent exists.
    """

    def describe():
        return {key: tf.constant(value) for key, value in classifier.description.items()}

    ecg_mv = (None, classifier.input_spec.samples, len(LEADS))
    endpoints = [
        ("serving_default", any_batch(classifier.predict), {"ecg_mv": ecg_mv}),
        ("describe", describe, {}),
    ]
    if classifier.input_spec.kind != "ecg":
        name = f"{classifier.input_spec.kind}s"
        endpoints.append(
            (name, any_batch(classifier.predict_from_input), {name: classifier.network.input_shape})
        )
    signatures = {}
    with portable(gru_loop, fourier=True):
        for name, function, inputs in endpoints:
            specs = [tf.TensorSpec(shape, tf.float32, key) for key, shape in inputs.items()]
            function = tf.function(function, autograph=False)  # to read the source takes longer
            signatures[name] = function.get_concrete_function(*specs)
    weights = tf.Module()  # Keras' own ExportArchive writes each of them twice
    weights.all = [variable.value for variable in classifier.network.variables]
    tf.saved_model.save(weights, str(folder), signatures=signatures)
    seal_saved_model(folder)
