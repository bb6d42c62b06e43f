"""Checks of files and folders to write, before the work begins where possible."""

import contextlib
import errno
import os
from pathlib import Path

from ecg_tf.errors import InputError


@contextlib.contextmanager
def writing(path):
    """Raise an InputError in place of the operating system's errors while `path` is written.

    Args:
        path: a file, or a folder that is made or written into.

    Raises:
        InputError: `path` or a file in it cannot be written; the message contains the reason, such
            as a missing folder, a file in place of a folder, missing permission, a read-only file
            system or a full disk.
    """
    try:
        yield
    except (InputError, ConnectionError):  # the second: the reader of a pipe went away
        raise
    except OSError as error:
        if error.errno is None:  # not raised by the operating system
            raise
        raise InputError(f"{path}: cannot be written: {_reason(path, error)}") from error
    except Exception as error:
        # TensorFlow writes files itself; its messages end as the system's: "…; Is a directory".
        reason = next((text for text in _REASONS if f"; {text}" in str(error)), None)
        if reason is None:
            raise
        raise InputError(f"{path}: cannot be written: {_REASONS[reason]}") from error


def check_file(path):
    """Check that a file can be written, without changing anything.

    Args:
        path: the file; it may exist.

    Raises:
        InputError: the folder is missing, `path` is a folder, or one of the reasons of `writing`.
    """
    with writing(path):
        if Path(path).is_dir():
            raise InputError(f"{path}: a folder, expected a file to write")
        if not Path(path).absolute().parent.is_dir():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        _check_access(Path(path).resolve().parent)


def check_folder(path):
    """Check that a folder can be made or written into, without changing anything.

    Args:
        path: the folder; it and its parents may be missing.

    Raises:
        InputError: a file is in place of a folder, or one of the reasons of `writing`.
    """
    with writing(path):
        place = Path(path).absolute()
        with contextlib.suppress(FileNotFoundError):
            if not place.is_dir() and place.lstat():
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path)
        while not place.is_dir():
            place = place.parent
        _check_access(place)


def check_new_folder(path):
    """Check that a folder is missing or empty and can be made, without changing anything.

    Args:
        path: the folder; its parents may be missing.

    Raises:
        InputError: the folder contains files, `path` is a file, or one of the reasons of
            `check_folder`.
    """
    with writing(path):
        if os.path.lexists(path) and (not Path(path).is_dir() or any(Path(path).iterdir())):
            raise InputError(f"{path}: already in use, expected a missing or empty folder")
        if os.path.ismount(path):
            raise InputError(f"{path}: a mount point, expected a folder in it")
    check_folder(path)
    check_folder(Path(path).resolve().parent)


def make_folder(path):
    """Make a folder and its parents, unless it exists.

    Args:
        path: the folder.

    Returns:
        Its `pathlib.Path`.

    Raises:
        InputError: the folder cannot be made; see `writing`.
    """
    with writing(path):
        Path(path).mkdir(parents=True, exist_ok=True)
    return Path(path)


def _check_access(folder):
    effective = os.access in os.supports_effective_ids
    if not os.access(folder, os.W_OK | os.X_OK, effective_ids=effective):
        read_only = os.statvfs(folder).f_flag & os.ST_RDONLY
        number = errno.EROFS if read_only else errno.EACCES
        raise OSError(number, os.strerror(number), str(folder))


_FULL = "no space left on the disk"
_REASONS = {
    os.strerror(number): _FULL if number in (errno.ENOSPC, errno.EDQUOT) else os.strerror(number)
    for number in (
        *(errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR),
        *(errno.EISDIR, errno.ENAMETOOLONG, errno.EIO, errno.ENOENT),
    )
}


def _reason(path, error):
    place = Path(path).absolute()
    if error.errno in (errno.ENOTDIR, errno.EEXIST):
        file = next((at for at in (place, *place.parents) if at.is_file()), place)
        return "a file, expected a folder" if file == place else f"{file} is not a folder"
    if error.errno == errno.ENOENT and not place.parent.is_dir():
        return f"no folder {place.parent}"
    reason = _REASONS.get(os.strerror(error.errno), error.strerror or str(error))
    if not isinstance(error.filename, str | bytes | os.PathLike):
        return reason
    named = Path(os.fsdecode(error.filename)).absolute()
    return reason if place.parent in named.parents else f"{reason}: {named}"
