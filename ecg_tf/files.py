"""Writing a file so that nobody ever finds half of it."""

import contextlib
import os
import secrets
from pathlib import Path


def write_atomically(path, content):
    """Write a file whole or not at all.

    `content` goes into a temporary file in the same folder, to the disk, and only then takes the
    name `path`, in one step of the file system. Whoever opens `path`, also after a crash, finds the
    old content or the new. If anything fails, `path` is as it was and the temporary file is gone.

    Args:
        path: the file. Its folder exists; a file already there is replaced; a symbolic link stays
            one and the file it points to is replaced.
        content: bytes, or str, which is written in UTF-8 with its line ends as they are.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    path = Path(path).resolve()
    # In the same folder, because a rename is one step only within one file system. Not made by
    # `tempfile`, whose files only their owner may read: this one has an ordinary file's mode.
    temporary = path.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:  # an interrupt, too, leaves nothing behind
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
