"""Kinds of files, and errors for files and folders that are not an ECG."""

import gzip
import io
import zipfile

import h5py
import matplotlib.image
import numpy as np
import pytest
import scipy.io

from ecg_tf.data.any_ecg import read_any
from ecg_tf.data.ecg_files.file_kinds import (
    ARRAYS,
    is_csv,
    kind_of,
    one_name_each,
    takes_statements,
    wfdb_name,
)
from ecg_tf.errors import RecordError


def refused(path):
    with pytest.raises(RecordError) as error:
        read_any(path)
    message = str(error.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message.removeprefix(f"{path}: ")


def test_csv_file_is_recognised_by_its_ending():
    assert all(map(is_csv, ("a.csv", "a/b.CSV", "a.tsv", "a.csv.gz", "a.TSV.GZ")))
    assert not any(map(is_csv, ("a", "a.csv/b", "a.gz", "a.txt", "csv", "a.csv.zip")))


def test_wfdb_record_is_named_without_its_ending():
    names = [str(wfdb_name(f"a/r.1{end}")) for end in ("", ".hea", ".dat", ".mat", ".HEA", ".xyz")]
    assert names == ["a/r.1"] * 6
    assert str(wfdb_name("a/r.edf")) == "a/r.edf"


def test_files_of_one_record_give_one_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = ["a/r.dat", "a/r.hea", "a/r.mat", "a/r", "r.hea", f"{tmp_path}/a/r.xyz", "a/r.csv"]
    assert list(one_name_each(names)) == ["a/r.dat", "r.hea", "a/r.csv"]
    arrays = ["a.json", "a.npy", "b.h5", "b.json", "c.json", "c.csv"]
    assert list(one_name_each(arrays)) == ["a.npy", "b.h5", "c.json", "c.csv"]
    assert list(one_name_each(["r", "r", "x.csv", "x.csv.gz"])) == ["r", "r", "x.csv", "x.csv.gz"]


# Files of other kinds


def hdf5():
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file["ecg"] = np.zeros((10, 12))
    return buffer.getvalue()


def written_by(write, *args, **kwargs):
    buffer = io.BytesIO()
    write(buffer, *args, **kwargs)
    return buffer.getvalue()


def zipped(name):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr(name, "x")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("e.gdf", b"GDF 2.10" + bytes(500), "GDF"),
        ("renamed", b"GDF 2.10" + bytes(500), "GDF"),
        ("e.edf", b"x" * 99, "text, not EDF as its name says"),
        ("e.bdf", bytes(99), "a file of unknown kind, not BDF as its name says"),
        ("e.dcm", b"%PDF-1.7", "PDF, not DICOM as its name says"),
        ("e.xml", b"<!DOCTYPE html><html>", "HTML, not XML as its name says"),
        ("e.npz", zipped("r.hea"), "ZIP"),
        ("e.mat", b"x" * 99, "text, not MATLAB as its name says"),
        ("e.txt", b"<!DOCTYPE html><html>", "HTML"),
        ("e.xlsx", zipped("xl/workbook.xml"), "XLSX"),
        ("e.zip", zipped("r.hea"), "ZIP"),
        ("e.pdf", b"%PDF-1.7", "PDF"),
        ("e.png", written_by(matplotlib.image.imsave, np.zeros((2, 2)), format="png"), "an image"),
        ("e.gz", gzip.compress(b"x", mtime=0), "gzip"),
        ("e.atr", bytes(20), "WFDB annotations"),
        ("LICENSE", b"Permission is hereby granted", "text"),
        ("SHA256SUMS.txt", b"0123 r.hea", "text"),
        ("e.bin", bytes(20), "a file of unknown kind"),
        ("e.edf", b"", "an empty file"),
        ("RECORDS", b"100\n101\n", "a list of records"),
        ("e.dat", bytes(20), "no header "),
    ],
)
def test_error_names_the_kind_of_another_file(tmp_path, name, content, kind):
    (tmp_path / name).write_bytes(content)
    message = refused(tmp_path / name)
    assert message.startswith(kind)
    assert "expected a WFDB record (.hea with its .dat or .mat), a CSV file (.csv" in message


