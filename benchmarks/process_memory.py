"""The memory of a process and of those that it has started."""

from pathlib import Path

_KB = 1000


def megabytes(process):
    """The memory of a process and of all its descendants, MB; pages that they share count once.

    Args:
        process: number of the process.
    """
    pids, found = [process], 0
    for pid in pids:  # it grows
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            found += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
            for file in Path(f"/proc/{pid}/task").glob("*/children"):
                pids += map(int, file.read_text().split())
        except (OSError, StopIteration):  # it has ended
            continue
    return found / _KB
