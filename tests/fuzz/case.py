"""Writing, damaging, reading and judging one input."""

import dataclasses
import hashlib
import os
import random
import shutil
import sys
import traceback
from collections.abc import Callable

import numpy as np

from ecg_tf.errors import InputError
from fuzz.damage import copy_folder, damage_file

# Outcomes of a case. "unseen": an input without a checksum was read, with another result than the
# undamaged input.
REFUSED, SAME, UNSEEN, FAILURE = "refused", "same", "unseen", "failure"
SEALED, OPEN = True, False  # whether a checksum or a hash protects a file

_SECRET = "root-of-all-secrets"


@dataclasses.dataclass(frozen=True)
class Kind:
    """A kind of input.

    Attributes:
        name: name of the kind.
        make: function (folder) that writes the undamaged input into an empty folder.
        read: function () that reads the input in the current folder by ecg_tf and returns a list of
            arrays and plain values. `make` and `read` raise an ImportError if an extra is missing.
        files: {glob: SEALED or OPEN} of the files to damage.
        names: an error must hold one of these, or the name of the damaged file.
        share: relative number of cases of this kind in a long run.
    """

    name: str
    make: Callable
    read: Callable
    files: dict
    names: tuple = ()
    share: float = 1.0


class Cases:
    """All cases of a kind.

    Args:
        kind: the `Kind`.
        work: a folder for its inputs.
        seed: seed of the damages.
    """

    def __init__(self, kind, work, seed):
        self._kind, self._seed = kind, seed
        self._good, self._case = work / "good", work / "case"
        self._outside = work / "outside" / "secret"
        self._outside.parent.mkdir(parents=True)
        self._outside.write_text(f"{_SECRET}\n" * 3)
        self._good.mkdir()
        kind.make(self._good)
        self._reference = self._read_copy(lambda: None)
        self._opened = []
        sys.addaudithook(self._watch)

    def run(self, number):
        """Run case `number`.

        Returns:
            A dictionary: `outcome` (one of the four above), `label` (description of the damage),
            `reason` (of a failure, one line) and `trace` (of an unexpected exception).
        """
        rng = random.Random(f"{self._kind.name} {self._seed} {number}")
        path, sealed, damage = None, None, None

        def harm():
            nonlocal path, sealed, damage
            files = [
                (path, sealed)
                for pattern, sealed in self._kind.files.items()
                for path in sorted(self._case.glob(pattern))
            ]
            path, sealed = rng.choice(files)
            damage = damage_file(path, rng, self._outside)
            self._opened.clear()

        found = {"outcome": FAILURE, "reason": "", "trace": ""}
        try:
            result = self._read_copy(harm)
        except InputError as error:
            message = str(error)
            if _SECRET in message:
                found["reason"] = "the message shows the content of a file outside"
            elif not any(name in message for name in (path.name, *self._kind.names)):
                found["reason"] = f"the message names no file: {message[:200]}"
            else:
                found["outcome"] = REFUSED
        except Exception as error:
            found["reason"] = f"{type(error).__name__}: {error!s:.200}"
            found["trace"] = traceback.format_exc()
        else:
            if result == self._reference:
                found["outcome"] = SAME
            elif sealed or damage.gross:
                found["reason"] = "read, with another result"
            else:
                found["outcome"] = UNSEEN
        if self._opened and not found["reason"]:
            found |= {"outcome": FAILURE, "reason": "a file outside was opened"}
        return {**found, "label": f"{path.relative_to(self._case)}: {damage.label}"}

    def _read_copy(self, harm):
        if self._case.exists():
            shutil.rmtree(self._case)
        self._case.mkdir()
        copy_folder(self._good, self._case)
        harm()
        os.chdir(self._case)
        return _digest(self._kind.read())

    def _watch(self, event, arguments):
        if event == "open" and str(arguments[0]).endswith("outside/secret"):
            self._opened.append(arguments[0])


def _digest(values):
    """Return a short text that is equal for equal values; arrays are compared bit by bit."""
    sha = hashlib.sha256()
    for value in values:
        if isinstance(value, np.ndarray) and value.dtype != object:
            sha.update(f"{value.dtype}{value.shape}".encode())
            sha.update(np.ascontiguousarray(value).tobytes())
        else:
            sha.update(repr(value).encode())
        sha.update(b"\0")
    return sha.hexdigest()[:16]
