"""Places to write to: what is wrong with one, said as an InputError and, where possible, early."""

import contextlib
import errno
import os
from pathlib import Path

from ecg_tf.errors import InputError


@contextlib.contextmanager
def writing(path):
    """Turn what the operating system says of writing `path` into an InputError.

    Args:
        path: a file, or a folder that is made or written into.

    Raises:
        InputError: it, or what is in it, cannot be written, and the reason: a missing folder, a
            file in a folder's place, missing permission, a read-only file system, a full disk …
    """
    try:
        yield
    except (InputError, ConnectionError):  # the second: whoever read what we print went away
        raise
    except OSError as error:
        if error.errno is None:  # not the operating system's
            raise
        raise InputError(f"{path}: cannot be written: {_reason(path, error)}") from error
    except Exception as error:
        # TensorFlow writes files itself; its errors quote the system: "…; Is a directory".
        reason = next((text for text in _REASONS if f"; {text}" in str(error)), None)
        if reason is None:
            raise
        raise InputError(f"{path}: cannot be written: {_REASONS[reason]}") from error


def check_file(path):
    """Refuse a file that cannot be written, before the work begins. Changes nothing.

    Args:
        path: the file; one that is there will be replaced.

    Raises:
        InputError: a missing folder, a folder in the file's place, or one of `writing`'s reasons.
    """
    with writing(path):
        if Path(path).is_dir():
            raise InputError(f"{path}: a folder, expected a file to write")
        if not Path(path).absolute().parent.is_dir():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        _check_access(Path(path).resolve().parent)


def check_folder(path):
    """Refuse a folder that cannot be made or written into, before the work begins.

    Changes nothing.

    Args:
        path: the folder; it and those above it may be missing.

    Raises:
        InputError: a file in a folder's place, or one of `writing`'s reasons.
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
    """Refuse a folder that holds anything or cannot be made, before the work begins.

    Changes nothing.

    Args:
        path: the folder, missing or empty; those above it may be missing.

    Raises:
        InputError: a folder in use, a file, or what `check_folder` refuses about the one above.
    """
    with writing(path):
        if os.path.lexists(path) and (not Path(path).is_dir() or any(Path(path).iterdir())):
            raise InputError(f"{path}: already in use, expected a missing or empty folder")
        if os.path.ismount(path):
            raise InputError(f"{path}: where a disk is mounted, expected a folder in it")
    check_folder(path)
    check_folder(Path(path).resolve().parent)


def make_folder(path):
    """Make a folder and those above it, unless it is there; its Path.

    Raises:
        InputError: it cannot be made: see `writing`.
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
