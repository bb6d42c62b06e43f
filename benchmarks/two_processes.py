r"""Compare a training by two processes with one, records/s within an epoch.

    python benchmarks/two_processes.py -data FILE [-rounds 3] [-seconds 45] [-cores one|all] \
        [-- -model resnet1d …]

What follows -- are flags of `ecg_tf train`. In each round one process trains, then two, under JAX.
With `-cores one` every process is bound to a core of its own; with `-cores all` one process may use
both, and two divide them. Steps count from the second line of progress until -seconds are over or
the epoch is; compilation and dev do not.
"""

import argparse
import re
import statistics
import subprocess
import sys
import tempfile
import time

from processes import start, two_processes

_PROGRESS = re.compile(r"epoch 1/1: (\d+) of \d+ records")
_END_OF_EPOCH = "epoch 1/1  loss"


def rate(processes, cores, seconds, flags):
    """Train for some time.

    Args:
        processes: 1 or 2.
        cores: for each process, the numbers of the cores that it may use.
        seconds: how long steps are counted.
        flags: flags of `ecg_tf train`.

    Returns:
        Records/s.

    Raises:
        RuntimeError: process 0 has ended before that, or the epoch is too short; with the last
            lines that it printed.
    """
    with tempfile.TemporaryDirectory() as folder:
        command = ["train", *flags, "-epochs", 1, "-path_save_model", f"{folder}/run"]
        if processes == 2:
            command += [*two_processes(), "-process"]
        started = []
        try:
            for number in reversed(range(processes)):
                mine = [*command, number] if processes == 2 else command
                stderr = subprocess.DEVNULL if number else subprocess.PIPE
                started.append(start(cores[number], "jax", *mine, stderr=stderr))
            return _rate_of(started[-1].stderr, seconds)
        finally:
            for process in started:
                process.kill()
                process.wait()


def _rate_of(progress, seconds):
    lines, marks = [], []  # of the marks: time, records
    for line in progress:
        lines.append(line.decode().strip())
        if found := _PROGRESS.match(lines[-1]):
            marks.append((time.perf_counter(), int(found[1])))
        long_enough = len(marks) > 2 and marks[-1][0] - marks[1][0] >= seconds
        if long_enough or lines[-1].startswith(_END_OF_EPOCH):
            break
    else:
        raise RuntimeError(f"the training has ended: {' | '.join(lines[-3:])}")
    if len(marks) < 3:
        raise RuntimeError(f"the epoch is too short to measure: {' | '.join(lines[-3:])}")
    return (marks[-1][1] - marks[1][1]) / (marks[-1][0] - marks[1][0])


def main():
    """Measure in turns, and print a line of a Markdown table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("-data", required=True)
    parser.add_argument("-rounds", type=int, default=3)
    parser.add_argument("-seconds", type=float, default=45)
    parser.add_argument("-cores", choices=("one", "all"), default="one")
    parser.add_argument("flags", nargs="*", help="of ecg_tf train, after --")
    given = parser.parse_args()
    cores = [{0}, {1}] if given.cores == "one" else [{0, 1}, {0, 1}]
    flags = ["-data", given.data, *given.flags]
    rates = {1: [], 2: []}
    for _ in range(given.rounds):
        for processes, found in rates.items():
            found.append(rate(processes, cores, given.seconds, flags))
            print(f"{processes}: {found[-1]:.1f} records/s", file=sys.stderr, flush=True)
    one, two = (", ".join(f"{each:.1f}" for each in rates[k]) for k in rates)
    ratio = statistics.median(rates[2]) / statistics.median(rates[1])
    print("| flags | cores of each process | one process | two processes | ratio of the medians |")
    print("|---|---|---:|---:|---:|")
    print(f"| {' '.join(given.flags)} | {given.cores} | {one} | {two} | {ratio:.2f} |")


if __name__ == "__main__":
    main()
