"""12-lead ECG classification with Keras 3: signals, images (GAF, MTF, RP) and their fusion.

Importing this package imports no framework: its folders, such as `ecg_tf.layers` and
`ecg_tf.models`, import what they need.
"""

from __future__ import annotations

import os
import typing

from ecg_tf.version import __version__ as __version__

if typing.TYPE_CHECKING:
    from ecg_tf.predict.predictor import Predictor


def load(path: str | os.PathLike) -> Predictor:
    """Load a trained network, to predict the classes of raw ECGs.

    Args:
        path: "pretrained:NAME" for a shipped network (`ecg_tf.pretrained.names()` lists them),
            "hf://OWNER/NAME" or "hf://OWNER/NAME@REVISION" for one of the Hugging Face Hub, a run
            folder, or an export.

    Returns:
        A `Predictor`. It takes ECGs of shape (batch, 1000, 12): millivolt, 100 Hz, the leads in
        the order of PTB-XL. It returns a dictionary of arrays: `probabilities` and `decisions`
        (batch, class), `valid` and `problems` (batch,). `valid` is False for an input that cannot
        be an ECG, and `problems` then contains the reason.

    Raises:
        InputError: `path` is no shipped network, run folder or export, is damaged, or cannot be
            downloaded.

    Examples:
        >>> import ecg_tf
        >>> import numpy as np
        >>> from ecg_tf.data.synthetic import simulate_ecg
        >>> model = ecg_tf.load("pretrained:gru")
        >>> model.class_names
        ('MI', 'STTC', 'CD', 'HYP')
        >>> ecg = simulate_ecg((), np.random.default_rng(0))
        >>> prediction = model(ecg[np.newaxis])
        >>> prediction["probabilities"].shape
        (1, 4)
        >>> prediction["valid"]
        array([ True])
    """
    from ecg_tf.predict.predictor import Predictor

    return Predictor(path)


def start_quietly() -> None:
    """Start TensorFlow without the dozen lines that it prints to standard error.

    For the beginning of notebooks and programs. It imports Keras and its backend. After that,
    warnings and errors are shown as always. The commands of ecg_tf do not need it.

    Examples:
        >>> import ecg_tf
        >>> ecg_tf.start_quietly()
    """
    from ecg_tf.runs.quiet_start import start_quietly

    start_quietly()
