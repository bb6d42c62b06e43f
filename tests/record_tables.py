"""Tables of simulated records in several file kinds."""

import functools

import numpy as np
import pandas as pd
import wfdb

from ecg_tf.data.synthetic.simulator import simulate_ecg

LEADS = ["I", "II", "III", "AVR", "AVL", "AVF", "V1", "V2", "V3", "V4", "V5", "V6"]
KINDS = ("dat", "csv", "npz")


@functools.lru_cache
def simulated(classes, seed):
    """A simulated ECG, float32 (1000, 12) millivolt at 100 Hz in whole microvolt."""
    ecg = simulate_ecg(classes, np.random.default_rng(seed))
    return (np.rint(ecg * 1000) / 1000).astype(np.float32)


def write_record(folder, name, kind, ecg, rate=100, leads=LEADS):
    """Write an ECG in millivolt, (time, lead), and return its path relative to `folder`."""
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    if kind == "dat":
        wfdb.wrsamp(
            (folder / name).name,
            fs=rate,
            units=["mV"] * len(leads),
            sig_name=leads,
            d_signal=np.rint(ecg * 1000).astype(np.int16),
            fmt=["16"] * len(leads),
            adc_gain=[1000.0] * len(leads),
            baseline=[0] * len(leads),
            write_dir=str((folder / name).parent),
        )
        return name
    if kind == "csv":
        frame = pd.DataFrame(np.rint(ecg * 1000).astype(int), columns=[f"{x} (uV)" for x in leads])
        frame.insert(0, "time (s)", np.arange(len(ecg)) / rate)
        frame.to_csv(folder / f"{name}.csv", index=False)
    else:
        np.savez(folder / f"{name}.npz", ecg=ecg, fs=rate, unit="mV", leads=leads)
    return f"{name}.{kind}"


def write_table(folder, records=24, **columns):
    """Write a table of records of all kinds with the classes A (MI) and B (HYP).

    Two records in succession are of the same patient. Records of one class, of the other, of both
    and of none take turns.

    Args:
        folder: pathlib.Path of the folder to write to.
        records: number of records.
        columns: further columns of the table.

    Returns:
        The table as a DataFrame, as it is in `folder`/table.csv.
    """
    a = np.arange(records) % 2
    b = np.arange(records) // 2 % 2
    names = []
    for k in range(records):
        classes = tuple(name for name, one in (("MI", a[k]), ("HYP", b[k])) if one)
        kind = KINDS[k % len(KINDS)]
        names.append(write_record(folder, f"ecgs/{k}", kind, simulated(classes, k)))
    frame = pd.DataFrame(
        {
            **{"record": names, "patient": [f"p{k // 2}" for k in range(records)]},
            **{"B": b, "A": a, "simulated": 1, "age": 40 + np.arange(records) % 50},
            **columns,
        }
    )
    frame.to_csv(folder / "table.csv", index=False)
    return frame
