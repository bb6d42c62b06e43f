"""Signal files of WFDB records in every format, compared with wfdb."""

import tempfile

import numpy as np
import pytest
import soundfile
import wfdb
from scipy.io import savemat

from ecg_tf.data.ecg_files import wfdb_samples
from ecg_tf.data.ecg_files.wfdb_header import parse_header
from ecg_tf.data.ecg_files.wfdb_record import read_record
from ecg_tf.data.ecg_files.wfdb_samples import MISSING, read_signals
from ecg_tf.errors import RecordError

RAW = ["8", "16", "24", "32", "61", "80", "160", "212", "310", "311"]
FLAC = {"508": "PCM_S8", "516": "PCM_16", "524": "PCM_24"}


def write(folder, form, frames=None, per_frame=(1, 1, 1), file="r.dat"):
    """Write the header `folder`/r.hea and return its signals."""
    lines = [f"r {len(per_frame)} 100" + (f" {frames}" if frames is not None else "")]
    lines += [f"{file} {form.replace('?', f'x{k}')} 10/mV 16 0 7" for k in per_frame]
    (folder / "r.hea").write_text("\n".join(lines))
    return parse_header((folder / "r.hea").read_bytes(), "r", "r").signals


def random_bytes(form, count):
    content = np.random.default_rng(int(form) + count).integers(0, 256, count, np.uint8)
    if form == "311":  # wfdb reads one of the two unused bits
        content[3::4] &= 0x3F
    return content.tobytes()


def read(folder, signals, frames):
    return read_signals(folder / "r.dat", signals, frames, "r")


def refused(folder, signals, frames):
    with pytest.raises(RecordError) as error:
        read(folder, signals, frames)
    return str(error.value)


def wfdbs(folder):
    header = folder / "r.hea"
    if " 61" in header.read_text():  # wfdb cannot read it by frames: swap its bytes
        header.write_text(header.read_text().replace(" 61", " 16"))
        content = np.fromfile(folder / "r.dat", ">i2").astype("<i2")
        (folder / "r.dat").write_bytes(content.tobytes())
    record = wfdb.rdrecord(str(folder / "r"), physical=False, smooth_frames=False, ignore_skew=True)
    return record.e_d_signal


def test_frames_that_wfdb_cannot_read_are_refused(tmp_path):
    signals = write(tmp_path, "61?", 10, (2, 1))
    (tmp_path / "r.dat").write_bytes(random_bytes("61", 60))
    assert "r.dat cannot be read by wfdb" in refused(tmp_path, signals, 10)


def same(found, expected):
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("form", "per_frame"),
    [
        (form, per_frame)
        for form in RAW
        for per_frame in ((1,), (1, 1, 1), (2, 1, 4), (5, 5))
        if form != "61" or max(per_frame) == 1
    ],
)
def test_samples_are_those_that_wfdb_reads(tmp_path, form, per_frame):
    for frames in 1, 2, 3, 4, 7, 100:
        signals = write(tmp_path, f"{form}?+24", frames, per_frame)
        (tmp_path / "r.dat").write_bytes(random_bytes(form, 24 + 4 * frames * sum(per_frame)))
        same(read(tmp_path, signals, frames), wfdbs(tmp_path))


@pytest.mark.parametrize("per_frame", [(1, 1, 1), (4, 4)])
@pytest.mark.parametrize("form", FLAC)
def test_compressed_samples_are_those_that_wfdb_reads(tmp_path, form, per_frame):
    length, limit = 50 * per_frame[0], 2 ** (int(form) - 500 - 1)
    digital = np.random.default_rng(0).integers(-limit, limit, (length + 9, len(per_frame)))
    write_flac(tmp_path / "r.dat", digital, FLAC[form])
    signals = write(tmp_path, f"{form}?+9", 50, per_frame)
    found = read(tmp_path, signals, 50)
    same(found, digital[9:].T)
    same(found, wfdbs(tmp_path))
    same(read(tmp_path, signals, None), found)


def test_long_compressed_file_is_read_whole(tmp_path):
    digital = np.random.default_rng(0).integers(-9, 9, (2**20 + 5, 1))
    write_flac(tmp_path / "r.dat", digital, "PCM_16")
    same(read(tmp_path, write(tmp_path, "516", per_frame=(1,)), None), digital.T)


