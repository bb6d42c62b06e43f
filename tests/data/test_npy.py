"""Vectors are read as numpy wrote them, or refused."""

import io
import struct

import numpy as np
import pytest

from ecg_tf.data.npy import read_vector
from ecg_tf.errors import InputError


def npy(array, version=None, **options):
    file = io.BytesIO()
    np.lib.format.write_array(file, np.asarray(array), version, **options)
    return file.getvalue()


def by_hand(header):
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header.encode() + bytes(64)


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
@pytest.mark.parametrize("dtype", ["?", "u1", "<i2", ">i8", "f2", ">f4", "f8", "u8"])
def test_what_numpy_wrote_is_read(tmp_path, dtype, version):
    vector = np.array([0, 1, 1, 0], dtype)
    path = tmp_path / "0.npy"
    path.write_bytes(npy(vector, version))
    found = read_vector(path, 4)
    assert found.dtype == vector.dtype
    np.testing.assert_array_equal(found, vector)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "begins with '', expected a .npy file"),
        (b"PK\3\4" + bytes(100), "expected a .npy file"),
        (b"\x93NUMPY\2\0\xff\xff\xff\xff" + bytes(64), "a header that begins with"),
        (b"\x93NUMPY\4\0" + bytes(64), "version 1, 2 or 3"),
        (b"\x93NUMPY", "version 1, 2 or 3"),
        (npy([1, 0, 0]), "3 numbers in 24 bytes, expected 4 of int64"),
        (npy([1, 0, 0, 0])[:-1], "4 numbers in 31 bytes, expected 4 of int64"),
        (npy([1, 0, 0, 0]) + b"x", "4 numbers in 33 bytes"),
        (npy([[1, 0, 0, 0]]), "a header that begins with"),
        (npy(1), "a header that begins with"),
        (npy([1j, 0, 0, 0]), "a header that begins with"),
        (npy(["1", "0", "0", "0"]), "a header that begins with"),
        (npy(np.array([{}, 0, 0, 0]), allow_pickle=True), "a header that begins with"),
        (by_hand("("), "a header that begins with '\\('"),
        (by_hand("(" * 60_000), "expected at most 4128"),
        (by_hand("'"), "a header that begins with"),
        (by_hand("    x\n y"), "a header that begins with"),
        (by_hand("{'descr': '|u1', 'fortran_order': False, 'shape': (1000000000000,), }"),
         "a header that begins with"),
        (by_hand("{'descr': '|u1', 'fortran_order': False, 'shape': (400000000,), }"),
         "400000000 numbers in 64 bytes"),
        (by_hand("{'descr': '|V4000000000', 'fortran_order': False, 'shape': (4,), }"),
         "a header that begins with"),
    ],
)  # fmt: skip
def test_a_damaged_file_is_named(tmp_path, content, message):
    path = tmp_path / "0.npy"
    path.write_bytes(content)
    with pytest.raises(InputError, match=rf"0\.npy: .*{message}"):
        read_vector(path, 4)
