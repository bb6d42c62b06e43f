"""Flag files are text with one flag per line; other files are refused."""

import os

import pytest
from absl import flags

from ecg_tf.commands.flag_files import parse_flags, with_flag_files
from ecg_tf.errors import InputError


@pytest.fixture
def write(tmp_path, monkeypatch):
    """A function that writes a flag file, a.cfg or another, into the current folder."""
    monkeypatch.chdir(tmp_path)

    def write(content, name="a.cfg"):
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())

    return write


@pytest.mark.parametrize("given", [["--flagfile=a.cfg"], ["-flagfile", "a.cfg"]])
@pytest.mark.parametrize(
    "content",
    [
        "--x=1\n\n# a comment\n // another\n  --y=2 \n",
        "\ufeff--x=1\n--y=2\n",  # a byte order mark
        "--x=1\r\n--y=2",
        "--x=1\r--y=2\r",
    ],
)
def test_lines_stand_in_the_place_of_the_file(write, given, content):
    write(content)
    assert with_flag_files(["-a", *given, "b"]) == ["-a", "--x=1", "--y=2", "b"]


def test_flag_files_include_others(write):
    write("--x=1\n--flagfile=b.cfg\n--flagfile=b.cfg\n--z=3\n")
    write("--y=2\n", "b.cfg")
    assert with_flag_files(["--flagfile=a.cfg"]) == ["--x=1", "--y=2", "--y=2", "--z=3"]


def test_what_follows_two_dashes_is_no_flag(write):
    assert with_flag_files(["--", "--flagfile=a.cfg"]) == ["--", "--flagfile=a.cfg"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"--x=\xff\n", "a.cfg: not a flag file, which is UTF-8 text"),
        ("--x=1\n".encode("utf-16"), "a.cfg: not a flag file, which is UTF-8 text"),
        (b"--x=a\0b\n", "a.cfg: not a flag file, .*: contains NUL"),
        (b"--flagfile=a.cfg\n", "a.cfg: a flag file that includes itself"),
        (b"--flagfile=./a.cfg\n", "a.cfg: a flag file that includes itself"),
        (b"--flagfile=none.cfg\n", "none.cfg: cannot be read: No such file"),
        (b"--flagfile=.\n", r"\.: cannot be read: Is a directory"),
        (b"--flagfile=\n", "no file named"),
        (b"--flagfile", "no file named"),
        (b"-" * 2**21, "a.cfg: 2097152 bytes, expected at most 1048576"),
        (b"--x=1\n" * 10_001, "a.cfg: more than 10000 lines"),
    ],
)
def test_what_is_no_flag_file_is_named(write, content, reason):
    write(content)
    with pytest.raises(InputError, match=reason):
        with_flag_files(["--flagfile=a.cfg"])


def test_a_flag_with_a_very_long_name_is_named(write):
    write("--" + "A" * 100_000 + "=1\n")
    with pytest.raises(
        InputError, match=r"Unknown command line flag '--AAAAAAAAAAAAAAAAAA…'; -help"
    ):
        parse_flags(["train.py", "--flagfile=a.cfg"])


def test_devices_and_pipes_are_named_at_once(write, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in ("pipe", "/dev/zero"):
        with pytest.raises(InputError, match=f"{path}: not a regular file"):
            with_flag_files([f"--flagfile={path}"])


def test_files_that_include_each_other_many_times_end(write):
    """A kilobyte that stands for 10^12 lines."""
    for k in range(4):
        write(f"--flagfile={k + 1}.cfg\n" * 1000, f"{k}.cfg")
    write("--x=1\n", "4.cfg")
    with pytest.raises(InputError, match="more than 10000 lines"):
        with_flag_files(["--flagfile=0.cfg"])


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("--unknown=secret", "Unknown command line flag 'unknown'"),
        ("--BEGIN RSA PRIVATE KEY-----abcdef", "Unknown command line flag 'BEGIN RSA PRIVATE KE…'"),
        ("--verbosity=root:x:0:0:root:/root:/bin/bash", "root:x:0:0:root:/roo…"),
    ],
)
def test_an_error_shows_no_more_than_the_beginning_of_a_line(write, line, reason):
    write(f"{line}\n")
    with pytest.raises(InputError) as raised:
        parse_flags(["script", "--flagfile=a.cfg"])
    flags.FLAGS.unparse_flags()
    message = str(raised.value)
    assert reason in message
    assert line[25:] not in message or len(line) < 25
    assert "\n" not in message