@pytest.mark.parametrize(
    ("content", "kind", "ending"),
    [
        (b"0       X X X X" + bytes(500), "EDF", ".edf"),
        (b"\xffBIOSEMI" + bytes(500), "BDF", ".bdf"),
        (bytes(128) + b"DICM" + bytes(200), "DICOM", ".dcm"),
        (bytes(16) + b"SCPECG" + bytes(99), "SCP-ECG", ".scp"),
        (b'<?xml version="1.0"?><AnnotatedECG/>', "XML", ".xml"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>", "XML", ".xml"),
        ("<?xml version='1.0' encoding='utf-16'?>".encode("utf-16"), "XML", ".xml"),
        (hdf5(), "HDF5", ".h5"),
        (written_by(np.save, np.zeros((1000, 12))), "NPY", ".npy"),
        (written_by(np.savez, a=np.zeros(3)), "NPZ", ".npz"),
        (written_by(np.savez_compressed, a=np.zeros(3)), "NPZ", ".npz"),
        (written_by(scipy.io.savemat, {"val": np.zeros(3)}), "MATLAB", ".mat"),
    ],
)
def test_kind_of_a_record_is_that_of_its_content(tmp_path, content, kind, ending):
    for name in (f"e{ending}", "e", "e.txt", "e.csv", "e.dcm", "e.npy", "e.dat", "e.H5"):
        (tmp_path / name).write_bytes(content)
        assert kind_of(tmp_path / name) == kind
        assert takes_statements(tmp_path / name) == (kind in ARRAYS)


def test_kind_of_a_record_without_a_mark_is_that_of_its_ending(tmp_path):
    (tmp_path / "e.csv").write_text("I,II\n1,2\n")
    scipy.io.savemat(tmp_path / "e.mat", {"val": np.zeros((12, 99))}, format="4")
    assert kind_of(tmp_path / "e.csv") == "CSV"
    assert kind_of(tmp_path / "e.mat") == "MATLAB"
    names = ("none.csv", "none.edf", "none.npz", "none.mat", "none.dat", "none")
    kinds = ["CSV", "EDF", "NPZ", "WFDB", "WFDB", "WFDB"]
    assert [kind_of(tmp_path / name) for name in names] == kinds
    (tmp_path / "e.hea").write_text("")
    assert kind_of(tmp_path / "e.mat") == kind_of(tmp_path / "e") == "WFDB"


def test_error_names_annotations_beside_a_record(tmp_path):
    for name in ("1.hea", "1.avr", "1.xws", "1.pdf"):
        (tmp_path / name).write_bytes(bytes(20))
    beside = f"annotations or another file beside the record {tmp_path}/1, expected "
    assert refused(tmp_path / "1.avr").startswith(beside)
    assert refused(tmp_path / "1.xws").startswith(beside)
    assert refused(tmp_path / "1.pdf").startswith("PDF, expected ")


def test_error_lists_the_records_in_a_folder(tmp_path):
    assert refused(tmp_path).startswith("a folder without records, expected a WFDB record")
    below = tmp_path / "records100" / "00000"
    below.mkdir(parents=True)
    for name in ("a.hea", "a.dat", "b.hea", "b.dat", "c.csv"):
        (below / name).write_text("")
    found = f"a folder with 2 WFDB records and 1 CSV file in {below}; name records, such as "
    assert refused(tmp_path) == f"{found}{below}/*.hea"
    (tmp_path / "e.tsv.gz").write_text("")
    assert refused(tmp_path) == (
        f"a folder with 1 CSV file in it; name records, such as {tmp_path}/e.tsv.gz"
    )
    for name in ("b.mat", "c.mat", "d.dcm", "notes.txt"):
        (below / name).write_text("")
    assert refused(below).startswith(
        "a folder with 2 WFDB records and 1 CSV file and 2 other ECG files in it; name records"
    )
    (tmp_path / "only").mkdir()
    (tmp_path / "only" / "d.dcm").write_text("")
    found = f"a folder with 1 other ECG file in it; name records, such as {tmp_path}/only/d.dcm"
    assert refused(tmp_path / "only") == found
    assert refused(f"{tmp_path}/x/..").startswith("no header ")


def test_impossible_paths_are_refused(tmp_path):
    assert "no header" in refused(tmp_path / "none")
    assert "cannot be read: File name too long" in refused(tmp_path / ("e" * 300))
    (tmp_path / "loop").symlink_to("loop")
    assert refused(tmp_path / "loop")