def write_flac(path, digital, subtype):
    bits = int(subtype.removeprefix("PCM_").removeprefix("S"))
    samples = (digital << 32 - bits).astype(np.int32)
    soundfile.write(path, samples, 96000, subtype, format="FLAC")


@pytest.mark.parametrize("form", RAW)
@pytest.mark.parametrize("frames", [1, 2, 5, 6, 100])
def test_number_of_samples_is_taken_from_the_file(tmp_path, form, frames):
    bytes_ = {"24": 3, "32": 4, "212": 1.5, "310": 4 / 3, "311": 4 / 3, "8": 1, "80": 1}.get(
        form, 2
    )
    (tmp_path / "r.dat").write_bytes(random_bytes(form, int(np.ceil(bytes_ * 3 * frames))))
    found = read(tmp_path, write(tmp_path, form), None)
    assert [len(signal) for signal in found] == [frames] * 3
    same(found, read(tmp_path, write(tmp_path, form, frames), frames))


@pytest.mark.parametrize("form", RAW)
def test_file_that_is_a_byte_too_short_is_refused(tmp_path, form):
    signals = write(tmp_path, form, 20)
    (tmp_path / "r.dat").write_bytes(random_bytes(form, 240))
    message = refused(tmp_path, signals, 10**9)
    assert "r.dat holds 240 bytes, expected " in message
    enough = int(refused(tmp_path, write(tmp_path, form, 900), 900).rsplit(" ", 1)[1])
    (tmp_path / "r.dat").write_bytes(random_bytes(form, enough))
    assert len(read(tmp_path, signals, 900)[0]) == 900
    (tmp_path / "r.dat").write_bytes(random_bytes(form, enough - 1))
    assert f"holds {enough - 1} bytes" in refused(tmp_path, signals, 900)


def test_file_that_becomes_shorter_while_it_is_read_is_refused(tmp_path, monkeypatch):
    signals = write(tmp_path, "16", 50)
    (tmp_path / "r.dat").write_bytes(bytes(298))
    monkeypatch.setattr(wfdb_samples, "_raw_frames", lambda *_: 50)
    assert refused(tmp_path, signals, 50) == "r: r.dat holds 149 samples, expected 150"


@pytest.mark.parametrize("form", MISSING)
def test_marks_of_missing_samples_are_those_of_wfdb(form):
    assert MISSING[form] == wfdb.io._signal.INVALID_SAMPLE_VALUE[form]


def test_temporary_folder_that_cannot_be_made_is_named(tmp_path, monkeypatch):
    signals = write(tmp_path, "212", 50)
    (tmp_path / "r.dat").write_bytes(bytes(300))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    assert refused(tmp_path, signals, 50) == (
        "r: no temporary folder to read it by: No such file or directory; set TMPDIR to a folder "
        "that may be written"
    )


def test_reading_leaves_nothing_behind(tmp_path, monkeypatch):
    signals = write(tmp_path, "516", 50)
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    write_flac(tmp_path / "r.dat", np.zeros((50, 3), np.int64), "PCM_16")
    assert len(read(tmp_path, signals, 50)[0]) == 50
    content = (tmp_path / "r.dat").read_bytes()
    (tmp_path / "r.dat").write_bytes(content[:-4])
    refused(tmp_path, signals, 50)
    assert not list((tmp_path / "temporary").iterdir())


# Files that contradict their header


@pytest.mark.parametrize("form", ["0", "1", "99", "17", "5160"])
def test_unknown_format_is_refused(tmp_path, form):
    (tmp_path / "r.dat").write_bytes(bytes(600))
    assert f"in format {form}, expected 8, 16" in refused(tmp_path, write(tmp_path, form), None)


@pytest.mark.parametrize("size", [0, 1, 5])
def test_file_without_samples_is_refused(tmp_path, size):
    (tmp_path / "r.dat").write_bytes(bytes(size))
    assert f"holds {size} bytes" in refused(tmp_path, write(tmp_path, "16"), None)


def test_formats_that_differ_within_a_file_are_refused(tmp_path):
    write(tmp_path, "16")
    text = (tmp_path / "r.hea").read_text().replace(" 16 ", " 61 ", 1)
    signals = parse_header(text.encode(), "r", "r").signals
    assert "in several formats" in refused(tmp_path, signals, 1)


