"""Read an ECG from a CSV file whose header names the leads."""

import math
import re

import numpy as np
from absl import logging

from ecg_tf.data.ecg_files.csv_table import read_table
from ecg_tf.data.ecg_files.csv_times import is_time, stated_rate
from ecg_tf.data.ecg_files.lead_names import lead_name
from ecg_tf.data.ecg_files.units import VOLTAGES, millivolt
from ecg_tf.data.ecg_files.wfdb_record import Record
from ecg_tf.errors import RecordError, quoted
from ecg_tf.leads import LEADS

_WITH_UNIT = re.compile(r"(.*?)\s*(?:\((.*)\)|\[(.*)\]|/\s*(\S+))")  # I (mV), II [uV], V1/mV


def read_csv(path, sampling_rate, unit):
    """Read a CSV file: a header with a lead's name over each column, then a row per sample.

    Columns are separated by commas, semicolons or tabs, and the file may be packed by gzip. An
    empty cell is a missing sample, as is a blank line in each lead, but for blank lines at the
    end. Numbers have a decimal point; a decimal comma is read where it can be nothing else. Units
    may stand behind the names, as in "I (mV)", or in a second row, as PhysioNet's rdsamp writes
    them; a column of times states the sampling rate. Other columns may hold anything.

    Args:
        path: the file, UTF-8.
        sampling_rate: Hz; None if the file states it.
        unit: of every lead, such as "mV", see `millivolt`; None if the file states it.

    Returns:
        A `Record` with every column of the file; those that are no lead's are NaN.

    Raises:
        RecordError: rate or unit neither given nor stated, or stated otherwise than given; a file
            that is missing, too large or no such table; a header that names no lead; a cell below
            a lead's name that is no number; times that are not evenly spaced.
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
        raise RecordError(f"{path}: a CSV file that does not say its {' nor its '.join(missing)}")
    ecg = np.full((len(numbers), len(names)), np.nan)
    ecg[:, leads] = numbers * scales
    return Record(
        name=str(path),
        ecg=ecg,
        leads=tuple(name.upper() or "?" for name in names),
        sampling_rate=float(rate),
        simulated=False,
    )


def _first_row(table):
    """The beginning of what should be names; hardly any of what is no table, as in other files."""
    return quoted(table.delimiter.join(table.names), 12 if len(table.names) > 1 else 3)


def _name_and_unit(text):
    """A column's name, and the unit behind it or None."""
    match = _WITH_UNIT.fullmatch(text)
    if not match or lead_name(text) in LEADS:
        return text, None
    name, *units = match.groups()
    known = lead_name(name) in LEADS or is_time(name)
    unit = next(filter(None, units), "").strip() or None
    return (name, unit) if known else (text, None)


def _row_of_units(table, leads):
    """The units in the row below the names, None for an empty one; () where it holds samples."""
    if not len(table.head):
        return ()
    row = [cell.strip(" '\"()[]") or None for cell in table.head.iloc[0]]
    return row if any(row[k] and millivolt(row[k]) for k in leads) else ()


def _same(path, name, behind, below):
    """The unit that is behind a column's name or below it."""
    if behind and below and millivolt(behind) != millivolt(below):
        raise RecordError(
            f"{path}: {name} is in {quoted(behind)} by its name, {quoted(below)} below"
        )
    return behind or below


def _scale(path, name, stated, unit):
    """How many millivolt a number below a lead's name is, None where nothing says it."""
    if stated is None:
        return unit and millivolt(unit)
    scale = millivolt(stated)
    if scale is None:
        raise RecordError(f"{path}: {name} is in {quoted(stated)}, expected {VOLTAGES}")
    if unit and millivolt(unit) != scale:
        raise RecordError(f"{path}: {name} is in {quoted(stated)}, but -unit says {unit}")
    return scale
