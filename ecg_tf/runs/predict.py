"""Prediction of a whole partition."""

import contextlib

import keras
import numpy as np
from keras import ops

from ecg_tf.data.batches.batches import evaluation_batches
from ecg_tf.data.batches.examples import ECGs
from ecg_tf.models import from_ecg
from ecg_tf.progress import Progress

_BATCH = 32  # images of 32 records are 75 MB


def predict_probabilities(network, preprocessor, source, show_progress=False):
    """Predict the probabilities of all records of a source, in its order.

    Args:
        network: keras.Model to logits (batch, class).
        preprocessor: the layer that makes its input from the raw ECG; used if `source` is `ECGs`.
        source: `ECGs` or `Images`.
        show_progress: True to show the progress on standard error.

    Returns:
        float32 (record, class).
    """
    model = from_ecg(network, preprocessor, source.shape) if isinstance(source, ECGs) else network
    on_cpu = keras.backend.backend() == "tensorflow" and not keras.distribution.list_devices("gpu")
    predict = _predict_on_cpu if on_cpu else _predict_by_keras
    progress = Progress(len(source), "records", "predicting") if show_progress else None
    with source.clear_errors(), progress or contextlib.nullcontext():
        logits = predict(model, evaluation_batches(source, _BATCH), len(source), progress)
    return np.asarray(ops.sigmoid(logits))


def _predict_on_cpu(model, batches, _, progress):
    from ecg_tf.kernels.inference import compile_for_inference

    compiled = compile_for_inference(model)
    logits = []
    for inputs, _ in batches:
        logits.append(compiled(inputs).numpy())
        if progress:
            progress.advance(len(logits[-1]))
    return np.concatenate(logits)


def _predict_by_keras(model, batches, records, progress):
    def advance(batch, logs=None):
        if progress:
            progress.advance(min(_BATCH, records - batch * _BATCH))

    shown = keras.callbacks.LambdaCallback(on_predict_batch_end=advance)
    return model.predict(batches, verbose=0, callbacks=[shown])
