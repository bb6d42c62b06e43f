"""Measure how the cost of preparing, training and predicting grows with the number of records.

    python benchmarks/cost_of_scale.py -folder FOLDER [-records 2000,20000,200000] [-png FILE]

For each number, simulated records are prepared as ArrayRecord files, a small network is trained for
an epoch under JAX, and an ONNX export of it predicts all records: with one process on one core, and
with two processes on two cores. Each measurement is a line of FOLDER/costs.csv; what is there is
not measured again. The records stay in FOLDER, 75 kB for each. At the end a table is printed, and
-png draws it.

Seconds are those of the whole command, its start included. The memory is the peak of all processes
together, pages that they share counted once.
"""

import argparse
import csv
import shutil
import time
from pathlib import Path

from processes import megabytes, start, two_processes

STEPS = ("prepare", "epoch", "predict")
_FIELDS = ("records", "step", "processes", "seconds", "megabytes")
_EVERY = 0.5  # seconds between two looks at the memory
_TRAIN = (
    *("train", "-model", "resnet1d", "-nb_filters", "8", "-window_seconds", "2.5"),
    *("-epochs", "1", "-batch_size", "128", "-pos_weight", "none"),
)


class Costs:
    """The costs of one number of records.

    Args:
        folder: the folder of everything.
        records: number of records.
    """

    def __init__(self, folder, records):
        self._table, self._records = folder / "costs.csv", records
        self._folder = folder / str(records)
        self._folder.mkdir(parents=True, exist_ok=True)

    def measure(self):
        """Measure what is not yet in the table."""
        done = {
            (row["step"], row["processes"])
            for row in read(self._table)
            if row["records"] == self._records
        }
        wanted = [(step, processes) for step in STEPS for processes in (1, 2)]
        if not set(wanted) - done:
            return
        if not (self._folder / "ptbxl/ptbxl_database.csv").exists():
            self._run([0, 1], "tensorflow", "simulate", "-records", self._records, "-out", "ptbxl")
        for step, processes in wanted:
            if (step, processes) not in done:
                seconds, peak = getattr(self, f"_{step}")(processes)
                row = [self._records, step, processes, f"{seconds:.1f}", f"{peak:.0f}"]
                with self._table.open("a") as file:
                    file.write(",".join(map(str, row)) + "\n")
                print(*row, flush=True)

    def _prepare(self, processes):
        shutil.rmtree(self._folder / "data", ignore_errors=True)
        flags = "-ptbxl", "ptbxl", "-data", "data", "-file_format", "array_record"
        return self._run(range(processes), "tensorflow", "prepare_data", *flags)

    def _epoch(self, processes):
        run = self._folder / f"run_{processes}"
        shutil.rmtree(run, ignore_errors=True)
        flags = *_TRAIN, "-data", "data", "-path_save_model", run.name
        if processes == 1:
            return self._run([0], "jax", *flags)
        flags += two_processes()
        return self._run_all(
            [self._start([k], "jax", *flags, "-process", k) for k in range(processes)]
        )

    def _predict(self, processes):
        export = self._folder / "export"
        if not export.exists():
            flags = "-path_model", "run_1", "-export_dir", export.name, "-format", "onnx"
            self._run([0, 1], "tensorflow", "export", *flags)
        out = f"predictions_{processes}.parquet"
        (self._folder / out).unlink(missing_ok=True)
        flags = "-path_model", export.name, "-records", "ptbxl/records100", "-out", out
        return self._run(range(processes), "tensorflow", "predict", *flags)

    def _start(self, cores, backend, *command):
        log = (self._folder / "log.txt").open("ab")
        return start(cores, backend, *command, folder=self._folder, stderr=log)

    def _run(self, cores, backend, *command):
        return self._run_all([self._start(cores, backend, *command)])

    def _run_all(self, started):
        """Wait for processes; return the seconds that they took, and the peak of their memory, MB.

        Raises:
            RuntimeError: one has failed.
        """
        began, peak = time.perf_counter(), 0
        while any(process.poll() is None for process in started):
            peak = max(peak, sum(megabytes(process.pid) for process in started))
            time.sleep(_EVERY)
        if any(process.returncode for process in started):
            raise RuntimeError(f"failed: see {self._folder}/log.txt")
        return time.perf_counter() - began, peak


def read(table):
    """The lines of a table of costs, dictionaries with numbers."""
    if not table.exists():
        table.write_text(",".join(_FIELDS) + "\n")
    with table.open(newline="") as file:
        rows = list(csv.DictReader(file))
    kinds = dict(zip(_FIELDS, (int, str, int, float, float), strict=True))
    return [{name: kinds[name](text) for name, text in row.items()} for row in rows]


def print_table(rows):
    """Print the costs as a Markdown table: seconds and MB with one process and with two."""
    found = {(row["records"], row["step"], row["processes"]): row for row in rows}
    print("| records | step | s, one process | s, two | MB, one process | MB, two |")
    print("|---:|---|---:|---:|---:|---:|")
    for records, step in dict.fromkeys((row["records"], row["step"]) for row in rows):
        both = [found.get((records, step, processes)) for processes in (1, 2)]
        cells = [
            f"{one[name]:,.0f}" if one else "" for name in ("seconds", "megabytes") for one in both
        ]
        print(f"| {records:,} | {step} | " + " | ".join(cells) + " |")


def draw(rows, out):
    """Draw seconds and memory over the number of records."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import NullFormatter

    from ecg_tf.plots.png import write_png

    figure = Figure(figsize=(9, 3.6), layout="constrained")
    both = figure.subplots(1, 2)
    for axes, name, title in zip(
        both, ("seconds", "megabytes"), ("Duration (s)", "Peak memory (MB)"), strict=True
    ):
        for colour, step in enumerate(STEPS):
            for processes in (1, 2):
                points = [
                    (row["records"], row[name])
                    for row in rows
                    if (row["step"], row["processes"]) == (step, processes)
                ]
                axes.plot(
                    *zip(*sorted(points), strict=True),
                    color=f"C{colour}",
                    linestyle="-" if processes == 2 else "--",
                    marker="o",
                    label=f"{step}, {'two processes' if processes == 2 else 'one process'}",
                )
        axes.set(title=title, xlabel="Records", xscale="log", yscale="log")
        axes.set_xticks(sorted({row["records"] for row in rows}))
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(lambda value, _: f"{value:,.0f}")
            axis.set_minor_formatter(NullFormatter())
        axes.grid(alpha=0.3, which="both")
        axes.spines[["top", "right"]].set_visible(False)
    both[0].set(ylim=(1, None))
    both[1].set(ylim=(100, None))
    figure.legend(*both[0].get_legend_handles_labels(), loc="outside right center", frameon=False)
    write_png(figure, out)


def main():
    """Measure, print and draw."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("-folder", required=True, type=Path)
    parser.add_argument("-records", default="2000,20000,200000")
    parser.add_argument("-png", type=Path)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    for records in map(int, given.records.split(",")):
        Costs(given.folder.absolute(), records).measure()
    rows = read(given.folder / "costs.csv")
    print_table(rows)
    if given.png:
        draw(rows, given.png)


if __name__ == "__main__":
    main()
