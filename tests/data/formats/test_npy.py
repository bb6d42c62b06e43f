"""Reading vectors in .npy files, and refusing damaged files."""

import io
import struct

import numpy as np
import pytest

from ecg_tf.data.formats.npy import read_vector
from ecg_tf.errors import InputError


def npy(array, version=None, **options):
    file = io.BytesIO()
    np.lib.format.write_array(file, np.asarray(array), version, **options)
    return file.getvalue()


def by_hand(header):
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header.encode() + bytes(64)


@pytest.mark.parametrize("version", [(1, 0), (2, 0)])
@pytest.mark.parametrize("dtype", ["?", "u1", "<i2", ">i8", "f2", ">f4", "f8", "u8"])
def test_files_written_by_numpy_are_read(tmp_path, dtype, version):
    vector = np.array([0, 1, 1, 0], dtype)
    path = tmp_path / "0.npy"
    path.write_bytes(npy(vector, version))
    found = read_vector(path, 4)
    assert found.dtype == vector.dtype
    np.testing.assert_array_equal(found, vector)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not a .npy file"),
        (b"PK\3\4" + bytes(100), "not a .npy file"),
        (b"\x93NUMPY\2\0\xff\xff\xff\xff" + bytes(64), "not a .npy file"),
        (b"\x93NUMPY\4\0" + bytes(64), "not a .npy file"),
        (b"\x93NUMPY", "not a .npy file"),
        (npy([1, 0, 0]), r"shape \(3,\) in 24 bytes, expected \(4,\) of int64"),
        (npy([1, 0, 0, 0])[:-1], r"shape \(4,\) in 31 bytes, expected \(4,\) of int64"),
        (npy([1, 0, 0, 0]) + b"x", r"shape \(4,\) in 33 bytes"),
        (npy([[1, 0, 0, 0]]), r"shape \(1, 4\) in 32 bytes"),
        (npy(1), r"shape \(\) in 8 bytes"),
        (npy([1j, 0, 0, 0]), "an array of complex128"),
        (npy(["1", "0", "0", "0"]), "an array of <U1"),
        (npy(np.array([{}, 0, 0, 0]), allow_pickle=True), "an array of object"),
        (by_hand("("), "not a .npy file"),
        (by_hand("(" * 4000), "not a .npy file"),
        (by_hand("-" * 4000 + "1"), "not a .npy file"),
        (by_hand("(" * 60_000), "expected at most 4128"),
        (by_hand("'"), "not a .npy file"),
        (by_hand("    x\n y"), "not a .npy file"),
        (by_hand("{'descr': '|u1', 'fortran_order': False, 'shape': (1000000000000,), }"),
         r"shape \(1000000000000,\) in 64 bytes"),
        (by_hand("{'descr': '|V4000000000', 'fortran_order': False, 'shape': (4,), }"),
         "(not a .npy file|an array of .V-294967296)"),  # numpy 2, numpy 1.26
    ],
)  # fmt: skip
def test_damaged_file_is_named(tmp_path, content, message):
    path = tmp_path / "0.npy"
    path.write_bytes(content)
    with pytest.raises(InputError, match=rf"0\.npy: .*{message}"):
        read_vector(path, 4)
