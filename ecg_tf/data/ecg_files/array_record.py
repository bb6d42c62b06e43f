"""An ECG from a file of arrays (NPY, NPZ, MATLAB, HDF5), which may not state its rate or unit.

What the file itself does not state is taken from a sidecar, a JSON file of the same name, or from
the user. Nothing is guessed: what is stated nowhere is an error, as are statements that differ.
"""

import math
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from ecg_tf.data.ecg_files.file_kinds import SIDECAR
from ecg_tf.data.ecg_files.lead_names import lead_names
from ecg_tf.data.ecg_files.record import Record, record_of_leads
from ecg_tf.data.ecg_files.units import VOLTAGES, millivolt
from ecg_tf.errors import InputError, RecordError, quoted
from ecg_tf.files import read_json

# Names in a file, in lower case and without the names of the groups or structs around them.
_ECG = ("ecg", "signal", "signals", "data", "val")
_NAMES = {
    "sampling_rate": ("sampling_rate", "sampling_frequency", "fs", "sfreq", "frequency"),
    "unit": ("unit", "units"),
    "leads": ("leads", "lead_names", "sig_name", "channels", "channel_names"),
}
_LARGEST_SIDECAR = 2**20  # bytes
_MOST_LEADS = 1000
_LONGEST_NAME = 100  # characters
_MOST_NUMBERS = 2**26  # of an ECG: 512 MiB as float64


def array_record(
    path: str | os.PathLike,
    values: Mapping[str, np.ndarray],
    sampling_rate: float | None,
    unit: str | None,
    leads: Sequence[str] | None,
) -> Record:
    """Make a `Record` of the arrays in a file.

    The ECG is the array named ecg, signal, signals, data or val, or the only array of two axes, or
    the only array of numbers. Its axes may be in either order: the one whose length is the number
    of leads is that of the leads.

    Args:
        path: path of the file.
        values: {name: array of numbers or texts} of all that the file holds.
        sampling_rate: Hz, as the user stated it, or None.
        unit: unit as the user stated it, such as "mV", or None.
        leads: names of the leads in order, as the user stated them, or None.

    Returns:
        A `Record`.

    Raises:
        RecordError: no array or several may be the ECG, its sampling rate, unit or leads are
            stated nowhere or differently, or its shape does not fit its leads.

    Examples:
        >>> import numpy as np
        >>> from ecg_tf.data.ecg_files.array_record import array_record
        >>> values = {"ecg": np.zeros((2, 5000)), "fs": np.array(500), "unit": np.array("mV")}
        >>> record = array_record("ecg.npz", values, None, None, leads=["I", "II"])
        >>> record.ecg.shape, record.sampling_rate
        ((5000, 2), 500.0)
    """
    sidecar = Path(path).with_suffix(SIDECAR)
    beside = _beside(path, sidecar)
    given = {"sampling_rate": sampling_rate, "unit": unit, "leads": leads}
    sources = [
        *((f"its {name}", _by_name(values, name)) for name in values),
        (sidecar.name, {key: _array(beside[key]) for key in _NAMES if key in beside}),
        ("the flags", {key: np.asarray(given[key]) for key in given if given[key] is not None}),
    ]
    rate = _agreed(path, "sampling_rate", sources, _rate)
    units = _agreed(path, "unit", sources, _millivolt)
    names = _agreed(path, "leads", sources, _leads)
    missing = [
        words
        for words, value in (("sampling rate", rate), ("unit", units), ("leads", names))
        if value is None
    ]
    if missing:
        raise RecordError(
            f"{path}: does not state its {', '.join(missing)}; state what is missing by flags, "
            f"such as -sampling_rate 500 -unit mV -lead_names I,II,V1, or in a file {sidecar}: "
            '{"sampling_rate": 500, "unit": "mV", "leads": ["I", "II", "V1"]}'
        )
    if len(units) not in (1, len(names)):
        raise RecordError(f"{path}: {len(units)} units for {len(names)} leads")
    ecg = _by_lead(path, *_ecg(path, values), names)
    return record_of_leads(path, names, ecg * np.array(units)[:, None], rate)


def _array(value: object) -> np.ndarray:
    """Return a value of JSON as an array; a list may hold values of several types."""
    return np.array(value, object if isinstance(value, list | dict) else None)


def _by_name(values: Mapping[str, np.ndarray], name: str) -> dict[str, np.ndarray]:
    """Return {what it states: value} of one value in a file; {} if it states none of `_NAMES`."""
    last = _last_name(name)
    return {key: values[name] for key, names in _NAMES.items() if last in names}


