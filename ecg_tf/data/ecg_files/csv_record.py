"""Reading an ECG from a CSV file with a header of lead names."""

import math
import os
import re
from collections.abc import Sequence

import numpy as np
from absl import logging

from ecg_tf.data.ecg_files.csv_table import Table, read_table
from ecg_tf.data.ecg_files.csv_times import is_time, stated_rate
from ecg_tf.data.ecg_files.lead_names import lead_name
from ecg_tf.data.ecg_files.record import Record
from ecg_tf.data.ecg_files.units import VOLTAGES, millivolt
from ecg_tf.errors import RecordError, quoted
from ecg_tf.leads import LEADS

_WITH_UNIT = re.compile(r"(.*?)\s*(?:\((.*)\)|\[(.*)\]|/\s*(\S+))")  # I (mV), II [uV], V1/mV


def read_csv(path: str | os.PathLike, sampling_rate: float | None, unit: str | None) -> Record:
    r"""Read a CSV file with a header of lead names and one row per sample.

    Columns are separated by commas, semicolons or tabs, and the file may be compressed by gzip. An
    empty cell is a missing sample. A blank line is a missing sample in every lead; blank lines at
    the end of a file with several columns are ignored. Numbers have a decimal point; a decimal
    comma is accepted where it cannot be anything else. Units may follow the names, as in "I (mV)",
    or fill a second row, as PhysioNet's rdsamp writes them. A column of times states the sampling
    rate. Other columns may hold anything.

    Args:
        path: the file, in UTF-8.
        sampling_rate: Hz; None if the file states it.
        unit: unit of every lead, such as "mV" (see `millivolt`); None if the file states it.

    Returns:
        A `Record` with every column of the file; columns that are not a lead are NaN.

    Raises:
        RecordError: the sampling rate or the unit is neither given nor stated in the file, or the
            two contradict each other; the file is missing, too large or not such a table; the
            header names no lead; a cell of a lead is not a number; the times are not evenly spaced.

    Examples:
        >>> import pathlib, tempfile
        >>> from ecg_tf.data.ecg_files.csv_record import read_csv
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = pathlib.Path(folder) / "ecg.csv"
        ...     _ = file.write_text("time (s),II (uV)\n0.000,100\n0.002,200\n0.004,300\n")
        ...     record = read_csv(file, None, None)
        >>> record.sampling_rate, record.ecg[:, 1].tolist()  # millivolt
        (500.0, [0.1, 0.2, 0.3])
    """
    if sampling_rate is not None and not (sampling_rate > 0 and math.isfinite(sampling_rate)):
        raise RecordError(f"{path}: -sampling_rate {sampling_rate}, expected a number of Hz")
    if unit is not None and millivolt(unit) is None:
        raise RecordError(f"{path}: -unit {quoted(unit)}, expected {VOLTAGES}")
    table = read_table(path)
    names, units = zip(*map(_name_and_unit, table.names), strict=True)
    leads = [k for k, name in enumerate(names) if lead_name(name) in LEADS]
    if not leads:
        raise RecordError(
            f"{path}: its first row is {_first_row(table)}, expected the names of leads"
        )
    row = _row_of_units(table, leads)
    if row:
        table = table.below(1)
        units = [_same(path, name, *pair) for name, *pair in zip(names, units, row, strict=True)]
    scales = [_scale(path, names[k], units[k], unit) for k in leads]
    if table.check_end() and len(names) - 1 in leads:
        logging.warning("%s: no line end, and its last number may be cut off", path)

    times = [k for k, name in enumerate(names) if k not in leads and is_time(name)]
    numbers, cells = table.read(leads, times)
    rates = [
        stated_rate(path, names[k], units[k], column, sampling_rate)
        for k, column in zip(times, cells, strict=True)
    ]
    rate = sampling_rate or next(filter(None, rates), None)
    missing = [
        words
        for words, value in (
            ("sampling rate (-sampling_rate, in Hz)", rate),
            ("unit (-unit mV, for example)", None not in scales or None),
        )
        if value is None
    ]
    if missing:
        raise RecordError(f"{path}: a CSV file that does not state its {' nor its '.join(missing)}")
    ecg = np.full((len(numbers), len(names)), np.nan)
    ecg[:, leads] = numbers * scales
    return Record(
        name=str(path),
        ecg=ecg,
        leads=tuple(name.upper() or "?" for name in names),
        sampling_rate=float(rate),
        simulated=False,
    )


def _first_row(table: Table) -> str:
    """Quote the beginning of the first row, or very little of it if the file is not a table."""
    return quoted(table.delimiter.join(table.names), 12 if len(table.names) > 1 else 3)


def _name_and_unit(text: str) -> tuple[str, str | None]:
    """Split the header of a column into its name and its unit, which is None if not stated."""
    match = _WITH_UNIT.fullmatch(text)
    if not match or lead_name(text) in LEADS:
        return text, None
    name, *units = match.groups()
    known = lead_name(name) in LEADS or is_time(name)
    unit = next(filter(None, units), "").strip() or None
    return (name, unit) if known else (text, None)


def _row_of_units(table: Table, leads: list[int]) -> Sequence[str | None]:
    """Return the units in the row below the names, None for an empty cell; () if it has samples."""
    if not len(table.head):
        return ()
    row = [cell.strip(" '\"()[]") or None for cell in table.head.iloc[0]]
    return row if any(row[k] and millivolt(row[k]) for k in leads) else ()


def _same(path: str | os.PathLike, name: str, behind: str | None, below: str | None) -> str | None:
    """Return the unit that follows a column's name or stands below it."""
    if behind and below and millivolt(behind) != millivolt(below):
        raise RecordError(
            f"{path}: {name} is in {quoted(behind)} by its name, {quoted(below)} below"
        )
    return behind or below


def _scale(
    path: str | os.PathLike, name: str, stated: str | None, unit: str | None
) -> float | None:
    """Return the size of a lead's unit in millivolt; None if the unit is not known."""
    if stated is None:
        return unit and millivolt(unit)
    scale = millivolt(stated)
    if scale is None:
        raise RecordError(f"{path}: {name} is in {quoted(stated)}, expected {VOLTAGES}")
    if unit and millivolt(unit) != scale:
        raise RecordError(f"{path}: {name} is in {quoted(stated)}, but -unit is {unit}")
    return scale
