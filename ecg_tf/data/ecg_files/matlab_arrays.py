"""Reading the variables in MATLAB files: versions 4, 5 to 7 (by scipy) and 7.3 (HDF5)."""

import io
import os
import zlib

import numpy as np

from ecg_tf.data.ecg_files.hdf5_arrays import parse_hdf5
from ecg_tf.data.ecg_files.numpy_arrays import MOST_BYTES, content_of
from ecg_tf.errors import RecordError

_HEAD_5 = 128  # bytes of the header of version 5 to 7
_COMPRESSED = 15  # miCOMPRESSED, the type of a compressed variable
_DEEPEST = 4  # structs in structs


def read_matlab(path: str | os.PathLike) -> dict[str, np.ndarray]:
    """Read all variables in a MATLAB file.

    Args:
        path: the file.

    Returns:
        {name: array of numbers or texts}; a field of a struct is named "struct/field".

    Raises:
        RecordError: the file cannot be read, is damaged, or unpacks to more than 512 MiB.
    """
    content = content_of(path)
    if content.startswith(b"MATLAB 7.3 "):
        return parse_hdf5(path, content)
    import scipy.io

    if content.startswith(b"MATLAB "):
        _check_unpacked_size(path, content)
    try:
        variables = scipy.io.loadmat(io.BytesIO(content), chars_as_strings=True)
    except RecordError:
        raise
    except Exception as error:  # scipy raises many kinds of errors
        raise RecordError(
            f"{path}: cannot be read as a MATLAB file: {type(error).__name__}: {error!s:.80}"
        ) from error
    found = {}
    for name, value in variables.items():
        if not name.startswith("__"):
            _collect(found, name, value, _DEEPEST)
    return found


def _check_unpacked_size(path: str | os.PathLike, content: bytes) -> None:
    """Check that the compressed variables in a file unpack to at most 512 MiB."""
    order = {b"IM": "little", b"MI": "big"}.get(content[126:128], "little")
    start, left = _HEAD_5, MOST_BYTES
    while start + 8 <= len(content):
        kind, size = (int.from_bytes(content[k : k + 4], order) for k in (start, start + 4))
        if kind == _COMPRESSED:
            unpacker, packed = zlib.decompressobj(), content[start + 8 : start + 8 + size]
            while packed and not unpacker.eof and left >= 0:
                try:
                    left -= len(unpacker.decompress(packed, 2**20))
                except zlib.error as error:
                    raise RecordError(f"{path}: a damaged MATLAB file: {error}") from error
                packed = unpacker.unconsumed_tail
        if left < 0:
            raise RecordError(f"{path}: unpacks to more than {MOST_BYTES} bytes")
        start += 8 + size


def _collect(found: dict, name: str, value: np.ndarray, depth: int) -> None:
    """Add an array, the fields of a struct, or the texts in a cell array to `found`."""
    if not isinstance(value, np.ndarray):
        return
    if value.dtype.names and value.size == 1 and depth:
        for field in value.dtype.names:
            _collect(found, f"{name}/{field}", value.ravel()[0][field], depth - 1)
    elif value.dtype.kind == "O":
        cells = [cell.ravel()[0] for cell in value.ravel() if getattr(cell, "size", 0) == 1]
        if cells and len(cells) == value.size and all(isinstance(cell, str) for cell in cells):
            found[name] = np.array([str(cell) for cell in cells])
    elif value.dtype.kind in "iufU":
        found[name] = value
