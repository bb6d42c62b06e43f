"""Run an export in a process that can import its own runtime only.

python -m ecg_tf.export.isolated EXPORT ECG.npy PREDICTION.npz
"""

import statistics
import sys
import time

import numpy as np

from ecg_tf.export.runtimes import find_export, load_export

_RUNTIMES = {"saved_model": "tensorflow", "litert": "ai_edge_litert", "onnx": "onnxruntime"}
_WARM_UP, _CALLS = 2, 11


def main(export, inputs, outputs):
    """Write the prediction for the ECGs of a file, the description and the seconds per ECG.

    Args:
        export: folder of the export.
        inputs: .npy file of ecg_mv.
        outputs: .npz file to write.
    """
    form, file = find_export(export)
    for name in {"keras", "torch", "jax", *_RUNTIMES.values()} - {_RUNTIMES[form]}:
        sys.modules[name] = None  # to import it is an error from here on
    predict, description = load_export(form, file)
    ecg = np.load(inputs)
    np.savez(outputs, seconds=_latency(predict, ecg[:1]), **predict(ecg), **description)


def _latency(predict, ecg):
    """Median seconds of a prediction, after a warm-up."""
    seconds = []
    for _ in range(_WARM_UP + _CALLS):
        start = time.perf_counter()
        predict(ecg)
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds[_WARM_UP:])


if __name__ == "__main__":
    main(*sys.argv[1:])
