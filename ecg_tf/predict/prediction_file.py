"""Files of the predictions of many records: CSV or Parquet."""

from __future__ import annotations

import csv
import itertools
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from ecg_tf.errors import InputError
from ecg_tf.extras import import_extra
from ecg_tf.files import replaced_atomically
from ecg_tf.places import check_file

_GROUP = 20_000  # rows written at once to a Parquet file


def check_prediction_file(out: str | os.PathLike) -> Path:
    """Check that a file of predictions can be written.

    Args:
        out: path of the file.

    Returns:
        The path as a Path.

    Raises:
        InputError: another ending than .csv and .parquet, a file that exists or cannot be written,
            or .parquet without pyarrow.
    """
    out = Path(out)
    if out.suffix not in _WRITERS:
        raise InputError(f"{out}: expected a file name that ends in {' or '.join(_WRITERS)}")
    check_file(out)
    if out.exists():
        raise InputError(f"{out}: already there; expected a new file")
    if out.suffix == ".parquet":
        import_extra("pyarrow", "parquet")
    return out


def write_predictions(out: Path, class_names: Sequence[str], rows: Iterable[list]) -> None:
    """Write predictions, whole or not at all, a few at a time.

    Args:
        out: the file, of `check_prediction_file`.
        class_names: names of the classes.
        rows: name of the record, start of the window in s, probability of each class, decision of
            each class.
    """
    columns = ["record", "start"]
    columns += [f"{kind}_{name}" for kind in ("probability", "decision") for name in class_names]
    with replaced_atomically(out) as temporary:
        _WRITERS[out.suffix](temporary, columns, rows)


def write_bad_records(out: Path, rows: Iterable[list]) -> int:
    """Write the list of the records without a prediction, unless there are none.

    Args:
        out: a CSV file. An older one is replaced, or removed.
        rows: name of a record, error.

    Returns:
        The number of rows.
    """
    count = 0

    def counted():
        nonlocal count
        for count, row in enumerate(rows, start=1):  # noqa: B007
            yield row

    with replaced_atomically(out) as temporary:
        _write_csv(temporary, ["record", "error"], counted())
    if not count:
        out.unlink()
    return count


def _write_csv(file: Path, columns: list[str], rows: Iterable[list]) -> None:
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def _write_parquet(file: Path, columns: list[str], rows: Iterable[list]) -> None:
    import pyarrow
    import pyarrow.parquet

    classes = (len(columns) - 2) // 2
    types = [pyarrow.string(), pyarrow.float64()]
    types += [pyarrow.float32()] * classes + [pyarrow.int8()] * classes
    schema = pyarrow.schema(list(zip(columns, types, strict=True)))
    rows = iter(rows)
    with pyarrow.parquet.ParquetWriter(file, schema) as writer:
        while group := list(itertools.islice(rows, _GROUP)):
            arrays = [
                pyarrow.array(column, kind)
                for column, kind in zip(zip(*group, strict=True), types, strict=True)
            ]
            writer.write_table(pyarrow.Table.from_arrays(arrays, schema=schema))


_WRITERS: dict[str, Callable] = {".csv": _write_csv, ".parquet": _write_parquet}
