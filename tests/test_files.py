import contextlib
import errno
import os
import stat
import tracemalloc
from pathlib import Path

import pytest

from ecg_tf.errors import InputError, quoted
from ecg_tf.files import (
    check_inside,
    locked,
    new_folder,
    parse_json,
    read_bytes,
    read_json,
    write_atomically,
    write_together,
)


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
    with pytest.raises(InputError, match="a: cannot be written: Is a directory"):
        write_atomically(tmp_path / "a", "new")
    assert names(tmp_path) == ["a"]
    assert (tmp_path / "a").is_dir()


def test_missing_folder_is_an_error_and_is_not_made(tmp_path):
    with pytest.raises(InputError, match=r"a\.txt: cannot be written: no folder .*missing$"):
        write_atomically(tmp_path / "missing" / "a.txt", "new")
    assert not Path(tmp_path / "missing").exists()


def test_files_that_belong_together_are_all_new(tmp_path):
    write_together(tmp_path / "a/b", {"one": "1", "mark": b"2"})
    (tmp_path / "a/b/note").write_text("mine")
    (tmp_path / "a/b/.writing-one").write_text("left by a killed process")
    write_together(tmp_path / "a/b", {"one": "3", "mark": "4"})
    assert names(tmp_path / "a/b") == ["mark", "note", "one"]
    assert [(tmp_path / "a/b" / name).read_text() for name in ("one", "mark")] == ["3", "4"]


@pytest.mark.parametrize("call", range(1, 9))
@pytest.mark.parametrize("step", ["os.fsync", "pathlib.Path.unlink", "pathlib.Path.replace"])
def test_files_that_belong_together_are_never_mixed(tmp_path, monkeypatch, step, call):
    """Killed at any step: where the last file is, all are of one time."""
    old, new = ({"one": word, "two": word, "mark": word} for word in ("old", "new"))
    write_together(tmp_path, old)
    module, name = step.rsplit(".", 1)
    owner = os if module == "os" else Path
    function, calls = getattr(owner, name), iter(range(1, 100))

    def killed(*args, **kwargs):
        if next(calls) >= call:  # the process does nothing more
            raise KeyboardInterrupt
        return function(*args, **kwargs)

    monkeypatch.setattr(owner, name, killed)
    with contextlib.suppress(KeyboardInterrupt):
        write_together(tmp_path, new)
    monkeypatch.undo()
    found = {name: (tmp_path / name).read_text() for name in old if (tmp_path / name).exists()}
    assert len(set(found.values())) <= 1
    assert "mark" not in found or len(found) == 3
    write_together(tmp_path, new)
    assert names(tmp_path) == ["mark", "one", "two"]


def test_a_full_disk_leaves_the_old_files_together(tmp_path, monkeypatch):
    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    write_together(tmp_path, {"one": "old", "mark": "old"})
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match="cannot be written: no space left on the disk"):
        write_together(tmp_path, {"one": "new", "mark": "new"})
    assert names(tmp_path) == ["mark", "one"]
    assert (tmp_path / "one").read_text() == "old"


def test_a_new_folder_appears_whole(tmp_path):
    (tmp_path / "a").mkdir()
    with new_folder(tmp_path / "a/b") as folder:
        assert names(tmp_path / "a") == [folder.parent.name]
        (folder / "deep").mkdir(parents=True)
        (folder / "deep/file").write_text("content")
    assert names(tmp_path / "a") == ["b"]
    assert (tmp_path / "a/b/deep/file").read_text() == "content"


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, InputError])
def test_a_new_folder_that_fails_leaves_nothing(tmp_path, error):
    def fail():
        with new_folder(tmp_path / "a") as folder:
            folder.mkdir()
            raise error

    with pytest.raises(error):
        fail()
    assert names(tmp_path) == []


