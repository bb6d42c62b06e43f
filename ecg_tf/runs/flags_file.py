"""Reading flags.cfg of a run folder."""

from ecg_tf.errors import InputError, quoted
from ecg_tf.files import read_text


def read_flags(path):
    """Read a file of lines `--flag=text`.

    Args:
        path: pathlib.Path of the file.

    Returns:
        {flag: text}.

    Raises:
        InputError: the file cannot be read, or has another line.
    """
    flags = {}
    for line in read_text(path).splitlines():
        flag, sign, text = line.partition("=")
        if not (flag.startswith("--") and len(flag) > 2 and sign):
            raise InputError(f"{path}: {quoted(line)}, expected --flag=text")
        flags[flag.removeprefix("--")] = text
    return flags
