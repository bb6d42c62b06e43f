"""The study's processed files: numpy arrays are read, everything else is refused."""

import hashlib
import os
import pickle
import struct
import tracemalloc

import numpy as np
import pytest

from ecg_tf.data.study_pickles import read_processed
from ecg_tf.errors import InputError

RECORDS = 4
ECG = np.random.default_rng(0).normal(size=(RECORDS, 1000, 12))
LABELS = np.random.default_rng(1).integers(0, 2, (RECORDS, 4))


def write(folder, ecg=ECG, labels=LABELS, protocol=pickle.DEFAULT_PROTOCOL):
    folder.mkdir(exist_ok=True)
    for name, content in (("X", ecg), ("y", labels)):
        path = folder / f"{name}_train_processed.pickle"
        path.write_bytes(pickle.dumps(content, protocol))
    return folder


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize(
    ("ecg", "labels"),
    [
        (ECG, LABELS),
        (list(ECG), list(LABELS)),
        (list(ECG.astype(np.float32)), list(LABELS.astype(np.uint8))),
        (np.asfortranarray(ECG), [[int(value) for value in label] for label in LABELS]),
        (list(ECG), [list(label) for label in LABELS]),  # numpy scalars
        (list(ECG), LABELS.astype(float)),
    ],
)
def test_lists_and_arrays_are_read(tmp_path, ecg, labels, protocol):
    records = read_processed(write(tmp_path, ecg, labels, protocol), "train", ("V2", "I"))
    assert (records.ecg.dtype, records.labels.dtype) == (np.float32, np.uint8)
    np.testing.assert_array_equal(records.ecg, ECG[:, :, [7, 0]].astype(np.float32))
    np.testing.assert_array_equal(records.labels, LABELS)
    assert (len(records), records.leads) == (RECORDS, ("V2", "I"))


def test_sha256_is_that_of_the_float32_ecgs(tmp_path):
    records = read_processed(write(tmp_path), "train", ("II",))
    assert records.ecg_sha256 == hashlib.sha256(ECG.astype(np.float32).tobytes()).hexdigest()


def test_files_of_numpy_1_and_2_are_read(tmp_path):
    # numpy 1 and 2 have different names for a module; protocol 0 is text.
    content = pickle.dumps(list(ECG), protocol=0)
    for core in (b"numpy.core.", b"numpy._core."):
        replaced = content.replace(b"numpy._core.", b"numpy.core.").replace(b"numpy.core.", core)
        (write(tmp_path) / "X_train_processed.pickle").write_bytes(replaced)
        assert len(read_processed(tmp_path, "train")) == RECORDS


class Call:
    """An object whose pickle calls a function when it is loaded."""

    def __init__(self, function, *args):
        self.call = function, args

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (Call(os.system, "touch {}"), r"\w+\.system"),
        (Call(eval, "open('{}', 'w')"), r"\w+\.eval"),
        (Call(getattr, "text", "format"), r"\w+\.getattr"),
        (Call(np.load, "{}"), r"numpy\.load"),
        (Call(bytearray, 10), r"\w+\.bytearray"),
    ],
)
@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_code_is_refused_and_not_run(tmp_path, call, name, protocol):
    trap = tmp_path / "trap"
    function, args = call.call
    call = Call(function, *(a.format(trap) if isinstance(a, str) else a for a in args))
    for place in ([*ECG, call], call):
        write(tmp_path, place, protocol=protocol)
        with pytest.raises(
            InputError, match=rf"X_train_processed\.pickle: refused: it needs {name}"
        ):
            read_processed(tmp_path, "train")
    assert not trap.exists()


def test_codecs_other_than_latin1_are_refused(tmp_path):
    payload = pickle.dumps(b"\xff" * 3, protocol=0).replace(b"latin1", b"rot13")
    (write(tmp_path) / "y_train_processed.pickle").write_bytes(payload)
    with pytest.raises(InputError, match=r"y_train_processed\.pickle: refused: .*rot13"):
        read_processed(tmp_path, "train")


def with_record(array, k, value):
    content = list(array)
    content[k] = value
    return content


@pytest.mark.parametrize(
    ("ecg", "labels", "message"),
    [
        (ECG[:, :, :11], LABELS, r"X_.*, record 0: shape \(1000, 11\), expected \(1000, 12\)"),
        (with_record(ECG, 2, ECG[2].T), LABELS, r"X_.*, record 2: shape \(12, 1000\)"),
        (with_record(ECG, 1, "ecg"), LABELS, r"X_.*, record 1: not an array of numbers"),
        (with_record(ECG, 1, [[1, 2], [3]]), LABELS, r"X_.*, record 1: not an array of numbers"),
        (with_record(ECG, 1, ECG[1] * 1j), LABELS, r"X_.*, record 1: not an array of numbers"),
        (ECG, LABELS[:, :3], r"y_.*, record 0: shape \(3,\), expected \(4,\)"),
        (
            ECG,
            with_record(LABELS, 3, [0, 1, 2, 0]),
            r"y_.*, record 3: \[0, 1, 2, 0\], expected 0 or",
        ),
        (ECG, LABELS[1:], r"X_.*: 4 records, and 3 labels in y_train"),
        ([], [], r"X_.*: 0 records"),
        ({"ecg": 1}, LABELS, r"X_.*: holds a dict, expected a list or an array"),
        (np.array(1.0), LABELS, r"X_.*: holds a ndarray, expected a list or an array"),
    ],
)
def test_other_content_is_named(tmp_path, ecg, labels, message):
    with pytest.raises(InputError, match=message):
        read_processed(write(tmp_path, ecg, labels), "train")


