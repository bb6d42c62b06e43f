"""What an export answers, and how fast, in a process that can import its own runtime alone.

python -m ecg_tf.export.isolated EXPORT ECG.npy ANSWER.npz
"""

import statistics
import sys
import time

import numpy as np

from ecg_tf.export.runtimes import find_export, load_export

_RUNTIMES = {"saved_model": "tensorflow", "litert": "ai_edge_litert", "onnx": "onnxruntime"}
_WARM_UP, _CALLS = 2, 11


def main(export, asked, answered):
    """Write the answer for the ECGs of a file, `description` and `seconds` per ECG.

    Args:
        export: folder of the export.
        asked: .npy file of ecg_mv.
        answered: .npz file to write.
    """
    form, file = find_export(export)
    for name in {"keras", "torch", "jax", *_RUNTIMES.values()} - {_RUNTIMES[form]}:
        sys.modules[name] = None  # to import it is an error from here on
    from_ecg, description = load_export(form, file)
    ecg = np.load(asked)
    np.savez(answered, seconds=_latency(from_ecg, ecg[:1]), **from_ecg(ecg), **description)


def _latency(from_ecg, ecg):
    """Median seconds of one answer, once it has answered before."""
    seconds = []
    for _ in range(_WARM_UP + _CALLS):
        start = time.perf_counter()
        from_ecg(ecg)
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds[_WARM_UP:])


if __name__ == "__main__":
    main(*sys.argv[1:])
