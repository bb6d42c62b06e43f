"""Check that an ONNX export gives a run's probabilities within a second, start-up included.

python predict_onnx.py ECG_TF EXPORT RECORD EXPECTED: the command, the export, the record, and what
`ecg_tf predict -json` prints for the same record and the network that was exported.
"""

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

command, export, record, expected = sys.argv[1:]


def cpu_seconds():
    """The processor time of all child processes so far."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


times = []
for _ in range(5):  # the first reads the packages from disk
    before = cpu_seconds(), time.perf_counter()
    output = subprocess.run(
        [command, "predict", "-path_model", export, "-json", record],
        check=True,
        stdout=subprocess.PIPE,
    ).stdout
    times.append((cpu_seconds() - before[0], time.perf_counter() - before[1]))
found, expected = json.loads(output), json.loads(Path(expected).read_text())
cpu, elapsed = map(min, zip(*times, strict=True))
print(f"ONNX without TensorFlow: {elapsed:.2f} s, {cpu:.2f} s of CPU: {found['probabilities']}")
for probability, other in zip(found["probabilities"], expected["probabilities"], strict=True):
    assert abs(probability - other) < 1e-4, (found, expected)