def _last_name(name: str) -> str:
    return name.rpartition("/")[2].lower()


def _beside(path: str | os.PathLike, sidecar: Path) -> dict:
    """Read the sidecar of a file, {} if there is none."""
    try:
        return read_json(sidecar, _LARGEST_SIDECAR) if sidecar.exists() else {}
    except InputError as error:
        raise RecordError(f"{path}: its sidecar {error}") from error
    except OSError as error:
        raise RecordError(f"{path}: its sidecar cannot be read: {error.strerror}") from error


def _agreed(path: str | os.PathLike, key: str, sources: list, parse: Callable) -> object:
    """Return what all sources that state `key` state; None if none does.

    Raises:
        RecordError: two of them differ, or one states what cannot be parsed.
    """
    found = []
    for where, stated in sources:
        if key in stated:
            value = parse(stated[key])
            text = quoted(str(np.asarray(stated[key]).tolist()), 60)
            if isinstance(value, str):
                raise RecordError(f"{path}: {key} {text} by {where}, expected {value}")
            found.append((value, text, where))
    for value, text, where in found[1:]:
        if value != found[0][0]:
            raise RecordError(
                f"{path}: {key} {found[0][1]} by {found[0][2]}, but {text} by {where}"
            )
    return found[0][0] if found else None


def _rate(value: np.ndarray) -> float | str:
    """Parse a sampling rate; returns what is expected if it is not one."""
    rate = float(value.item()) if value.size == 1 and value.dtype.kind in "iuf" else math.nan
    return rate if rate > 0 and math.isfinite(rate) else "a positive number of Hz"


def _millivolt(value: np.ndarray) -> tuple[float, ...] | str:
    """Parse units, one or one a lead, as their sizes in millivolt."""
    sizes = [millivolt(text) for text in _texts(value) or ("",)]
    if len(set(sizes)) == 1:
        sizes = sizes[:1]
    return VOLTAGES if None in sizes else tuple(sizes)


def _leads(value: np.ndarray) -> tuple[str, ...] | str:
    """Parse the names of leads: a list, or one text with commas."""
    texts = _texts(value)
    if len(texts) == 1:
        texts = texts[0].split(",")
    names = tuple(lead_names(texts))
    good = names and all(0 < len(name) <= _LONGEST_NAME for name in names)
    return names if good else "names of leads, such as I,II,V1"


def _texts(value: np.ndarray) -> list[str]:
    """Return the texts in an array, [] if it holds anything else or far too many."""
    if value.size > _MOST_LEADS or value.dtype.kind not in "USO":
        return []
    texts = [
        text.decode("utf-8", "replace") if isinstance(text, bytes) else text
        for text in value.ravel().tolist()
    ]
    return [text.strip() for text in texts] if all(isinstance(t, str) for t in texts) else []


def _ecg(path: str | os.PathLike, values: Mapping[str, np.ndarray]) -> tuple[str, np.ndarray]:
    """Return the name and the array of the ECG."""
    numbers = {name: array for name, array in values.items() if array.dtype.kind in "iuf"}
    named = [name for name in numbers if _last_name(name) in _ECG]
    wide = [name for name, array in numbers.items() if array.ndim > 1 and min(array.shape[-2:]) > 1]
    found = named or wide or (list(numbers) if len(numbers) == 1 else [])
    if len(found) == 1:
        return found[0], numbers[found[0]]
    names = ", ".join(str(name)[:40] for name in (found or list(values))[:5])
    raise RecordError(
        f"{path}: {'several arrays that may be' if found else 'no array of'} an ECG"
        + (f" (found {names})" if names else "")
        + f"; expected one named {', '.join(_ECG[:-1])} or {_ECG[-1]}, or only one of two axes"
    )


def _by_lead(
    path: str | os.PathLike, name: str, array: np.ndarray, leads: Sequence[str]
) -> np.ndarray:
    """Return an array of numbers as float64 (lead, time)."""
    shape, count = array.shape, len(leads)
    if array.size > _MOST_NUMBERS:
        raise RecordError(f"{path}: {array.size} samples, expected at most {_MOST_NUMBERS}")
    if array.ndim == 1 and count == 1:
        array = array[None]
    elif array.ndim != 2 or shape.count(count) != 1:
        raise RecordError(
            f"{path}: its {name or 'array'} has the shape {shape}, expected {count} leads "
            f"({' '.join(leads)}) in one of two axes"
            + ("; store each record in a file of its own" if array.ndim > 2 else "")
        )
    elif shape[1] == count:
        array = array.T
    return array.astype(np.float64)
