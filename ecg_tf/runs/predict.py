"""Probabilities of a network over a partition."""

import keras
import numpy as np
import tqdm
from keras import ops

from ecg_tf.data.batches.batches import evaluation_batches
from ecg_tf.data.batches.examples import ECGs
from ecg_tf.models import from_ecg

_BATCH = 32  # images of 32 records are 75 MB


def predict_probabilities(network, preprocessor, source, show_progress=False):
    """Probabilities of all records of a source, in its order.

    Args:
        network: keras.Model to logits (batch, class).
        preprocessor: the layer that makes its input from the raw ecg; used if `source` is of ecgs.
        source: `ECGs` or `Images`.
        show_progress: True for a progress bar on standard error, if that is a terminal.

    Returns:
        float32 (record, class).
    """
    model = (
        from_ecg(network, preprocessor, len(source.leads)) if isinstance(source, ECGs) else network
    )
    with source.clear_errors():
        logits = model.predict(
            evaluation_batches(source, _BATCH),
            verbose=0,
            callbacks=[_Progress(len(source))] if show_progress else [],
        )
    return np.asarray(ops.sigmoid(logits))


class _Progress(keras.callbacks.Callback):
    """A bar on standard error; Keras' own is on standard output, with the answers."""

    def __init__(self, records):
        super().__init__()
        self._records = records

    def on_predict_begin(self, logs=None):
        self._bar = tqdm.tqdm(total=self._records, unit=" records", leave=False, disable=None)

    def on_predict_batch_end(self, batch, logs=None):
        self._bar.update(min(_BATCH, self._records - self._bar.n))

    def on_predict_end(self, logs=None):
        self._bar.close()
