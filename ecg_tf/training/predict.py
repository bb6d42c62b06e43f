"""Probabilities of a network over a partition."""

import numpy as np
from keras import ops

from ecg_tf.data.pipeline import ECGs, evaluation_batches
from ecg_tf.models import from_ecg

_BATCH = 32  # images of 32 records are 75 MB


def predict_probabilities(network, front, source, verbose=0):
    """Probabilities of all records of a source, in its order.

    Args:
        network: keras.Model to logits (batch, class).
        front: the layer that makes its input from the raw ecg; used if `source` is of ecgs.
        source: `ECGs` or `Images`.
        verbose: 1 for a progress bar.

    Returns:
        float32 (record, class).
    """
    model = from_ecg(network, front, len(source.leads)) if isinstance(source, ECGs) else network
    with source.clear_errors():
        logits = model.predict(evaluation_batches(source, _BATCH), verbose=verbose)
    return np.asarray(ops.sigmoid(logits))
