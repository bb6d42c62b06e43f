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

TEMPORARY = ".writing-"  # what the names of temporary files begin with
_MOST_JSON = 2**24  # bytes


def write_atomically(path, content):
    """Write a file whole or not at all.

    Args:
        path: the file, see `replaced_atomically`.
        content: bytes, or str, which is written in UTF-8 with its line ends as they are.

    Raises:
        InputError: it cannot be written.
    """
    with replaced_atomically(path) as temporary:
        temporary.write_bytes(_as_bytes(content))


@contextlib.contextmanager
def replaced_atomically(path, suffix=".tmp"):
    """A path to write a file to, which takes the name `path` when the block ends.

    The temporary file is in the same folder. It goes to the disk, and only
    then takes the name `path`, in one step of the file system: whoever opens `path`, also after a
    crash, finds the old content or the new. If anything fails, `path` is as it was and the
    temporary file is gone.

    Args:
        path: the file. Its folder exists; a file already there is replaced; a symbolic link stays
            one and the file it points to is replaced.
        suffix: ending of the temporary file.

    Raises:
        InputError: it cannot be written: see `writing`.
    """
    with writing(path):
        path = Path(path).resolve()
        # In the same folder, because a rename is one step only within one file system. Not made by
        # `tempfile`, whose files only their owner may read: this one has an ordinary file's mode.
        temporary = path.with_name(f"{TEMPORARY}{secrets.token_hex(8)}{suffix}")
        try:
            yield temporary
            _to_disk(temporary)
            temporary.replace(path)
        finally:  # an interrupt, too, leaves nothing behind
            with contextlib.suppress(OSError):
                temporary.unlink()


def write_together(folder, files):
    """Write files that belong together; where the last one is, the others are those it goes with.

    All are on the disk under other names before the old ones go: what fails before, such as a full
    disk, leaves these as they were. Two processes that write into one folder take turns.

    Args:
        folder: made if it is missing. Other files in it stay.
        files: {name: content, as for `write_atomically`}.

    Raises:
        InputError: they cannot be written: see `writing`.
    """
    folder = make_folder(folder)
    with writing(folder), _alone_in(folder):
        # By the same names each time: what a killed process left is overwritten.
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
    """A path to make a folder at, which takes the name `path` when the block ends.

    Until then it is in a hidden folder beside `path`. If anything fails, nothing is left.

    Args:
        path: the folder, missing or empty; those above it are made.

    Raises:
        InputError: `path` is in use, or cannot be written: see `writing`.
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


def read_bytes(path, most):
    """Read a small file whole.

    Args:
        path: the file.
        most: bytes it may hold.

    Raises:
        InputError: no such file, a folder, a pipe or a device, a file that may not be read, or one
            that is larger.
    """
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise InputError(f"{path}: not a regular file")
            if status.st_size > most:
                raise InputError(f"{path}: {status.st_size} bytes, expected at most {most}")
            content = file.read(most + 1)
    except InputError:
        raise
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    except ValueError as error:  # a NUL in the path
        raise InputError(f"{quoted(str(path), 60)}: no path: {error}") from error
    if len(content) > most:  # it grew meanwhile
        raise InputError(f"{path}: {len(content)} bytes or more, expected at most {most}")
    return content


def read_json(path, most=_MOST_JSON):
    """The dictionary in a JSON file.

    Raises:
        InputError: a file that `read_bytes` refuses, no JSON in UTF-8, anything but an object.
    """
    return parse_json(read_bytes(path, most), path)


def parse_json(content, name):
    """The dictionary that is the JSON text `content`.

    Args:
        content: bytes in UTF-8, or str.
        name: what errors call it.

    Raises:
        InputError: no JSON, anything but an object, a number that is not finite.
    """
    try:
        text = content.decode("utf-8-sig") if isinstance(content, bytes) else content
        value = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise InputError(f"{name}: no JSON that can be read: {reason}") from error
    if not isinstance(value, dict):
        raise InputError(f"{name}: JSON, but no object: {quoted(str(value))}")
    return value


def check_inside(folder, path, name=None):
    """Refuse a file that links lead out of the folder it should be in.

    Args:
        folder: the folder of a data set.
        path: a file in it, existing or not.
        name: what the error calls the file; `path` by default.

    Raises:
        InputError: `path`, all links followed, is not below `folder`, all links followed.
    """
    try:
        inside = Path(path).resolve().is_relative_to(Path(folder).resolve())
    except (OSError, RuntimeError, ValueError) as error:  # links in a circle, a NUL
        raise InputError(f"{name or path}: cannot be followed: {error}") from error
    if not inside:
        raise InputError(f"{name or path}: leads out of {folder}; expected a file in this folder")


@contextlib.contextmanager
def locked(folder, doing):
    """Keep other processes from the same work in a folder while the block runs.

    Args:
        folder: the folder, made if it is missing. Nothing in it is locked by this; others have to
            ask for the same lock.
        doing: what the error says that the other process does in it: "preparing records".

    Raises:
        InputError: another process holds the lock, or there is no such folder to be had.
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


def _without_waiting(path, flags):
    """Opens a file; a named pipe that nobody writes to, too."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _refuse_constant(text):
    raise ValueError(f"{text}, expected finite numbers")


@contextlib.contextmanager
def _alone_in(folder):
    """No other process that asks for this is in the folder meanwhile."""
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
