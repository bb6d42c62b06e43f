"""Read an ECG from a CSV file whose header names the leads."""

import csv
from pathlib import Path

import numpy as np

from ecg_tf.data.lead_names import lead_name
from ecg_tf.data.records import Record
from ecg_tf.errors import RecordError
from ecg_tf.leads import LEADS, MILLIVOLT

_DELIMITERS = ",;\t"


def read_csv(path, sampling_rate, unit):
    """Read a CSV file: a header with a lead's name over each column, then a row per sample.

    Columns are separated by commas, semicolons or tabs; numbers have a decimal point. An empty
    cell is a missing sample. Columns whose name is no lead's, a time for example, may hold
    anything.

    Args:
        path: the file, UTF-8.
        sampling_rate: Hz; the file does not say it.
        unit: of every lead, one of `ecg_tf.leads.MILLIVOLT`; the file does not say it either.

    Returns:
        A `Record` with every column of the file, NaN where no number is.

    Raises:
        RecordError: rate or unit not given, a file that is missing or no such table, a header
            that names no lead, a cell below a lead's name that is not a number.
    """
    missing = [
        words
        for words, value in (
            ("sampling rate (-sampling_rate, in Hz)", sampling_rate),
            ("unit (-unit mV, for example)", unit),
        )
        if value is None
    ]
    if missing:
        raise RecordError(f"{path}: a CSV file does not say its {' nor its '.join(missing)}")
    names, table = _read_table(Path(path))
    ecg = np.column_stack(
        [_numbers(path, name, table[k]) for k, name in enumerate(names)],
    )
    return Record(
        name=str(path),
        ecg=ecg * MILLIVOLT[unit],
        leads=tuple(name.strip().upper() or "?" for name in names),
        sampling_rate=float(sampling_rate),
        simulated=False,
    )


def _read_table(path):
    """The column names and a DataFrame with columns from 0 on."""
    import pandas as pd

    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            header = file.readline()
            delimiter = max(_DELIMITERS, key=header.count)
            names = next(csv.reader([header], delimiter=delimiter, skipinitialspace=True), [])
            if not any(lead_name(name) in LEADS for name in names):
                raise RecordError(
                    f"{path}: its first row is {_shortened(header)!r}, expected the names of leads"
                )
            table = pd.read_csv(file, sep=delimiter, header=None, skipinitialspace=True)
    except OSError as error:
        raise RecordError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise RecordError(f"{path}: no text in UTF-8: {error.reason}") from error
    except pd.errors.EmptyDataError:
        raise RecordError(f"{path}: no samples below its header") from None
    except pd.errors.ParserError as error:
        raise RecordError(f"{path}: no table: {str(error).strip()}") from error
    if table.shape[1] != len(names):
        raise RecordError(
            f"{path}: {table.shape[1]} columns of samples below a header of {len(names)} names"
        )
    return names, table


def _numbers(path, name, column):
    """float64 (time,) of a column, NaN where it is empty, and all of it if it is no lead's."""
    import pandas as pd

    numbers = pd.to_numeric(column, errors="coerce").to_numpy(np.float64)
    wrong = np.flatnonzero(np.isnan(numbers) & column.notna().to_numpy())
    if wrong.size and lead_name(name) in LEADS:
        raise RecordError(
            f"{path}: sample {wrong[0] + 1} of {name.strip()} is "
            f"{_shortened(str(column[wrong[0]]))!r}, expected a number"
        )
    return numbers


def _shortened(text):
    text = text.strip()
    return text if len(text) <= 60 else f"{text[:59]}…"
