"""A fixed test ECG. The card of a shipped network holds its probabilities for this ECG."""

import numpy as np
from keras import ops

from ecg_tf.leads import LEADS, SAMPLES, SAMPLING_RATE, lead_indices


def check_ecg(sampling_rate=SAMPLING_RATE, samples=SAMPLES):
    """Compute an artificial ECG: 72 narrow peaks a minute, each followed by a broad wave.

    The amplitudes differ between leads. The ECG is defined by formulas so that it does not depend
    on the version of any library.

    Args:
        sampling_rate: Hz.
        samples: number of samples.

    Returns:
        float32 (samples, 12) millivolt.
    """
    phase = (np.arange(samples) / sampling_rate * 1.2)[:, None] % 1
    lead = np.arange(len(LEADS))
    peak = np.exp(-(((phase - 0.3) / 0.012) ** 2)) * (0.4 + 0.1 * lead)
    wave = np.exp(-(((phase - 0.6) / 0.07) ** 2)) * (0.3 - 0.04 * lead)
    return (peak + wave).astype(np.float32)


def check_probabilities(run):
    """Compute a run's probabilities for `check_ecg` by its preprocessor and its network alone.

    This is what an evaluation does. `ecg_tf.predict` also subtracts the mean of each lead, so that
    its probabilities differ slightly.

    Args:
        run: a finished `RunFolder`.

    Returns:
        float32 (class,) probabilities.
    """
    spec = run.input_spec
    ecg = check_ecg(spec.sampling_rate, spec.samples)[None, :, lead_indices(spec.leads)]
    return np.asarray(
        ops.sigmoid(run.inference_network()(run.preprocessor()(ecg), training=False))
    )[0]
