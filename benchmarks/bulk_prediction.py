"""Measure how many records a second `ecg_tf predict -records` predicts, and the memory it takes.

    PYTHONPATH=. python benchmarks/bulk_prediction.py -records FOLDER MODEL [MODEL …]

MODEL is a run folder, an export or pretrained:NAME. Each predicts FOLDER in a process of its own.
The rate is that between the first and the last records that are done, without the start. The memory
is that of all processes together, shared pages counted once, when a quarter and when all of the
records are done.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from processes import megabytes

from ecg_tf.processes import child_environment


def cpu_seconds():
    """CPU time of this process and of the processes that it has started and that have ended, s."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def measure(model, records):
    """Predict a folder and print a line of the table."""
    from ecg_tf.predict import predict_all as module

    done, marks = 0, []  # of the marks: records, seconds, megabytes

    class Watched(module.Progress):
        def advance(self, items=1, note=""):
            nonlocal done
            done += items
            marks.append((done, time.perf_counter(), megabytes(os.getpid())))
            super().advance(items, note)

    module.Progress = Watched
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        written = module.predict_all(model, records, f"{folder}/predictions.csv")
    (first, at_first, _), (last, at_last, memory) = marks[0], marks[-1]
    quarter = next(mark for mark in marks if mark[0] >= last / 4)
    print(
        f"| {Path(model).name} | {(last - first) / (at_last - at_first):.0f} "
        f"| {cpu_seconds() / written.records * 1000:.1f} | {at_first - began:.1f} "
        f"| {quarter[2]:.0f} | {memory:.0f} |",
        flush=True,
    )


def main():
    """Measure each network."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="+")
    parser.add_argument("-records", required=True)
    given = parser.parse_args()
    if len(given.models) == 1:
        measure(given.models[0], given.records)
        return
    print("| network | records/s | CPU ms a record | start s | MB at a quarter | MB at the end |")
    print("|---|---:|---:|---:|---:|---:|", flush=True)
    for model in given.models:
        command = [sys.executable, __file__, "-records", given.records, model]
        subprocess.run(command, env=child_environment(), check=True)


if __name__ == "__main__":  # worker processes import this file, too
    main()
