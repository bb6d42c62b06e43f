"""State-space layers computed sample by sample."""

import numpy as np


def by_steps(layer, signal):
    """The output of a `StateSpace` from its recurrence, in complex128.

    Args:
        layer: a built `ecg_tf.layers.StateSpace`.
        signal: (batch, time, channel).
    """
    weights = {weight.name: np.asarray(weight.value, np.float64) for weight in layer.weights}
    a = -np.exp(weights["log_decay"]) + 1j * weights["frequency"]
    step = np.exp(weights["log_step"])[:, None]
    forwards, backwards = weights["readout"][0] + 1j * weights["readout"][1]
    signal = np.asarray(signal, np.float64)
    return (
        _recurrence(a, step, forwards, signal)
        + _recurrence(a, step, backwards, signal[:, ::-1])[:, ::-1]
        + weights["skip"] * signal
    )


def _recurrence(a, step, c, signal):
    transition = np.exp(a * step)
    gain = (transition - 1) / a
    state, outputs = 0, []
    for sample in np.moveaxis(signal, 1, 0):
        state = transition * state + gain * sample[..., None]
        outputs.append(2 * np.real(c * state).sum(axis=-1))
    return np.stack(outputs, axis=1)
