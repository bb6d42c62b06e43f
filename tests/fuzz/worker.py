"""Running cases in a process that `fuzz.guard` supervises.

python -m fuzz.worker WORK SEED

Reads a line of JSON for each case, {"kind", "number"}, and writes the result of `Cases.run` as a
line of JSON, or {"skipped": reason} if the input of this kind cannot be written here.
"""

import gc
import json
import os
import sys
from pathlib import Path

from ecg_tf.errors import InputError
from fuzz.case import Cases
from fuzz.kinds import KINDS


def main(work, seed):
    """Run cases until standard input ends."""
    channel = os.fdopen(os.dup(1), "w")
    log = os.open(Path(work) / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    cases = {}
    for line in sys.stdin:
        job = json.loads(line)
        name = job["kind"]
        if name not in cases:
            cases[name] = _cases(name, Path(work) / str(os.getpid()) / name, seed)
            gc.freeze()  # a case that collects garbage then does not search all modules
        found = cases[name]
        result = {"skipped": found} if isinstance(found, str) else found.run(job["number"])
        print(json.dumps(result), file=channel, flush=True)


def _cases(name, work, seed):
    work.mkdir(parents=True)
    try:
        return Cases(KINDS[name], work, seed)
    except (InputError, ImportError) as error:  # an extra is not installed
        return str(error)


if __name__ == "__main__":
    main(*sys.argv[1:])
