"""Atomic file writes, and bounded reads of files that may be damaged."""

import contextlib
import fcntl
import json
import os
import secrets
import shutil
import stat
from pathlib import Path

from ecg_tf.errors import InputError, quoted
from ecg_tf.places import check_file, check_new_folder, make_folder, writing

TEMPORARY = ".writing-"  # prefix of the names of temporary files
_MOST_JSON = _MOST_TEXT = 2**24  # bytes


def write_atomically(path, content):
    """Write a file completely or not at all.

    Args:
        path: the file; see `replaced_atomically`.
        content: bytes, or str, which is encoded as UTF-8 without changing line ends.

    Raises:
        InputError: the file cannot be written.
    """
    with replaced_atomically(path) as temporary:
        temporary.write_bytes(_as_bytes(content))


@contextlib.contextmanager
def replaced_atomically(path, suffix=".tmp"):
    """Give the path of a temporary file, which replaces `path` when the block ends.

    The temporary file is in the same folder. It is flushed to the disk and then renamed to `path`
    in one step, so that `path` has either its old or its new content, even after a crash. If
    anything fails, `path` is unchanged and the temporary file is deleted.

    Args:
        path: the file. Its folder must exist. An existing file is replaced; of a symbolic link,
            the file it points to is replaced.
        suffix: ending of the name of the temporary file.

    Yields:
        The `pathlib.Path` of the temporary file.

    Raises:
        InputError: the file cannot be written; see `writing`.
    """
    with writing(path):
        path = Path(path).resolve()
        # In the same folder, because a rename is one step only within one file system. Not made by
        # `tempfile`, because only the owner may read its files; this one has the usual mode.
        temporary = path.with_name(f"{TEMPORARY}{secrets.token_hex(8)}{suffix}")
        try:
            yield temporary
            _to_disk(temporary)
            temporary.replace(path)
        finally:  # also after an interrupt
            with contextlib.suppress(OSError):
                temporary.unlink()


def write_together(folder, files):
    """Write files that belong together, so that the last one is never beside older ones.

    All files are on the disk under temporary names before the old ones are removed: if that fails,
    for example on a full disk, the old ones are unchanged. Two processes that write into one folder
    take turns.

    Args:
        folder: the folder, made if it is missing. Its other files are kept.
        files: {name: content as for `write_atomically`}.

    Raises:
        InputError: the files cannot be written; see `writing`.
    """
    folder = make_folder(folder)
    with writing(folder), _alone_in(folder):
        # The names are always the same, so that files of a killed process are overwritten.
        temporary = {name: folder / f"{TEMPORARY}{name}" for name in files}
        try:
            for name, content in files.items():
                check_file(folder / name)
                temporary[name].write_bytes(_as_bytes(content))
                _to_disk(temporary[name])
            for name in reversed(files):
                (folder / name).unlink(missing_ok=True)
            for name in files:
                temporary[name].replace(folder / name)
        finally:
            for path in temporary.values():
                with contextlib.suppress(OSError):
                    path.unlink()


@contextlib.contextmanager
def new_folder(path):
    """Give the path of a temporary folder, which is renamed to `path` when the block ends.

    The temporary folder is in a hidden folder beside `path`. If anything fails, it is deleted.

    Args:
        path: the folder, missing or empty. Its parents are made.

    Yields:
        The `pathlib.Path` of the temporary folder, which the block has to make.

    Raises:
        InputError: `path` is in use or cannot be written; see `writing`.
    """
    check_new_folder(path)
    with writing(path):
        whole = Path(path).resolve()
        make_folder(whole.parent)
        scratch = whole.with_name(f"{TEMPORARY}{secrets.token_hex(8)}")
        try:
            scratch.mkdir()
            yield scratch / whole.name
            for file in filter(Path.is_file, scratch.rglob("*")):
                _to_disk(file)
            (scratch / whole.name).replace(whole)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


