"""ECG files of all kinds."""

import functools
import importlib
import json

import device_files
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


def _digital():
    """Return the samples as devices store them, int (lead, time)."""
    return np.rint(_ecg().T * 200).astype(int)


def _make_device(folder, name, make, module):
    if module:
        importlib.import_module(module)
    (folder / name).write_bytes(make(_digital(), rate=100))


def _make_scp(folder):
    (folder / "ecg.scp").write_bytes(device_files.scp(_digital(), step=10_000))


def _make_arrays(folder, name):
    ecg, about = _ecg(), {"fs": 100, "unit": "mV", "leads": list(LEADS)}
    if name.endswith(".npz"):
        np.savez(folder / name, ecg=ecg, **about)
    elif name.endswith(".mat"):
        import scipy.io

        scipy.io.savemat(folder / name, {"ecg": {"data": ecg, **about}}, do_compression=True)
    else:
        import h5py

        with h5py.File(folder / name, "w") as file:
            file["ecg"] = ecg
            file.attrs.update(about)


def _make_npy(folder):
    np.save(folder / "ecg.npy", _ecg())
    about = {"sampling_rate": 100, "unit": "mV", "leads": LEADS}
    (folder / "ecg.json").write_text(json.dumps(about))


def _device(kind, name, make, module=None):
    """Return the kind of a file of a device, whose content is not protected by a checksum."""
    return Kind(
        kind,
        functools.partial(_make_device, name=name, make=make, module=module),
        functools.partial(_read, name),
        files={name: OPEN},
        share=0.5,
    )


def _arrays(kind, name):
    return Kind(
        kind,
        functools.partial(_make_arrays, name=name),
        functools.partial(_read, name),
        files={name: OPEN},
        names=("ecg",),  # a .mat file that is not there may be one of WFDB
        share=0.5,
    )


_BDF = functools.partial(device_files.edf, bits=24, physical=(-8388608, 8388607))

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
    Kind(
        "npy_ecg",
        _make_npy,
        lambda: _read("ecg.npy"),
        files={"ecg.npy": OPEN, "ecg.json": OPEN},
        names=("ecg.npy",),  # what the sidecar states is compared with the array
        share=0.5,
    ),
    _arrays("npz_ecg", "ecg.npz"),
    _arrays("matlab_ecg", "ecg.mat"),
    _arrays("hdf5_ecg", "ecg.h5"),
    _device("edf", "ecg.edf", device_files.edf, "edfio"),
    _device("bdf", "ecg.bdf", _BDF, "edfio"),
    _device("dicom", "ecg.dcm", device_files.dicom, "pydicom"),
    _device("aecg", "ecg.xml", device_files.aecg),
    _device("muse", "ecg.xml", device_files.muse),
    _device("philips", "ecg.xml", device_files.philips),
    Kind("scp", _make_scp, lambda: _read("ecg.scp"), files={"ecg.scp": SEALED}, share=0.5),
)
