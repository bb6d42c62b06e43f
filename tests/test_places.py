"""What cannot be written to is named, with the reason, and where possible before the work."""

import errno
import os
import resource
import tempfile
from pathlib import Path

import pytest

from ecg_tf.errors import InputError
from ecg_tf.places import check_file, check_folder, check_new_folder, make_folder, writing

CHECKS = {"file": check_file, "folder": check_folder, "new folder": check_new_folder}


def named(message):
    return pytest.raises(InputError, match=message)


@pytest.fixture
def locked():
    """A folder that the process, which is no longer root's, may not write into."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        (Path(folder) / "locked").mkdir(mode=0o555)
        root = os.geteuid() == 0
        if root:
            os.seteuid(65534)
        yield Path(folder) / "locked"
        if root:
            os.seteuid(0)


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_places_that_can_be_written_pass_and_nothing_is_made(tmp_path, check):
    check(tmp_path / "new")
    if check is not check_file:
        check(tmp_path / "a/b/c")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_a_folder_without_permission_is_named(locked, check):
    with pytest.raises(InputError, match=r"new: cannot be written: Permission denied.*locked"):
        check(locked / "new")


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_a_file_in_a_folders_place_is_named(tmp_path, check):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"cannot be written: .*(file is not a folder|no folder)"):
        check(tmp_path / "file/new")


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_a_name_too_long_is_named(tmp_path, check):
    with pytest.raises(InputError, match="cannot be written: File name too long"):
        check(tmp_path / ("a" * 300))


def test_what_is_in_the_place_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="a folder, expected a file"):
        check_file(tmp_path)
    with pytest.raises(InputError, match=r"no folder .*missing"):
        check_file(tmp_path / "missing/file")
    with pytest.raises(InputError, match="file: cannot be written: a file, expected a folder"):
        check_folder(tmp_path / "file")
    for used in (tmp_path, tmp_path / "file"):
        with pytest.raises(InputError, match="already in use"):
            check_new_folder(used)
    check_file(tmp_path / "file")
    check_folder(tmp_path)


def test_a_folder_is_made_with_those_above_it_or_named(tmp_path):
    assert make_folder(tmp_path / "a/b").is_dir()
    assert make_folder(tmp_path / "a/b").is_dir()
    (tmp_path / "file").write_text("")
    for below, reason in (
        ("file", "a file, expected a folder"),
        ("file/a", "file is not a folder"),
    ):
        with pytest.raises(InputError, match=reason):
            make_folder(tmp_path / below)


def test_a_limit_of_the_operating_system_is_named(tmp_path):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with named("big: cannot be written: File too large"), writing(tmp_path / "big"):
            (tmp_path / "big").write_bytes(bytes(2000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_tensorflows_errors_of_writing_are_named(tmp_path):
    import tensorflow as tf

    (tmp_path / "file").write_text("")
    with named("model: cannot be written: Not a directory"), writing(tmp_path / "model"):
        tf.io.gfile.GFile(str(tmp_path / "file/a"), "w").write("content")


def test_a_disk_that_is_full_for_tensorflow_is_named():
    import tensorflow as tf

    message = "{{function_node SaveV2}} a/variables; No space left on device [Op:SaveV2]"
    with named("model: cannot be written: no space left on the disk"), writing("model"):
        raise tf.errors.ResourceExhaustedError(None, None, message)


@pytest.mark.parametrize(
    "error",
    [OSError("no number"), BrokenPipeError(errno.EPIPE, "gone"), ValueError("a fault; of ours")],
)
def test_other_errors_pass_as_they_are(error):
    with pytest.raises(type(error)) as raised, writing("a"):
        raise error
    assert raised.value is error
