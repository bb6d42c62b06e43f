"""Atomic file writes, and bounded reads of files that may be damaged."""

import contextlib
import errno
import json
import os
import secrets
import stat
from pathlib import Path

from ecg_tf.errors import InputError, quoted

TEMPORARY = ".writing-"  # what the names of temporary files begin with
_MOST_JSON = 2**24  # bytes


def write_atomically(path, content):
    """Write a file whole or not at all.

    Args:
        path: the file, see `replaced_atomically`.
        content: bytes, or str, which is written in UTF-8 with its line ends as they are.

    Raises:
        InputError: the disk is full.
    """
    with replaced_atomically(path) as temporary:
        temporary.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)


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
        InputError: the disk is full.
    """
    path = Path(path).resolve()
    # In the same folder, because a rename is one step only within one file system. Not made by
    # `tempfile`, whose files only their owner may read: this one has an ordinary file's mode.
    temporary = path.with_name(f"{TEMPORARY}{secrets.token_hex(8)}{suffix}")
    try:
        yield temporary
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise InputError(
                f"{path}: no space left on the disk to write it; what was there before is as it was"
            ) from error
        raise
    finally:  # an interrupt, too, leaves nothing behind
        with contextlib.suppress(OSError):
            temporary.unlink()


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
            content = file.read(most + 1)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    except ValueError as error:  # a NUL in the path
        raise InputError(f"{quoted(str(path), 60)}: no path: {error}") from error
    if len(content) > most:
        raise InputError(f"{path}: {status.st_size} bytes, expected at most {most}")
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


def _without_waiting(path, flags):
    """Opens a file; a named pipe that nobody writes to, too."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _refuse_constant(text):
    raise ValueError(f"{text}, expected finite numbers")
