"""Arrays of numbers in the .npy format, of files that may be damaged."""

import io

import numpy as np

from ecg_tf.errors import InputError
from ecg_tf.files import read_bytes

_MOST_HEADER = 4096  # bytes
_READ_HEADER = {  # by the version of the format; later ones are for names that are no numbers'
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


def parse_header(content, name):
    """What a .npy file says of its array.

    Args:
        content: bytes of the file, at least the header.
        name: what errors call the file.

    Returns:
        dtype: of booleans, integers or floats of at most 8 bytes each.
        shape: tuple.
        start: where the numbers begin, in bytes. They are in C's order.

    Raises:
        InputError: no .npy, or another header than `numpy.save` writes of such an array.
    """
    file = io.BytesIO(content)
    try:
        read = _READ_HEADER[np.lib.format.read_magic(file)]
        shape, is_fortran, dtype = read(file, max_header_size=_MOST_HEADER)
    except Exception as error:  # numpy reads it as Python and raises whatever that trips over
        raise InputError(
            f"{name}: no .npy file, or a damaged one; expected what numpy.save writes of numbers"
        ) from error
    if dtype.kind not in "biuf" or dtype.itemsize > 8 or (is_fortran and len(shape) > 1):
        raise InputError(
            f"{name}: an array of {str(dtype)[:20]}; expected numbers of at most 8 bytes in C's "
            "order"
        )
    return dtype, shape, file.tell()


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
    dtype, shape, start = parse_header(content, path)
    data = content[start:]
    if shape != (length,) or len(data) != length * dtype.itemsize:
        raise InputError(
            f"{path}: shape {shape} in {len(data)} bytes, expected ({length},) of {dtype}"
        )
    return np.frombuffer(data, dtype)
