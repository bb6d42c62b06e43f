"""Prediction of a whole partition."""

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
    with source.clear_errors():
        logits = model.predict(
            evaluation_batches(source, _BATCH),
            verbose=0,
            callbacks=[_ShowProgress(len(source))] if show_progress else [],
        )
    return np.asarray(ops.sigmoid(logits))


class _ShowProgress(keras.callbacks.Callback):
    """Progress on standard error; Keras' own bar is on standard output, with the predictions."""

    def __init__(self, records):
        super().__init__()
        self._records = records

    def on_predict_begin(self, logs=None):
        self._progress = Progress(self._records, "records", "predicting")

    def on_predict_batch_end(self, batch, logs=None):
        self._progress.advance(min(_BATCH, self._records - batch * _BATCH))

    def on_predict_end(self, logs=None):
        self._progress.close()
