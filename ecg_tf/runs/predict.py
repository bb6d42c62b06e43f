"""Prediction of a whole partition."""

import contextlib

import keras
import numpy as np
from keras import ops

from ecg_tf.data.batches.batches import evaluation_batches
from ecg_tf.data.batches.examples import ECGs
from ecg_tf.layers import GRU, StateSpace
from ecg_tf.models import from_ecg
from ecg_tf.progress import Progress

_BATCH = 32  # images of 32 records are 75 MB
_CONVOLUTIONAL = 128
_LARGEST_BATCH = 512
_VALUES = 2**26  # that a recurrent layer holds at once: 256 MB


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
        logits = predict(model, source, _batch_size(network), progress)
    return np.asarray(ops.sigmoid(logits))


def _batch_size(network):
    """The number of records to predict at once.

    A recurrent layer has a fixed cost per sample, whatever the number of records, so that such
    networks are faster in the largest batches. Images and state-space layers need much memory.
    """
    layers = list(network._flatten_layers())  # no public method lists layers of backbones, too
    shapes = [layer.batch_shape for layer in layers if isinstance(layer, keras.layers.InputLayer)]
    widths = [_width(layer) for layer in layers if isinstance(layer, keras.layers.RNN)]
    takes_images = any(len(shape) == 4 for shape in shapes)
    if takes_images or any(isinstance(layer, StateSpace) for layer in layers):
        return _BATCH
    if not widths:
        return _CONVOLUTIONAL
    directions = 1 + any(isinstance(layer, keras.layers.Bidirectional) for layer in layers)
    records = _VALUES // (max(shape[1] for shape in shapes) * max(widths) * directions)
    return min(max(records // _BATCH * _BATCH, _BATCH), _LARGEST_BATCH)


def _width(layer):
    """The number of values that a recurrent layer holds for each sample of a record."""
    if isinstance(layer, GRU) and keras.backend.backend() == "tensorflow":
        return layer.units  # it projects its inputs sample by sample
    return layer.cell.kernel.shape[-1]


def _predict_on_cpu(model, source, batch_size, progress):
    from ecg_tf.kernels.inference import compile_for_inference

    compiled = compile_for_inference(model)
    logits = []
    for inputs, _ in evaluation_batches(source, batch_size):
        logits.append(compiled(inputs).numpy())
        if progress:
            progress.advance(len(logits[-1]))
    return np.concatenate(logits)


def _predict_by_keras(model, source, batch_size, progress):
    def advance(batch, logs=None):
        if progress:
            progress.advance(min(batch_size, len(source) - batch * batch_size))

    shown = keras.callbacks.LambdaCallback(on_predict_batch_end=advance)
    return model.predict(evaluation_batches(source, batch_size), verbose=0, callbacks=[shown])
