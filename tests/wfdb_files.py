"""Writing and reading WFDB records in tests."""

import numpy as np
import pytest
import wfdb

from ecg_tf.data.ecg_files.wfdb_record import read_record, standard_ecg
from ecg_tf.errors import RecordError

LEADS = ["I", "II", "III", "AVR", "AVL", "AVF", "V1", "V2", "V3", "V4", "V5", "V6"]
DIGITAL = np.random.default_rng(0).integers(-3000, 3000, (1000, 12)).astype(np.int16)


def write(
    folder,
    leads=LEADS,
    digital=DIGITAL,
    fs=100,
    unit="mV",
    gain=1000.0,
    baseline=0,
    physical=None,
):
    """Write the record `folder`/r by wfdb and return its path without ending.

    The samples are `physical`, float (time, lead) in `unit`, or by default `digital`, int16.
    """
    count = len(leads)
    wfdb.wrsamp(
        "r",
        fs=fs,
        units=[unit] * count,
        sig_name=list(leads),
        d_signal=digital[:, :count] if physical is None else None,
        p_signal=physical,
        fmt=["16"] * count,
        adc_gain=[gain] * count,
        baseline=[baseline] * count,
        write_dir=str(folder),
    )
    return folder / "r"


def edit_header(path, old, new, count=-1):
    header = path.with_name("r.hea")
    text = header.read_text("utf-8")
    assert old in text
    header.write_text(text.replace(old, new, count), "utf-8")


def standard(path):
    return standard_ecg(read_record(path))


def refused(path):
    """Return the message of the RecordError, which must begin with the name of the record."""
    with pytest.raises(RecordError) as error:
        standard_ecg(read_record(path, name="records100/00000/00021_lr"))
    message = str(error.value)
    assert message.startswith("records100/00000/00021_lr: ")
    return message.removeprefix("records100/00000/00021_lr: ")
