"""The records in a folder of the challenge as the rows of a table."""

from __future__ import annotations

import dataclasses
import math
import os
from collections.abc import Sequence
from pathlib import Path

from ecg_tf.data.challenge.headers import Diagnoses, read_diagnoses
from ecg_tf.data.challenge.snomed_ct import codes, scored_names
from ecg_tf.data.labels import CLASSES
from ecg_tf.data.tables.record_table import RecordTable, TableRow
from ecg_tf.data.tables.rows import AGE, SEX, Rows, rows_of
from ecg_tf.errors import InputError
from ecg_tf.files import check_inside
from ecg_tf.progress import Progress

CLASS_SETS = ("scored", "superclasses")
_HEADER = ".hea"


def rows_of_challenge(
    folder: Path,
    *,
    class_set: str,
    keep_unlabelled: bool,
    folds: dict[str, Sequence[int]],
    split: str | None,
    seed: int,
    data_set: str | None,
    skip_bad: bool = False,
) -> Rows:
    """Read the headers in a folder of the challenge, and in the folders below.

    Args:
        folder: the folder.
        class_set: "scored" for the 26 classes that the challenge scores, "superclasses" for the
            four classes of PTB-XL.
        keep_unlabelled: True to keep records without any class of the set (of the superclasses:
            without a class or NORM).
        folds: {partition: its folds}; the headers state none.
        split: see `rows_of`.
        seed: see `rows_of`.
        data_set: name of the data set. Default: that of the folder.
        skip_bad: True to leave out the records with an unreadable header and to list them in
            `Rows.bad`. Default: the first of them is an error.

    Returns:
        The `Rows`, in the order of the paths; their `ecg_id` counts the headers from 1.

    Raises:
        InputError: the folder has no headers, or none that can be read.
        RecordError: a header cannot be read, or it has a diagnosis, an age or a sex that cannot be
            read, or a link leads out of the folder.
    """
    if class_set not in CLASS_SETS:
        raise InputError(f"class_set {class_set!r}: expected {' or '.join(CLASS_SETS)}")
    class_names = tuple(scored_names().values()) if class_set == "scored" else CLASSES
    headers = _headers(folder)
    table_rows, labelled, bad = [], set(), []
    with Progress(len(headers), "headers", "reading") as progress:
        for number, header in enumerate(headers, start=1):
            progress.advance()
            record = header.relative_to(folder).with_suffix("").as_posix()
            try:
                check_inside(folder, header)
                stated = read_diagnoses(header, str(header))
            except InputError as error:
                if not skip_bad:
                    raise
                bad.append({"ecg_id": number, "partition": None, "error": str(error)})
                continue
            found = _classes(stated, class_set)
            if found or keep_unlabelled:
                labelled.add(number)
            cells = {name: str(int(name in found)) for name in class_names}
            cells[AGE] = "" if math.isnan(stated.age) else f"{stated.age:g}"
            cells[SEX] = str(stated.sex)
            table_rows.append(TableRow(number, record, folder / record, cells))
    if not table_rows:
        raise InputError(f"{folder}: none of its {len(bad)} records can be used; {bad[0]['error']}")
    # The pattern stands for the path of a table: errors begin with it.
    table = RecordTable(folder / f"*{_HEADER}", (*class_names, AGE, SEX), table_rows)
    rows = rows_of(
        table, folds=folds, classes=class_names, split=split, seed=seed, data_set=data_set
    )
    dropped = dict.fromkeys(rows.counts["no_superclass"], 0)
    for row in rows.rows:
        dropped[row.partition] += row.ecg_id not in labelled
    return dataclasses.replace(
        rows,
        rows=[row for row in rows.rows if row.ecg_id in labelled],
        counts={
            **rows.counts,
            "database": len(headers),
            "no_superclass": dropped,
            **({"unreadable": len(bad)} if bad else {}),
        },
        bad=bad,
        wanted="a class of the set",
    )


def _headers(folder: Path) -> list[Path]:
    """Return the headers in a folder and below, in the order of their paths."""
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder, expected a folder of the challenge")
    found = [
        Path(place) / name
        for place, _, names in os.walk(folder)
        for name in names
        if name.endswith(_HEADER)
    ]
    if not found:
        raise InputError(
            f"{folder}: holds no headers ({_HEADER}), expected a folder of the challenge"
        )
    return sorted(found)


def _classes(stated: Diagnoses, class_set: str) -> set[str]:
    """Return the classes of a record, NORM among the superclasses; unknown codes have none."""
    known = [codes()[code] for code in stated.codes if code in codes()]
    if class_set == "scored":
        names = scored_names()
        return {names[code.scored_as] for code in known if code.scored}
    return {code.superclass for code in known if code.superclass}
