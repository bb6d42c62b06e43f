"""ECG files: WFDB records and CSV files."""

import numpy as np

from ecg_tf.data.synthetic import simulate_ecg
from ecg_tf.errors import RecordError
from ecg_tf.leads import LEADS
from fuzz.case import OPEN, SEALED, Kind


def _ecg():
    return simulate_ecg(("MI",), np.random.default_rng(0)).astype(np.float64)


def _read(path, **about):
    from ecg_tf.data.any_ecg import read_any, windows

    record = read_any(path, **about)
    found = list(windows(record, LEADS))
    for window in found:
        if isinstance(window, RecordError):
            raise window
    return [record.leads, record.sampling_rate, *(window.ecg for window in found)]


def _make_wfdb(folder):
    """Write a record with two signal files."""
    digital = np.rint(_ecg() * 1000).astype("<i2")
    lines = ["ecg 12 100 1000 12:00:00 01/02/2003"]
    for file, columns in (("ecg_a.dat", range(6)), ("ecg_b.dat", range(6, 12))):
        (folder / file).write_bytes(digital[:, columns].tobytes())
        for column in columns:
            total = int(digital[:, column].sum(dtype=np.int64)) % 65536
            about = f"1000.0(0)/mV 16 0 {digital[0, column]} {total} 0 {LEADS[column]}"
            lines.append(f"{file} 16 {about}")
    (folder / "ecg.hea").write_text("\n".join([*lines, "# a comment"]) + "\n")


def _make_csv(folder):
    """Write a CSV file with a column of times."""
    rows = [",".join(("time", *LEADS))]
    for k, sample in enumerate(_ecg()):
        rows.append(f"{k / 100:.2f}," + ",".join(f"{value:.3f}" for value in sample))
    (folder / "ecg.csv").write_text("\n".join(rows) + "\n")


KINDS = (
    Kind(
        "wfdb",
        _make_wfdb,
        lambda: _read("ecg"),
        files={"*.hea": OPEN, "*.dat": SEALED},
        names=("ecg",),
        share=3.0,
    ),
    Kind(
        "csv_ecg",
        _make_csv,
        lambda: _read("ecg.csv", sampling_rate=100.0, unit="mV"),
        files={"ecg.csv": OPEN},
        share=2.0,
    ),
)
