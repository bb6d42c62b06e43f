"""An ECG to ask every network about, whose answer is on its card."""

import numpy as np
from keras import ops

from ecg_tf.leads import LEADS, SAMPLES, SAMPLING_RATE, lead_indices


def check_ecg():
    """A made-up ECG: 72 narrow peaks a minute, a broad wave after each, another mixture per lead.

    Written as formulas, so that no other version of a library makes another one.

    Returns:
        float32 (1000, 12) millivolt.
    """
    phase = (np.arange(SAMPLES) / SAMPLING_RATE * 1.2)[:, None] % 1
    lead = np.arange(len(LEADS))
    peak = np.exp(-(((phase - 0.3) / 0.012) ** 2)) * (0.4 + 0.1 * lead)
    wave = np.exp(-(((phase - 0.6) / 0.07) ** 2)) * (0.3 - 0.04 * lead)
    return (peak + wave).astype(np.float32)


def check_probabilities(run):
    """A run's answer for `check_ecg`, by its preprocessor and its network alone, as in evaluation.

    Predictions subtract each lead's mean before, which this ECG has.

    Args:
        run: a finished `RunFolder`.

    Returns:
        float32 (class,).
    """
    ecg = check_ecg()[None, :, lead_indices(run.about["leads"])]
    return np.asarray(ops.sigmoid(run.network()(run.preprocessor()(ecg), training=False)))[0]
