"""Parts of a file of predictions, so that an interrupted prediction can be resumed.

A part has the predictions of some records in succession. Its name is a hash of what they were made
from, so that the next run uses the parts of an interrupted one, unless the network, a record or an
argument has changed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from ecg_tf.data.tables.stored_ecg import files_of, size_and_time
from ecg_tf.errors import InputError, RecordError
from ecg_tf.files import read_json, write_atomically
from ecg_tf.predict.prediction import Prediction
from ecg_tf.predict.record_names import NamedRecord

_VERSION = 1  # of the content of a part
_MOST = 2**30  # bytes of a part


class Parts:
    """The parts of a file of predictions, in a folder.

    Args:
        folder: the folder; it exists.
        network: run folder, or folder or file of an export.
        how: arguments of `ecg_tf.data.any_ecg.read_any`, as JSON values.
    """

    def __init__(self, folder: Path, network: Path, how: dict) -> None:
        files = [path for path in sorted(network.rglob("*")) if path.is_file()] or [network]
        self.folder = folder
        self._same = [_VERSION, [[str(file), size_and_time(file)] for file in files], how]

    def file(self, records: Sequence[NamedRecord]) -> Path:
        """The file of the part of some records."""
        states = [
            [name, [size_and_time(file) for file in files_of(Path(path))]] for name, path in records
        ]
        text = json.dumps([self._same, states])
        return self.folder / f"{hashlib.sha256(text.encode()).hexdigest()}.json"


def write_part(file: Path, outcomes: Sequence[tuple[str, Prediction | RecordError]]) -> None:
    """Write a part, whole or not at all.

    Args:
        file: the file.
        outcomes: names of records with a prediction for a window, or an error.
    """
    rows = [
        [name, outcome.start, *outcome.probabilities, *outcome.decisions]
        for name, outcome in outcomes
        if not isinstance(outcome, RecordError)
    ]
    bad = [[name, str(outcome)] for name, outcome in outcomes if isinstance(outcome, RecordError)]
    write_atomically(file, json.dumps({"rows": rows, "bad": bad}))


def is_part(file: Path) -> bool:
    """True if the part was written, by this or by an interrupted run, and is not damaged."""
    try:
        return set(read_json(file, _MOST)) == {"rows", "bad"}
    except InputError:
        return False


def read_parts(files: Sequence[Path], key: str) -> Iterator[list]:
    """Yield the `rows` or the `bad` records of parts, in order.

    Args:
        files: the parts.
        key: "rows": [name, start, probability of each class, decision of each class], or "bad":
            [name, error].
    """
    for file in files:
        yield from read_json(file, _MOST)[key]
