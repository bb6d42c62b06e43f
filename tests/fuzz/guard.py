"""Running the worker under supervision; a case that hangs or uses too much memory is a failure."""

import json
import os
import select
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from fuzz.case import FAILURE

SECONDS = 10  # CPU time of a case
MEGABYTES = 2048  # additional memory of a case
_FIRST = 240  # CPU time of the first case of a kind, which also imports and writes the input; s
_LOOK = 0.05  # time between two checks, s


class Guard:
    """Run cases in a worker process.

    Args:
        seed: seed of the damages.
    """

    def __init__(self, seed):
        self._seed = seed
        self._process = None
        self._work = tempfile.TemporaryDirectory(prefix="fuzz-")
        self._known = set()  # kinds for which the worker has written the undamaged input

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._end()
        self._work.cleanup()

    def run(self, kind, number):
        """Run a case and return its outcome, see `fuzz.worker`."""
        if self._process is None:
            self._start()
        limit = SECONDS if kind in self._known else _FIRST
        print(json.dumps({"kind": kind, "number": number}), file=self._process.stdin, flush=True)
        cpu, memory, start = self._cpu(), self._memory(), time.monotonic()
        while not select.select([self._process.stdout], [], [], _LOOK)[0]:
            spent = self._cpu() - cpu
            if spent > limit or (time.monotonic() - start > 2 * limit and spent < 1):
                return self._failure(f"longer than {limit} s")
            if kind in self._known and self._memory() - memory > MEGABYTES:
                return self._failure(f"more than {MEGABYTES} MB")
        line = self._process.stdout.readline()
        if not line:
            last = (Path(self._work.name) / "log").read_text("utf-8", "replace").strip()[-200:]
            return self._failure(f"the process died, exit status {self._process.wait()}: {last}")
        self._known.add(kind)
        return json.loads(line)

    def _failure(self, reason):
        self._end()
        return {"outcome": FAILURE, "reason": reason, "label": "", "trace": ""}

    def _start(self):
        self._known.clear()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "fuzz.worker", self._work.name, str(self._seed)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )

    def _end(self):
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _cpu(self):
        fields = self._proc("stat").rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _memory(self):
        return int(self._proc("statm").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20

    def _proc(self, file):
        return Path(f"/proc/{self._process.pid}/{file}").read_text()
