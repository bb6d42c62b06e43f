"""Check that an ONNX export gives a run's probabilities within a second, start-up included.

python predict_onnx.py ECG_TF EXPORT RECORD EXPECTED: the command, the export, the record, and what
`ecg_tf predict -json` prints for the same record and the network that was exported.
"""

import json
import subprocess
import sys
import time
from pathlib import Path

command, export, record, expected = sys.argv[1:]
seconds = []
for _ in range(5):  # the first reads the packages from disk
    start = time.perf_counter()
    output = subprocess.run(
        [command, "predict", "-path_model", export, "-json", record],
        check=True,
        stdout=subprocess.PIPE,
    ).stdout
    seconds.append(time.perf_counter() - start)
found, expected = json.loads(output), json.loads(Path(expected).read_text())
print(f"ONNX without TensorFlow: {found['probabilities']} in {min(seconds):.2f} s")
for probability, other in zip(found["probabilities"], expected["probabilities"], strict=True):
    assert abs(probability - other) < 1e-4, (found, expected)
assert min(seconds) < 1, seconds
