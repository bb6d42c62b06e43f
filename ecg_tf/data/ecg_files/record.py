"""One ECG as its file holds it: the same for all file kinds."""

import dataclasses
import math
import os
from collections.abc import Sequence

import numpy as np

from ecg_tf.errors import RecordError


@dataclasses.dataclass(frozen=True)
class Record:
    """One ECG with the values, leads and sampling rate of its file.

    Attributes:
        name: path of the record as it was given, that of a WFDB record without its ending; errors
            begin with it.
        ecg: float64 (time, lead) millivolt; NaN where the file marks a sample as missing. A signal
            that is not one of the 12 leads may have another unit, that of its file.
        leads: upper-case lead names in the order of the file.
        sampling_rate: sampling rate, Hz.
        simulated: True if the comments of a WFDB header state that the ECG is simulated.

    Examples:
        >>> import numpy as np
        >>> from ecg_tf.data.ecg_files.record import Record
        >>> ecg = np.zeros((5000, 2))
        >>> record = Record("r", ecg, ("I", "II"), sampling_rate=500.0, simulated=False)
        >>> len(record.ecg) / record.sampling_rate  # seconds
        10.0
    """

    name: str
    ecg: np.ndarray
    leads: tuple[str, ...]
    sampling_rate: float
    simulated: bool


def record_of_leads(
    path: str | os.PathLike,
    names: Sequence[str],
    signals: Sequence[np.ndarray],
    sampling_rate: float,
) -> Record:
    """Return the `Record` of the leads in a file.

    Args:
        path: path of the file.
        names: names of the leads, in upper or lower case.
        signals: float (time,) millivolt for each lead; NaN is a missing sample.
        sampling_rate: Hz.

    Raises:
        RecordError: there are no leads or no samples, the leads differ in length, or the sampling
            rate is not a positive number.

    Examples:
        >>> import numpy as np
        >>> from ecg_tf.data.ecg_files.record import record_of_leads
        >>> record = record_of_leads("ecg.xml", ["I", "aVR"], np.zeros((2, 5000)), 500)
        >>> record.leads, record.ecg.shape
        (('I', 'AVR'), (5000, 2))
    """
    if not (sampling_rate > 0 and math.isfinite(sampling_rate)):
        raise RecordError(f"{path}: a sampling rate of {sampling_rate:g} Hz, expected more than 0")
    lengths = {len(signal): name for name, signal in zip(names, signals, strict=True)}
    if len(lengths) > 1:
        found = ", ".join(f"{name} {length}" for length, name in lengths.items())
        raise RecordError(f"{path}: leads of different lengths, in samples: {found}")
    if not any(lengths):
        raise RecordError(f"{path}: no ECG: {'no samples in its' if names else 'no'} leads")
    return Record(
        name=str(path),
        ecg=np.stack([np.asarray(signal, np.float64) for signal in signals], axis=1),
        leads=tuple(name.strip().upper() or "?" for name in names),
        sampling_rate=float(sampling_rate),
        simulated=False,
    )