@contextlib.contextmanager
def open_file(path):
    """Open a regular file, a context with the binary file.

    Raises:
        InputError: the file is missing, is a folder, a pipe or a device, or may not be read.
    """
    try:
        with _opened(path) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise InputError(f"{path}: not a regular file")
            yield file
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error


def read_bytes(path, most):
    """Read a file of bounded size.

    Args:
        path: the file.
        most: its maximum size, bytes.

    Raises:
        InputError: the file is larger, or cannot be opened by `open_file`.
    """
    with open_file(path) as file:
        size = os.fstat(file.fileno()).st_size
        if size > most:
            raise InputError(f"{path}: {size} bytes, expected at most {most}")
        content = file.read(most + 1)
    if len(content) > most:  # it grew meanwhile
        raise InputError(f"{path}: {len(content)} bytes or more, expected at most {most}")
    return content


def read_text(path, most=_MOST_TEXT):
    """The text in a file, UTF-8.

    Args:
        path: pathlib.Path of the file.
        most: largest number of bytes.

    Raises:
        InputError: the file cannot be read, is larger or is not UTF-8.
    """
    try:
        return read_bytes(path, most).decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: no text in UTF-8") from error


def read_json(path, most=_MOST_JSON):
    """Read the object in a JSON file.

    Args:
        path: the file.
        most: its maximum size, bytes.

    Returns:
        A dictionary.

    Raises:
        InputError: `read_bytes` refuses the file, or `parse_json` its content.
    """
    return parse_json(read_bytes(path, most), path)


def parse_json(content, name):
    """Parse the JSON text of an object.

    Args:
        content: bytes in UTF-8, or str.
        name: name of the text in error messages.

    Returns:
        A dictionary.

    Raises:
        InputError: the text is no JSON, is not an object, or contains a number that is not finite.
    """
    try:
        text = content.decode("utf-8-sig") if isinstance(content, bytes) else content
        value = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise InputError(f"{name}: cannot be read as JSON: {reason}") from error
    if not isinstance(value, dict):
        raise InputError(f"{name}: JSON, but not an object: {quoted(str(value))}")
    return value


def check_inside(folder, path, name=None):
    """Check that no symbolic link leads from a file to a place outside its folder.

    Args:
        folder: folder of a data set.
        path: a file in it, existing or not.
        name: name of the file in the error message. Default: `path`.

    Raises:
        InputError: `path` is not below `folder` after all links are followed.
    """
    try:
        inside = Path(path).resolve().is_relative_to(Path(folder).resolve())
    except (OSError, RuntimeError, ValueError) as error:  # links in a circle, a NUL
        raise InputError(f"{name or path}: cannot be followed: {error}") from error
    if not inside:
        raise InputError(f"{name or path}: leads out of {folder}; expected a file in this folder")


@contextlib.contextmanager
def locked(folder, doing):
    """Lock a folder for one process while the block runs.

    Args:
        folder: the folder, made if it is missing. Only processes that lock it, too, are kept out.
        doing: the work that the lock is for, in the error message: "preparing records".

    Raises:
        InputError: another process holds the lock, or the folder cannot be made.
    """
    folder = make_folder(folder)
    with writing(folder):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError(
                f"{folder}: another process is {doing} in it; one at a time, wait for its end"
            ) from None
        except OSError:  # a file system without locks
            pass
        yield
    finally:
        os.close(descriptor)  # and with it the lock


def _opened(path):
    """Open a file without waiting, also a named pipe without a writer."""
    without_waiting = getattr(os, "O_NONBLOCK", 0)
    try:
        return open(path, "rb", opener=lambda path, flags: os.open(path, flags | without_waiting))
    except ValueError as error:  # a NUL or half a character in the path
        raise InputError(f"{quoted(str(path), 60)}: not a path: {error}") from error


def _refuse_constant(text):
    raise ValueError(f"{text}, expected finite numbers")


@contextlib.contextmanager
def _alone_in(folder):
    """Wait for other processes that lock the folder, and lock it while the block runs."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # a file system without locks
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _to_disk(path):
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _as_bytes(content):
    return content.encode("utf-8") if isinstance(content, str) else content
