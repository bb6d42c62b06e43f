"""One damaged input: made, read and judged."""

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

# What came of a case. The last two are of damage to what no checksum protects: "unseen" is taken,
# with another answer than the undamaged one.
REFUSED, SAME, UNSEEN, FAILURE = "refused", "same", "unseen", "failure"
SEALED, OPEN = True, False  # whether a file's damage can be seen by a checksum or a hash

_SECRET = "root-of-all-secrets"


@dataclasses.dataclass(frozen=True)
class Kind:
    """A kind of input.

    Attributes:
        name: of the kind.
        make: function (folder) that writes the undamaged input into an empty folder.
        read: function () that gives what ecg_tf makes of the input in the current folder, a list of
            arrays and plain values. An ImportError of either says that an extra is not installed.
        files: {glob: SEALED or OPEN} of the files that are damaged.
        names: a refusal holds one of these, or the name of the damaged file.
        share: how many cases the kind gets in a long run, in proportion.
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
        seed: of the damages.
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
        """Case `number`.

        Returns:
            A dictionary: `outcome` (one of the four above), `label` (of the damage), `reason` (of a
            failure, in a line) and `trace` (of an exception that should not be).
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
            answer = self._read_copy(harm)
        except InputError as error:
            message = str(error)
            if _SECRET in message:
                found["reason"] = "the message shows a file outside"
            elif not any(name in message for name in (path.name, *self._kind.names)):
                found["reason"] = f"names no culprit: {message[:200]}"
            else:
                found["outcome"] = REFUSED
        except Exception as error:
            found["reason"] = f"{type(error).__name__}: {error!s:.200}"
            found["trace"] = traceback.format_exc()
        else:
            if answer == self._reference:
                found["outcome"] = SAME
            elif sealed or damage.gross:
                found["reason"] = "taken, with another answer"
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
    """A short text that is equal for equal values, arrays bit by bit."""
    sha = hashlib.sha256()
    for value in values:
        if isinstance(value, np.ndarray) and value.dtype != object:
            sha.update(f"{value.dtype}{value.shape}".encode())
            sha.update(np.ascontiguousarray(value).tobytes())
        else:
            sha.update(repr(value).encode())
        sha.update(b"\0")
    return sha.hexdigest()[:16]
