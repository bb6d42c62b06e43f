import os
import stat
from pathlib import Path

import pytest

from ecg_tf.files import write_atomically


def names(folder):
    return sorted(entry.name for entry in folder.iterdir())


def test_text_is_written_in_utf_8_with_its_line_ends_as_they_are(tmp_path):
    write_atomically(tmp_path / "a.txt", "± 1 mV\nnext\r\n")
    assert (tmp_path / "a.txt").read_bytes() == b"\xc2\xb1 1 mV\nnext\r\n"


def test_bytes_are_written_as_they_are(tmp_path):
    write_atomically(tmp_path / "a.bin", b"\x00\xff\r\n")
    assert (tmp_path / "a.bin").read_bytes() == b"\x00\xff\r\n"


def test_path_may_be_a_string(tmp_path):
    write_atomically(str(tmp_path / "a.txt"), "new")
    assert (tmp_path / "a.txt").read_text() == "new"


def test_nothing_but_the_file_is_left_in_the_folder(tmp_path):
    write_atomically(tmp_path / "a.txt", "new")
    assert names(tmp_path) == ["a.txt"]


def test_old_content_is_replaced(tmp_path):
    (tmp_path / "a.txt").write_text("a longer old content")
    write_atomically(tmp_path / "a.txt", "new")
    assert (tmp_path / "a.txt").read_text() == "new"


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX's")
def test_permissions_are_those_of_an_ordinary_new_file(tmp_path):
    (tmp_path / "ordinary.txt").write_text("new")
    write_atomically(tmp_path / "a.txt", "new")
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("ordinary.txt", "a.txt")]
    assert modes[0] == modes[1]


@pytest.mark.skipif(os.name != "posix", reason="symbolic links need rights elsewhere")
def test_symbolic_link_stays_and_its_target_is_replaced(tmp_path):
    (tmp_path / "target.txt").write_text("old")
    (tmp_path / "link.txt").symlink_to("target.txt")
    write_atomically(tmp_path / "link.txt", "new")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "target.txt").read_text() == "new"


@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()])
@pytest.mark.parametrize("step", ["os.fsync", "pathlib.Path.replace"])
def test_failure_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch, step, error):
    def fail(*_):
        raise error

    (tmp_path / "a.txt").write_text("old")
    monkeypatch.setattr(step, fail)
    with pytest.raises(type(error)):
        write_atomically(tmp_path / "a.txt", "new")
    assert names(tmp_path) == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "old"


def test_content_that_is_no_text_and_no_bytes_leaves_nothing(tmp_path):
    with pytest.raises(TypeError):
        write_atomically(tmp_path / "a.txt", {"not": "text"})
    assert names(tmp_path) == []


def test_a_folder_of_that_name_stays(tmp_path):
    (tmp_path / "a").mkdir()
    with pytest.raises(OSError, match="a"):
        write_atomically(tmp_path / "a", "new")
    assert names(tmp_path) == ["a"]
    assert (tmp_path / "a").is_dir()


def test_missing_folder_is_an_error_and_is_not_made(tmp_path):
    with pytest.raises(FileNotFoundError):
        write_atomically(tmp_path / "missing" / "a.txt", "new")
    assert not Path(tmp_path / "missing").exists()
