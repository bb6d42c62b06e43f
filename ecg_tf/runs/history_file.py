"""Reading and writing history.csv of a run folder."""

import csv
import io
import math

import numpy as np

from ecg_tf.errors import InputError, quoted
from ecg_tf.files import read_text, write_atomically


def read_history(path, class_names):
    """Read and check history.csv.

    Args:
        path: pathlib.Path of the file.
        class_names: the classes of the run.

    Returns:
        {column: list of numbers, one for each epoch}.

    Raises:
        InputError: the file cannot be read, or `check_history` refuses it.
    """
    try:
        rows = list(csv.DictReader(io.StringIO(read_text(path), newline="")))
    except csv.Error as error:
        raise InputError(f"{path}: cannot be read: {error}") from error
    return check_history(rows, class_names, path)


def write_history(path, history):
    """Write history.csv, whole or not at all.

    Args:
        path: pathlib.Path of the file.
        history: a list of {column: number}, one for each epoch.
    """
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, history[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows(history)
    write_atomically(path, text.getvalue())


def check_history(rows, class_names, name):
    """Check the table of a run's epochs.

    Args:
        rows: a list of {column: text or number}, one for each epoch.
        class_names: the classes of the run.
        name: what errors call the file.

    Returns:
        {column: list of numbers, one per epoch}.

    Raises:
        InputError: no epoch, a missing column, a field that is no number, or a number other than an
            AUROC that is not finite.
    """
    columns = list(rows[0]) if rows else []
    wanted = ["epoch", "val_loss", "seconds", *(f"val_auroc_{label}" for label in class_names)]
    missing = [column for column in wanted if column not in columns]
    if missing:
        raise InputError(f"{name}: a history without {', '.join(missing)}, or without an epoch")
    history = {column: [] for column in columns}
    for number, row in enumerate(rows, start=1):
        if list(row) != columns:
            raise InputError(f"{name}: epoch {number} has other columns than the first")
        for column, value in row.items():
            try:
                value = float(value)
            except (TypeError, ValueError, OverflowError):
                value = None
            if value is None or not (math.isfinite(value) or column.startswith("val_auroc")):
                raise InputError(
                    f"{name}: epoch {number}: {quoted(str(column))} {quoted(str(row[column]))}, "
                    "expected a number"
                )
            history[column].append(value)
    if not np.array_equal(history["epoch"], np.arange(1, len(rows) + 1)):
        raise InputError(f"{name}: epochs {quoted(str(history['epoch']))}, expected 1, 2, …")
    return history
