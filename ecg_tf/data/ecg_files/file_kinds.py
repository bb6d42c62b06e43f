"""Recognising the kind of a file from its content and its ending."""

import os
from pathlib import Path

from ecg_tf.errors import RecordError

ARRAYS = ("NPY", "NPZ", "MATLAB", "HDF5")  # need not state their rate, unit and leads
_DEVICES = ("EDF", "BDF", "DICOM", "SCP-ECG", "XML")
READABLE = (
    "a WFDB record (.hea with its .dat or .mat), a CSV file (.csv or .tsv, also with .gz behind), "
    "or a file of NPY, NPZ, MATLAB, HDF5, EDF, BDF, DICOM, SCP-ECG, HL7 aECG, GE Muse or Philips"
)
_CSV = (".csv", ".tsv", ".csv.gz", ".tsv.gz")
_WFDB = (".hea", ".dat", ".mat", ".xyz")  # a header, and its signal files
SIDECAR = ".json"  # states what a file of arrays of the same name does not
_LIST = "RECORDS"  # the file of PhysioNet with the names of all records
_MOST_ENTRIES = 100_000  # of a folder that is searched for records

# (offset, bytes that a file of this kind has there, kind)
_CONTENT = (
    (0, b"0       ", "EDF"),
    (0, b"\xffBIOSEMI", "BDF"),
    (0, b"GDF ", "GDF"),
    (128, b"DICM", "DICOM"),
    (16, b"SCPECG", "SCP-ECG"),
    (0, b"ISHNE1.0", "ISHNE"),
    (0, b"\x89HDF\r\n\x1a\n", "HDF5"),
    (0, b"MATLAB ", "MATLAB"),
    (0, b"\x93NUMPY", "NPY"),
    (0, b"PAR1", "Parquet"),
    (0, b"SQLite format 3", "SQLite"),
    (0, b"%PDF", "PDF"),
    (0, b"\x89PNG", "an image (PNG)"),
    (0, b"\xff\xd8\xff", "an image (JPEG)"),
    (0, b"GIF8", "an image (GIF)"),
    (0, b"II*\0", "an image (TIFF)"),
    (0, b"MM\0*", "an image (TIFF)"),
    (0, b"PK\3\4", "ZIP"),
    (0, b"\xd0\xcf\x11\xe0", "XLS or another file of Microsoft Office"),
    (0, b"\x1f\x8b", "gzip"),
    (0, b"BZh", "bzip2"),
    (0, b"\xfd7zXZ", "xz"),
    (0, b"\x28\xb5\x2f\xfd", "Zstandard"),
    (0, b"7z\xbc\xaf", "7-Zip"),
    (257, b"ustar", "tar"),
    (0, b"\xff\xfe", "text in UTF-16"),
    (0, b"\xfe\xff", "text in UTF-16"),
)
_ENDINGS = {
    ".edf": "EDF",
    ".bdf": "BDF",
    ".gdf": "GDF",
    ".dcm": "DICOM",
    ".xml": "XML",
    ".scp": "SCP-ECG",
    ".ecg": "ISHNE or another device's own format",
    ".mwf": "MFER",
    ".h5": "HDF5",
    ".hdf5": "HDF5",
    ".mat": "MATLAB",
    ".npy": "NPY",
    ".npz": "NPZ",
    ".xlsx": "XLSX",
    ".xls": "XLS",
    ".ods": "ODS",
    ".zip": "ZIP",
    ".pdf": "PDF",
    ".json": "JSON",
    ".html": "HTML",
    ".parquet": "Parquet",
    ".pkl": "a pickle",
    ".atr": "WFDB annotations",
    ".qrs": "WFDB annotations",
    ".ann": "WFDB annotations",
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".gif", ".tif", ".tiff", ".bmp"), "an image"),
}
_RECORDS = {".hea", *(end for end, kind in _ENDINGS.items() if kind in (*ARRAYS, *_DEVICES))}
_INSIDE_ZIP = {".xlsx": "XLSX", ".ods": "ODS"}
_ZIP_NAME = 30  # bytes before the name of the first member of a ZIP file
_UNKNOWN = "a file of unknown kind", "text"  # with and without a NUL in it
_START = 600  # bytes that are read to recognise a file


def is_csv(path):
    """Return True for the name of a CSV file: .csv, .tsv, .csv.gz or .tsv.gz."""
    return str(path).lower().endswith(_CSV)


def _ending(path):
    return Path(path).suffix.lower()


def names_a_record(path):
    """Return True for a file name with an ending of a readable kind, such as .hea or .csv."""
    return is_csv(path) or _ending(path) in _RECORDS


def wfdb_name(path):
    """Return the name of the WFDB record: `path` without .hea, .dat, .mat or .xyz."""
    path = Path(path)
    return path.with_suffix("") if path.suffix.lower() in _WFDB else path


