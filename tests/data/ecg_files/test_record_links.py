"""Links in WFDB records: no file outside the folder of the header is read."""

import os
import socket

import numpy as np
import pytest
from wfdb_files import DIGITAL, edit_header, refused, standard, write

from ecg_tf.data.ecg_files.wfdb_record import read_record
from ecg_tf.errors import RecordError, quoted


@pytest.fixture
def no_network(monkeypatch):
    """Fail the test at any attempt to connect, even if the error is caught."""
    attempts = []

    def connect(*arguments):
        attempts.append(arguments)
        raise OSError("no network in this test")

    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setattr(socket, "getaddrinfo", connect)
    yield
    assert not attempts


@pytest.mark.parametrize(
    "target",
    [
        "../r.dat",
        "/etc/passwd",
        "sub/r.dat",
        "..",
        "~",
        "http://physionet.org/r.dat",
        "s3://bucket/r.dat",
        "simplecache::http://physionet.org/r.dat",
        "file:///etc/passwd",
        "data:,x",
        r"..\r.dat",
    ],
)
def test_header_that_points_outside_its_folder_is_refused(tmp_path, target, no_network):
    (tmp_path / "in/sub").mkdir(parents=True)
    write(tmp_path)  # a valid signal file in the parent folder
    write(tmp_path / "in/sub")
    path = write(tmp_path / "in")
    edit_header(path, "r.dat", target)
    message = refused(path)
    assert quoted(target) in message or target == ".."
    assert "expected a file beside the header" in message or target == ".."


@pytest.mark.parametrize(
    "path", ["http://physionet.org/r", "s3://bucket/r", "simplecache::http://physionet.org/r"]
)
def test_record_is_never_fetched_from_an_address(path, no_network):
    refused(path)


def test_folder_that_looks_like_an_address_is_a_folder(tmp_path, no_network):
    folder = tmp_path / "simplecache::http"
    folder.mkdir()
    np.testing.assert_array_equal(standard(write(folder)), (DIGITAL / 1000).astype(np.float32))


def test_signal_file_that_is_a_link_elsewhere_is_refused(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "in").mkdir()
    write(tmp_path / "out")
    path = write(tmp_path / "in")
    (tmp_path / "in/r.dat").unlink()
    (tmp_path / "in/r.dat").symlink_to(tmp_path / "out/r.dat")
    message = refused(path)
    assert message == (
        f"signal file r.dat: leads out of {tmp_path / 'in'}; expected a file in this folder"
    )


@pytest.mark.parametrize("with_signal", [True, False])
def test_header_may_be_a_link_of_the_user(tmp_path, with_signal):
    (tmp_path / "data").mkdir()
    write(tmp_path / "data")
    (tmp_path / "mine.hea").symlink_to("data/r.hea")
    if with_signal:
        (tmp_path / "r.dat").symlink_to("data/r.dat")
    ecg = standard(tmp_path / "mine")
    np.testing.assert_array_equal(ecg, (DIGITAL / 1000).astype(np.float32))


@pytest.mark.parametrize("target", ["secret.txt", "secret", "/etc/passwd"])
def test_header_that_is_a_link_to_another_kind_of_file_is_not_shown(tmp_path, target):
    (tmp_path / "secret.txt").write_text("a secret")
    (tmp_path / "secret").write_text("a secret")
    (tmp_path / "r.hea").symlink_to(target)
    assert (
        refused(tmp_path / "r") == "its header is a link to a file whose name does not end in .hea"
    )


@pytest.mark.parametrize("name", ["r" * 300, "a\0b", "r.hea/r"])
def test_impossible_path_is_refused(tmp_path, name):
    write(tmp_path)
    with pytest.raises(RecordError, match="no header"):
        read_record(tmp_path / name)


def test_pipe_in_place_of_a_file_is_refused(tmp_path):
    path = write(tmp_path)
    for file, message in (("r.dat", "no signal file"), ("r.hea", "no header")):
        (tmp_path / file).unlink()
        os.mkfifo(tmp_path / file)
        assert refused(path).startswith(message)


def test_huge_header_is_refused(tmp_path):
    path = write(tmp_path)
    (tmp_path / "r.hea").write_text("#" * 2**20 + "\n")
    assert refused(path).endswith("r.hea: 1048577 bytes, expected at most 1048576")