def test_a_folder_that_another_process_filled_meanwhile_stays(tmp_path):
    def write():
        with new_folder(tmp_path / "a") as folder:
            folder.mkdir()
            (tmp_path / "a").mkdir()
            (tmp_path / "a/file").write_text("of another")

    with pytest.raises(InputError, match="a: cannot be written: Directory not empty"):
        write()
    assert names(tmp_path) == ["a"]
    assert names(tmp_path / "a") == ["file"]


def test_read_bytes_reads_a_file_up_to_the_limit(tmp_path):
    (tmp_path / "a").write_bytes(b"12345")
    assert read_bytes(tmp_path / "a", 5) == b"12345"
    with pytest.raises(InputError, match=r"a: 5 bytes, expected at most 4"):
        read_bytes(tmp_path / "a", 4)


def test_read_bytes_refuses_a_large_file_before_reading_it(tmp_path):
    size = 3 * 2**30
    (tmp_path / "a").touch()
    os.truncate(tmp_path / "a", size)  # a sparse file: it takes no space on the disk
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match=f"a: {size} bytes, expected at most {size - 1}"):
            read_bytes(tmp_path / "a", size - 1)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2**20


def test_read_bytes_names_what_is_no_file(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="pipe: not a regular file"):
        read_bytes(tmp_path / "pipe", 10)
    with pytest.raises(InputError, match="none: cannot be read: No such file"):
        read_bytes(tmp_path / "none", 10)
    with pytest.raises(InputError, match=f"{tmp_path.name}: "):
        read_bytes(tmp_path, 10)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"{", "cannot be read as JSON"),
        (b"\xff\xfe", "cannot be read as JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b"[1]", "not an object: '\\[1\\]'"),
        (b'{"a": NaN}', "NaN, expected finite numbers"),
        (b'{"a": ' + b"9" * 5000 + b"}", "cannot be read as JSON"),
    ],
)
def test_json_that_cannot_be_used_is_named(tmp_path, content, reason):
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(InputError, match=rf"a\.json: .*{reason}"):
        read_json(tmp_path / "a.json")


def test_json_may_begin_with_a_byte_order_mark(tmp_path):
    (tmp_path / "a.json").write_bytes(b'\xef\xbb\xbf{"a": 1}')
    assert read_json(tmp_path / "a.json") == {"a": 1}
    assert parse_json('{"b": [2]}', "text") == {"b": [2]}


def test_links_out_of_the_folder_are_refused(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/real").write_text("x")
    (tmp_path / "out").write_text("x")
    (tmp_path / "in/link").symlink_to(tmp_path / "in/real")
    (tmp_path / "in/away").symlink_to(tmp_path / "out")
    for good in ("real", "link", "missing"):
        check_inside(tmp_path / "in", tmp_path / "in" / good)
    for bad in ("away", "../out"):
        with pytest.raises(InputError, match="leads out of"):
            check_inside(tmp_path / "in", tmp_path / "in" / bad)


def test_an_error_shows_the_beginning_of_a_text():
    assert quoted(" I \n") == "'I'"
    assert quoted("root:x:0:0:root:/root:/bin/bash") == "'root:x:0:0:root:/roo…'"
    assert quoted(b"\xff\xfe") == "'\ufffd\ufffd'"


def test_a_locked_folder_is_made_and_refused_to_others(tmp_path):
    folder = tmp_path / "new/folder"
    with locked(folder, "packing"):
        assert folder.is_dir()
        with pytest.raises(InputError, match="new/folder: another process is packing in it; one"):
            locked(folder, "packing").__enter__()
    with locked(folder, "packing"):
        pass  # free again


def test_no_folder_can_be_locked_where_a_file_is(tmp_path):
    (tmp_path / "file").write_text("mine")
    for path in (tmp_path / "file", tmp_path / "file/folder"):
        with pytest.raises(InputError, match=r"(a file, expected|is not) a folder"):
            locked(path, "packing").__enter__()
    assert (tmp_path / "file").read_text() == "mine"
