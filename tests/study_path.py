"""Probabilities of a run by the study's own path: its preprocessor and its network alone."""

import numpy as np
from keras import ops

from ecg_tf.leads import lead_indices


def study_answer(run, ecg_mv):
    """`probabilities` and `decisions` of a run, without subtracting offsets as predictions do.

    Args:
        run: a finished `RunFolder`.
        ecg_mv: float32 (batch, 1000, 12) millivolt.
    """
    inputs = run.preprocessor()(ecg_mv[:, :, lead_indices(run.input_spec.leads)])
    probabilities = np.asarray(ops.sigmoid(run.network()(inputs, training=False)))
    decisions = (probabilities >= run.thresholds.astype(np.float32)).astype(np.int32)
    return {"probabilities": probabilities, "decisions": decisions}


def without_means(ecg_mv):
    """The same ECGs, each lead with mean 0."""
    return ecg_mv - ecg_mv.mean(axis=1, keepdims=True, dtype=np.float64).astype(np.float32)
