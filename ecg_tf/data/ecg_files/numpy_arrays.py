"""Reading the arrays in NPY and NPZ files, without running pickles."""

import io
import os
import sys
import zipfile

import numpy as np

from ecg_tf.data.formats.npy import parse_any_header
from ecg_tf.errors import InputError, RecordError
from ecg_tf.files import read_bytes

MOST_BYTES = 2**29  # of a file, and of what it unpacks to
_MOST_MEMBERS = 1000


def read_npy(path: str | os.PathLike) -> dict[str, np.ndarray]:
    """Read a NPY file.

    Args:
        path: the file.

    Returns:
        {"": the array of numbers or texts}.

    Raises:
        RecordError: the file cannot be read, is damaged, or holds Python objects.
    """
    return {"": _array(path, content_of(path), "")}


def read_npz(path: str | os.PathLike) -> dict[str, np.ndarray]:
    """Read all arrays in a NPZ file.

    Args:
        path: the file.

    Returns:
        {name: array of numbers or texts}.

    Raises:
        RecordError: the file cannot be read, is damaged, unpacks to more than 512 MiB, or holds
            Python objects.
    """
    content = content_of(path)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            names = [member.filename for member in members]
            if len(set(names)) < len(names) or len(names) > _MOST_MEMBERS:
                raise RecordError(f"{path}: a NPZ file with too many arrays, or one twice")
            left, found = MOST_BYTES, {}
            for member in members:
                with archive.open(member) as file:
                    unpacked = file.read(left + 1)
                left -= len(unpacked)
                if left < 0:
                    raise RecordError(f"{path}: unpacks to more than {MOST_BYTES} bytes")
                name = member.filename.removesuffix(".npy")
                found[name] = _array(path, unpacked, f" {name[:40]}")
    except RecordError:
        raise
    except Exception as error:  # zipfile and its decompressors raise many kinds of errors
        raise RecordError(f"{path}: a damaged NPZ file: {error}") from error
    return found


def content_of(path: str | os.PathLike) -> bytes:
    """Read a file of at most 512 MiB."""
    try:
        return read_bytes(path, MOST_BYTES)
    except InputError as error:
        raise RecordError(str(error)) from error


def _array(path: str | os.PathLike, content: bytes, name: str) -> np.ndarray:
    """Parse an array in the NPY format."""
    try:
        dtype, shape, is_fortran, start = parse_any_header(content, f"{path}: its array{name}")
    except InputError as error:
        raise RecordError(str(error)) from error
    if dtype.kind not in "biufUS":
        raise RecordError(
            f"{path}: its array{name} holds {'Python objects' if dtype.hasobject else str(dtype)}, "
            "expected numbers or texts"
        )
    data = content[start:]
    if not dtype.itemsize or np.prod(shape, dtype=object) * dtype.itemsize != len(data):
        raise RecordError(
            f"{path}: its array{name} has the shape {shape} in {len(data)} bytes of {dtype}"
        )
    array = np.frombuffer(data, dtype)
    if dtype.kind == "U" and (array.view(f"{dtype.str[0]}u4") > sys.maxunicode).any():
        raise RecordError(f"{path}: its array{name} holds no texts, though it says so")
    return array.reshape(shape, order="F" if is_fortran else "C")
