"""Safe reading of .npz files: zip files of .npy files."""

import contextlib
import lzma
import math
import struct
import zipfile
import zlib

import numpy as np

from ecg_tf.data.formats.npy import parse_header
from ecg_tf.errors import InputError

MOST_HEADER = 1024  # bytes of the header of a .npy file
_AT_ONCE = 4096  # bytes read at a time, the least that zipfile decompresses
_DAMAGED = (  # errors that zipfile raises for a damaged file or one of another kind
    *(OSError, EOFError, ValueError, KeyError, NotImplementedError, RuntimeError),
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error),
)


@contextlib.contextmanager
def opened(path, kind):
    """Open a zip file while the block runs.

    Args:
        path: the file.
        kind: what the file should be, for errors.

    Yields:
        The `zipfile.ZipFile`.

    Raises:
        InputError: the file is of another kind or damaged, as far as the block reads it.
    """
    try:
        with zipfile.ZipFile(path) as file:
            yield file
    except InputError:
        raise
    except _DAMAGED as error:
        raise InputError(f"{path}: not {kind}, or damaged: {error}") from error


def check_member_size(file, member, size, where):
    """Raise an InputError unless a member holds a header and `size` bytes of numbers."""
    found = file.getinfo(member).file_size
    if not size < found <= size + MOST_HEADER:
        raise InputError(f"{where}: {member}: damaged: {found} bytes, expected a header and {size}")


def read_member(file, member, most, where):
    """Read the content of a member, which must not be larger than `most` bytes.

    Args:
        file: the open `zipfile.ZipFile`.
        member: name of the member.
        most: the largest size, bytes.
        where: name of the file in errors.
    """
    size = file.getinfo(member).file_size
    if size > most:
        raise InputError(f"{where}: {member}: {size} bytes, expected at most {most}")
    parts = []
    with file.open(member) as content:
        # In small parts: a few compressed bytes may decompress to very many.
        while part := content.read(_AT_ONCE):
            parts.append(part)
    return b"".join(parts)


def parse_array(content, dtype, shape, name):
    """Return the array in the content of a .npy file.

    Args:
        content: the bytes.
        dtype: expected dtype.
        shape: expected shape.
        name: name of the array in errors.

    Raises:
        InputError: the dtype, the shape or the size differs.
    """
    numbers = math.prod(shape) * dtype.itemsize
    found, lengths, start = parse_header(content, name)
    if (found, lengths) != (dtype, shape):
        raise InputError(f"{name}: {found} of shape {lengths}, expected {dtype} of {shape}")
    if len(content) != start + numbers:
        raise InputError(f"{name}: damaged: {len(content) - start} bytes, expected {numbers}")
    return np.frombuffer(content, dtype, offset=start).reshape(shape).copy()