@pytest.mark.parametrize("content", [b"", b"no pickle", pickle.dumps(ECG)[:5000]])
def test_file_that_is_not_a_pickle_is_named(tmp_path, content):
    (write(tmp_path) / "X_train_processed.pickle").write_bytes(content)
    with pytest.raises(
        InputError, match=r"X_train_processed\.pickle: not a pickle of numpy arrays"
    ):
        read_processed(tmp_path, "train")


def test_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"X_dev_processed\.pickle: no such file"):
        read_processed(write(tmp_path), "dev")
    (tmp_path / "y_train_processed.pickle").unlink()
    with pytest.raises(InputError, match=r"y_train_processed\.pickle: no such file"):
        read_processed(tmp_path, "train")


def test_unknown_leads_and_partitions_are_refused(tmp_path):
    with pytest.raises(InputError, match="unknown V9"):
        read_processed(write(tmp_path), "train", ("I", "V9"))
    with pytest.raises(InputError, match="'val'"):
        read_processed(tmp_path, "val")


def by_hand(shape, dtype, data=b""):
    """Return the pickle of an array of any shape and dtype, as numpy writes it."""
    numbers = b"".join(b"I%d\n" % number for number in shape)
    return (
        b"\x80\x03cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\nK\0\x85C\x01btR(K\1("
        + numbers
        + b"tcnumpy\ndtype\n(V%s\nI00\nI01\ntRI00\nB" % dtype.encode()
        + struct.pack("<I", len(data))
        + data
        + b"tb."
    )


def constructed(*arguments):
    """Return a pickle that calls numpy.ndarray with any arguments."""
    body = pickle.dumps(arguments, 2)[2:-1]
    return b"\x80\x02cnumpy\nndarray\n" + body + b"R."


def nested(depth):
    content = 0
    for _ in range(depth):
        content = [content] * 10
    return content


def cyclic():
    content = []
    content.append(content)
    return content


def test_array_pickled_by_hand_is_read(tmp_path):
    content = by_hand((RECORDS, 4), "i8", LABELS.astype("<i8").tobytes())
    (write(tmp_path) / "y_train_processed.pickle").write_bytes(content)
    np.testing.assert_array_equal(read_processed(tmp_path, "train").labels, LABELS)


@pytest.mark.parametrize(
    "content",
    [
        b"\x80\x02]r" + struct.pack("<I", 2**28 - 1) + b".",  # a memo entry
        b"]p999999999\n.",
        b"\x80\x04\x8d" + struct.pack("<Q", 3 * 10**9) + b"x.",  # text
        b"\x80\x04\x8e" + struct.pack("<Q", 3 * 10**9) + b"x.",  # bytes
        b"\x80\x05\x96" + struct.pack("<Q", 3 * 10**9) + b"x.",  # a bytearray
        b"\x80\x04\x95" + struct.pack("<Q", 2**62) + b"].",  # a frame
        b"\x80\x02\x8b" + struct.pack("<I", 2**31 - 1) + b"\x01.",  # an integer
        b"I" + b"9" * 5000 + b"\n.",
        pickle.dumps([nested(9)] * RECORDS),
        pickle.dumps(cyclic()),
        b"]" * 100_000 + b"a" * 99_999 + b".",
        b"]" + b"K\0a" * RECORDS + b".",
        pickle.dumps([[10**30, 0, 0, 0]] * RECORDS),
        pickle.dumps(np.zeros((RECORDS, 4), "i4,i4")),
        pickle.dumps(np.zeros((RECORDS, 4), "M8[s]")),
        pickle.dumps(np.eye(4, dtype=complex)),
        by_hand((1,), "V2000000000"),
        by_hand((10**9,), "f8"),
        by_hand((-4, 4), "i8"),
        by_hand((RECORDS,), "O", bytes(8 * RECORDS)),  # pointers
        constructed((10**9, 4), "u1"),  # never filled
        constructed((RECORDS, 4), "u1", bytes(16)),
        constructed((2 * 10**7, 4), "u1", bytes(4), 0, (0, 1)),  # all rows share the same bytes
    ],
)
def test_array_that_does_not_fit_in_memory_is_refused_quickly(tmp_path, content):
    (write(tmp_path) / "y_train_processed.pickle").write_bytes(content)
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match=r"y_train_processed\.pickle\W"):
            read_processed(tmp_path, "train")
        assert tracemalloc.get_traced_memory()[1] < 2**25
    finally:
        tracemalloc.stop()


def test_record_repeated_too_often_is_refused(tmp_path):
    labels = [LABELS[0]] * 10**5
    write(tmp_path, [ECG[0].astype(np.float32)] * 10**5, labels)
    with pytest.raises(InputError, match=r"X_train.*: 100000 records in \d+ bytes, expected at le"):
        read_processed(tmp_path, "train")


def test_text_encoded_again_and_again_is_refused(tmp_path):
    text = b"\x80\x02X" + struct.pack("<I", 10**5) + b"x" * 10**5 + b"q\0X\6\0\0\0latin1q\1"
    call = b"c_codecs\nencode\nh\0h\1\x86R"
    (write(tmp_path) / "y_train_processed.pickle").write_bytes(text + 20 * call + b".")
    with pytest.raises(InputError, match=r"y_train.*: not a pickle of numpy arrays"):
        read_processed(tmp_path, "train")


def test_errors_do_not_show_the_content_of_the_file(tmp_path):
    for secret in (b"croot:x:0:0\nsecret of a line\n.", b"Isecret of a line\n.", b"\xffsecret"):
        (write(tmp_path) / "y_train_processed.pickle").write_bytes(secret)
        with pytest.raises(InputError) as caught:
            read_processed(tmp_path, "train")
        assert "of a line" not in str(caught.value)
