"""Writing a file so that nobody ever finds half of it."""

import contextlib
import errno
import os
import secrets
from pathlib import Path

from ecg_tf.errors import InputError

TEMPORARY = ".writing-"  # what the names of temporary files begin with


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