def test_file_that_is_not_flac_is_refused(tmp_path):
    soundfile.write(tmp_path / "r.wav", np.zeros((100, 3)), 100, "PCM_16")
    (tmp_path / "r.wav").rename(tmp_path / "r.dat")
    assert "no FLAC file" in refused(tmp_path, write(tmp_path, "516"), None)


@pytest.mark.parametrize(
    ("form", "channels", "frames", "words"),
    [
        ("508", 3, 100, "3 signals of 16 bits, expected 3 in format 508"),
        ("516", 2, 100, "2 signals of 16 bits, expected 3 in format 516"),
        ("516", 3, 101, "holds 100 samples, expected 101"),
        ("516+50", 3, 51, "holds 100 samples, expected 101"),
        ("516+100", 3, None, "holds 100 samples, expected 101"),
    ],
)
def test_flac_of_another_shape_is_refused(tmp_path, form, channels, frames, words):
    write_flac(tmp_path / "r.dat", np.zeros((100, channels), np.int64), "PCM_16")
    assert words in refused(tmp_path, write(tmp_path, form), frames)


def test_damaged_flac_is_refused(tmp_path):
    write_flac(
        tmp_path / "r.dat", np.random.default_rng(0).integers(-999, 999, (9999, 3)), "PCM_16"
    )
    content = (tmp_path / "r.dat").read_bytes()
    signals = write(tmp_path, "516")
    for size in 5, 40, 9000, len(content) - 1:
        (tmp_path / "r.dat").write_bytes(content[:size])
        assert refused(tmp_path, signals, 9999).startswith("r: r.dat ")


def test_small_flac_of_very_many_samples_is_refused(tmp_path):
    with soundfile.SoundFile(tmp_path / "r.dat", "w", 96000, 8, "PCM_16", format="FLAC") as file:
        for _ in range(3):
            file.write(np.zeros((2**20, 8), np.int16))
    assert (tmp_path / "r.dat").stat().st_size < 200_000
    message = refused(tmp_path, write(tmp_path, "516", per_frame=(1,) * 8), None)
    assert message.endswith("samples, expected at most 16777216 in a file of its size")


# MATLAB


DIGITAL = np.random.default_rng(0).integers(-3000, 3000, (50, 3)).astype(np.int16)


def matlab(tmp_path, matrix, form="16+24", name="val", **options):
    savemat(tmp_path / "r.mat", {name: matrix}, **{"format": "4", **options})
    return write(tmp_path, form, 50, file="r.mat")


def test_matrix_of_matlab_4_is_read(tmp_path):
    matlab(tmp_path, DIGITAL.T)
    np.testing.assert_array_equal(read_record(tmp_path / "r").ecg, DIGITAL / 10)
    np.testing.assert_array_equal(wfdb.rdrecord(str(tmp_path / "r")).p_signal, DIGITAL / 10)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((DIGITAL.T, "16+24", "val", "5"), "r.mat is a MAT-file of MATLAB 5 or later"),
        ((DIGITAL.T / 1000, "16+24", "val", "4"), "r.mat is no MATLAB 4 matrix of such numbers"),
        ((DIGITAL.T, "32+24", "val", "4"), "r.mat is no MATLAB 4 matrix of such numbers"),
        ((DIGITAL, "16+24", "val", "4"), "r.mat is a matrix of 50 rows"),
        (
            (DIGITAL.T, "16+24", "signal", "4"),
            "r.mat is a matrix of 3 rows, which begin at byte 27",
        ),
        ((DIGITAL.T, "16", "val", "4"), "r.mat is a matrix of 3 rows, which begin at byte 24"),
    ],
)
def test_other_mat_files_are_recognised(tmp_path, arguments, words):
    matrix, form, name, version = arguments
    matlab(tmp_path, matrix, form, name, format=version)
    with pytest.raises(RecordError) as error:
        read_record(tmp_path / "r")
    assert words in str(error.value)
    assert "savemat" in str(error.value)


def test_mat_file_shorter_than_its_header_is_refused(tmp_path):
    write(tmp_path, "16+24", 50, file="r.mat")
    (tmp_path / "r.mat").write_bytes(b"\x1e\0\0\0")
    with pytest.raises(RecordError, match="no MATLAB 4 matrix"):
        read_record(tmp_path / "r")
