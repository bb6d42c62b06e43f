"""Simulated ECGs to try the page with."""

import numpy as np

from ecg_tf.data.ecg_files.record import Record
from ecg_tf.data.synthetic import simulate_ecg
from ecg_tf.leads import LEADS, SAMPLING_RATE
from ecg_tf.reports.definitions import CLASS_DEFINITIONS

_CLASSES = ("CD", "MI", "STTC", "HYP")
_LONG = ("MI", "", "HYP")  # the classes of the three parts of a longer record
_SEED = 1


def simulate_examples():
    """Simulate an ECG for each class, a normal one, and a record of three windows.

    Returns:
        {name: `Record`}, the same at each call.
    """
    rng = np.random.default_rng(_SEED)
    examples = {f"{CLASS_DEFINITIONS[name]} ({name})": [name] for name in _CLASSES}
    examples |= {"normal": [""], "30 s that change": _LONG}
    return {
        name: Record(
            name=name,
            ecg=np.concatenate([simulate_ecg([k] if k else [], rng) for k in classes]),
            leads=LEADS,
            sampling_rate=float(SAMPLING_RATE),
            simulated=True,
        )
        for name, classes in examples.items()
    }
