"""Safe reading of arrays of numbers in the .npy format."""

import io

import numpy as np

from ecg_tf.errors import InputError
from ecg_tf.files import read_bytes

_MOST_HEADER = 4096  # bytes
_READ_HEADER = {  # {version of the format: function}; later versions are for structured arrays
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


def parse_header(content, name):
    """Parse the header of a .npy file.

    Args:
        content: bytes of the file, at least the header.
        name: name of the file in errors.

    Returns:
        dtype: a dtype of booleans, integers or floats of at most 8 bytes each.
        shape: a tuple.
        start: position of the first number, in bytes. The numbers are in C order.

    Raises:
        InputError: the content is not a .npy file, or its header is not one that `numpy.save`
            writes for such an array.
    """
    dtype, shape, is_fortran, start = parse_any_header(content, name)
    if dtype.kind not in "biuf" or dtype.itemsize > 8 or (is_fortran and len(shape) > 1):
        raise InputError(
            f"{name}: an array of {str(dtype)[:20]}; expected numbers of at most 8 bytes in C order"
        )
    return dtype, shape, start


def parse_any_header(content, name):
    """Parse the header of a .npy file that may hold an array of any dtype, in C or Fortran order.

    Args:
        content: bytes of the file, at least the header.
        name: name of the file in errors.

    Returns:
        dtype: any dtype that is not structured.
        shape: a tuple.
        is_fortran: True for Fortran order.
        start: position of the first item, in bytes.

    Raises:
        InputError: the content is not a .npy file, or its header is damaged.
    """
    file = io.BytesIO(content)
    try:
        read = _READ_HEADER[np.lib.format.read_magic(file)]
        shape, is_fortran, dtype = read(file, max_header_size=_MOST_HEADER)
    except Exception as error:  # numpy parses the header as Python and raises many kinds of errors
        raise InputError(
            f"{name}: not a .npy file, or a damaged one; expected an array of numbers written by "
            "numpy.save"
        ) from error
    return dtype, shape, is_fortran, file.tell()


def read_vector(path, length):
    """Read a vector of numbers.

    Args:
        path: the file.
        length: length of the vector.

    Returns:
        (length,) booleans, integers or floats of at most 8 bytes each.

    Raises:
        InputError: the file does not exist, is damaged or not a .npy file, or holds an array of
            another shape or type.
    """
    content = read_bytes(path, 8 * length + _MOST_HEADER)
    dtype, shape, start = parse_header(content, path)
    data = content[start:]
    if shape != (length,) or len(data) != length * dtype.itemsize:
        raise InputError(
            f"{path}: shape {shape} in {len(data)} bytes, expected ({length},) of {dtype}"
        )
    return np.frombuffer(data, dtype)
