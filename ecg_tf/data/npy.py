"""Short vectors in .npy files, read strictly.

numpy's own reader evaluates the header as Python, fills whatever shape it says, and opens zip
archives and pickles, too. What is read here is what `numpy.save` writes of one vector.
"""

import re
import struct

import numpy as np

from ecg_tf.errors import InputError, quoted
from ecg_tf.files import read_bytes

_MAGIC = b"\x93NUMPY"
_MOST_HEADER = 4096  # bytes
_ARRAY_HEADER = re.compile(
    r"\{'descr': '([<>|](?:b1|[iu][1248]|f[248]))', 'fortran_order': False, "
    r"'shape': \(((?:\d{1,9}, ?)*(?:\d{1,9})?)\), \} *\n?"
)
_HEADER = re.compile(
    r"\{'descr': '([<>|](?:b1|[iu][1248]|f[248]))', 'fortran_order': (?:True|False), "
    r"'shape': \((\d{1,9})L?,\), \} *\n?"
)


def parse_header(beginning, name):
    """What the beginning of a .npy file says of its array.

    Args:
        beginning: bytes, at least the header, or the whole file.
        name: what errors call the file.

    Returns:
        dtype: of booleans, integers or floats of at most 8 bytes each.
        shape: tuple.
        start: where the numbers begin, in bytes. They are in C's order.

    Raises:
        InputError: no .npy, or another header than `numpy.save` writes of such an array.
    """
    if not beginning.startswith(_MAGIC):
        raise InputError(f"{name}: begins with {quoted(beginning[:8])}, expected a .npy file")
    version, start = beginning[6:7], 10 if beginning[6:7] == b"\1" else 12
    if version not in (b"\1", b"\2", b"\3") or len(beginning) < start:
        raise InputError(f"{name}: no .npy file of version 1, 2 or 3, or a damaged one")
    (size,) = struct.unpack_from("<H" if version == b"\1" else "<I", beginning, 8)
    header = beginning[start : start + min(size, _MOST_HEADER)].decode("latin-1")
    match = _ARRAY_HEADER.fullmatch(header)
    if len(header) < size or not match:
        raise InputError(
            f"{name}: a header that begins with {quoted(header)}, expected that of an array of "
            "numbers"
        )
    shape = tuple(int(length) for length in match[2].split(",") if length.strip())
    return np.dtype(match[1]), shape, start + size


def read_vector(path, length):
    """Read a vector of numbers.

    Args:
        path: the file.
        length: of the vector.

    Returns:
        (length,) of booleans, integers or floats of at most 8 bytes each.

    Raises:
        InputError: no such file, no .npy, a damaged one, or an array of another shape or type.
    """
    content = read_bytes(path, 8 * length + _MOST_HEADER)
    if not content.startswith(_MAGIC):
        raise InputError(f"{path}: begins with {quoted(content[:8])}, expected a .npy file")
    version, start = content[6:7], 10 if content[6:7] == b"\1" else 12
    if version not in (b"\1", b"\2", b"\3") or len(content) < start:
        raise InputError(f"{path}: no .npy file of version 1, 2 or 3, or a damaged one")
    (size,) = struct.unpack_from("<H" if version == b"\1" else "<I", content, 8)
    header = content[start : start + size].decode("latin-1")
    match = _HEADER.fullmatch(header)
    if len(header) < size or not match:
        raise InputError(
            f"{path}: a header that begins with {quoted(header)}, expected that of one vector of "
            f"{length} numbers"
        )
    dtype, found = np.dtype(match[1]), int(match[2])
    data = content[start + size :]
    if found != length or len(data) != length * dtype.itemsize:
        raise InputError(
            f"{path}: {found} numbers in {len(data)} bytes, expected {length} of {dtype}"
        )
    return np.frombuffer(data, dtype)