def one_name_each(paths):
    """Drop the further files of a record from `paths`, keeping the first of each record.

    The pattern folder/* in a shell expands to the header and the signal files of each WFDB record,
    and to the sidecars of arrays. A path that is repeated in the same spelling is kept each time.
    """
    first, paths = {}, list(paths)
    arrays = {Path(p).with_suffix("") for p in paths if _ENDINGS.get(_ending(p)) in ARRAYS}
    for path in paths:
        if _ending(path) == SIDECAR and Path(path).with_suffix("") in arrays:
            continue
        record = Path(path if is_csv(path) else wfdb_name(path)).absolute()
        if first.setdefault(record, str(path)) == str(path):
            yield path


def kind_of(path):
    """Return the kind of the record at a path: by its content first, then by its ending.

    Args:
        path: path of a record, with or without the ending of a WFDB record.

    Returns:
        "WFDB", "CSV", one of `ARRAYS`, "EDF", "BDF", "DICOM", "SCP-ECG" or "XML". A path that does
        not exist has the kind of its ending, or is "WFDB".

    Raises:
        RecordError: a folder, or a file of another kind; the message names the kind.
    """
    path = Path(path)
    ending = path.suffix.lower()
    try:
        if Path(f"{wfdb_name(path)}.hea").is_file() and not is_csv(path):
            return "WFDB"
        if path.is_dir():
            raise RecordError(f"{path}: {_folder(path)}")
        if not path.is_file():
            by_ending = "CSV" if is_csv(path) else _ENDINGS.get(ending)
            missing = ending not in _WFDB and by_ending in ("CSV", *ARRAYS, *_DEVICES)
            return by_ending if missing else "WFDB"
        with path.open("rb") as file:
            start = file.read(_START)
    except OSError as error:
        raise RecordError(f"{path}: cannot be read: {error.strerror}") from error
    kind = _kind_of_content(start)
    if kind in (*ARRAYS, *_DEVICES):
        return kind
    if is_csv(path):  # whose reader describes what else the file may be
        return "CSV"
    if ending == ".mat" and kind is None and b"\0" in start:  # version 4, which has no mark
        return "MATLAB"
    hint = "; name the records that it lists" if path.name == _LIST else ""
    raise RecordError(f"{path}: {_description(path, kind, start)}, expected {READABLE}{hint}")


def takes_statements(path):
    """Return True for a file that need not state its sampling rate and unit itself."""
    try:
        return kind_of(path) in ("CSV", *ARRAYS)
    except RecordError:
        return False


def kind_by_content(start):
    """Return the kind of a file that begins with the bytes `start`; None if not recognised."""
    return next(
        (kind for place, mark, kind in _CONTENT if start[place : place + len(mark)] == mark), None
    )


def _kind_of_content(start):
    """Return the kind of a file that begins with the bytes `start`, also of XML, HTML and NPZ."""
    kind = kind_by_content(start)
    if kind == "ZIP":
        name = start[_ZIP_NAME : _ZIP_NAME + int.from_bytes(start[26:28], "little")]
        return "NPZ" if name.endswith(b".npy") else kind
    if kind == "text in UTF-16":
        text = start[: len(start) // 2 * 2].decode("utf-16", "replace").lstrip()
        return "XML" if text.startswith("<") else kind
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not kind and text.startswith(b"<"):
        return "HTML" if text.startswith((b"<!doctype html", b"<html")) else "XML"
    return kind


def _description(path, kind, start):
    """Describe a file that is not an ECG."""
    if path.name == _LIST:
        return "a list of records"
    if not start:
        return "an empty file"
    ending = path.suffix.lower()
    if not kind and ending in (".hea", ".dat", ".xyz"):
        return f"no header {wfdb_name(path)}.hea beside it"
    if kind == "ZIP":
        return _INSIDE_ZIP.get(ending, kind)
    expected, unknown = _ENDINGS.get(ending), _UNKNOWN[b"\0" not in start]
    if expected in (*ARRAYS, *_DEVICES):
        return f"{kind or unknown}, not {expected} as its name says"
    kind = kind or expected or unknown
    if kind in _UNKNOWN and path.with_suffix(".hea").is_file():
        return f"annotations or another file beside the record {path.with_suffix('')}"
    return kind


def _folder(path):
    """Describe a folder: the number of records in it, and how to name them."""
    entries = 0
    for folder, folders, files in os.walk(path):
        folders.sort()
        entries += len(files) + len(folders)
        headers = [name for name in files if name.endswith(".hea")]
        tables = [name for name in files if is_csv(name)]
        signals = {name.removesuffix(".hea") for name in headers}
        others = [
            name
            for name in files
            if _ENDINGS.get(_ending(name)) in (*ARRAYS, *_DEVICES)
            and Path(name).stem not in signals
        ]
        if headers or tables or others:
            kinds = ((headers, "WFDB record"), (tables, "CSV file"), (others, "other ECG file"))
            found = [
                f"{len(names)} {words}{'s' if len(names) > 1 else ''}"
                for names, words in kinds
                if names
            ]
            where = "in it" if Path(folder) == path else f"in {folder}"
            names = Path(folder) / ("*.hea" if headers else min(tables or others))
            return f"a folder with {' and '.join(found)} {where}; name records, such as {names}"
        if entries > _MOST_ENTRIES:
            break
    return f"a folder without records, expected {READABLE}"
