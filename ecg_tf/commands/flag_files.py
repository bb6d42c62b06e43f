"""Parsing of command lines and flag files (--flagfile=FILE), with plain error messages."""

import os
import re

from absl import flags

from ecg_tf.errors import InputError, quoted
from ecg_tf.files import read_bytes

_MOST_BYTES = 2**20  # of a flag file
_MOST_LINES = 10_000  # of all flag files, counted each time that they are included
_MOST_SHOWN = 20  # characters of a name or value: a flag file may be a link to a secret file
_DIRECTIVE = re.compile(r"--?flagfile(?:=(.*))?", re.DOTALL)


def parse_flags(argv):
    """Parse a command line into absl's FLAGS.

    Args:
        argv: list of str: the name of the program and its arguments.

    Returns:
        A list of the name of the program and the arguments that are no flags.

    Raises:
        InputError: a flag is unknown, is missing or has a wrong value, or a flag file cannot be
            used.
    """
    arguments = with_flag_files(argv[1:])
    try:
        return flags.FLAGS([argv[0], *arguments])
    except flags.Error as error:
        raise InputError(f"{_shortened(str(error), arguments)}; -help lists the flags") from error
    except RecursionError:  # absl searches for similar names by recursion
        name = max((argument.partition("=")[0] for argument in arguments), key=len)
        raise InputError(
            f"Unknown command line flag {quoted(name)}; -help lists the flags"
        ) from None


def with_flag_files(arguments):
    """Replace each -flagfile by the lines of its file.

    A flag file is UTF-8 text with one flag per line. Blank lines and comments (# or //) are
    skipped. A flag file may include other flag files.

    Args:
        arguments: list of str.

    Returns:
        A list of str.

    Raises:
        InputError: a file cannot be read, is no text, is too long, or includes itself.
    """
    return list(_expanded(iter(arguments), (), iter(range(_MOST_LINES))))


def _expanded(arguments, including, places):
    """Yield the arguments with flag files replaced.

    Args:
        arguments: iterator of str.
        including: paths of the flag files that these arguments are from.
        places: iterator with one item for each line that may still be read.
    """
    for argument in arguments:
        if argument == "--":
            yield argument
            yield from arguments
            return
        if not (directive := _DIRECTIVE.fullmatch(argument)):
            yield argument
            continue
        name = next(arguments, "") if directive[1] is None else directive[1].strip()
        if not name:
            raise InputError("-flagfile: no file named")
        path = os.path.expanduser(name)  # noqa: PTH111 - of text
        if os.path.realpath(path) in including:
            raise InputError(f"{path}: a flag file that includes itself")
        lines = _read(path, places)
        yield from _expanded(iter(lines), (*including, os.path.realpath(path)), places)


def _read(path, places):
    content = read_bytes(path, _MOST_BYTES)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not a flag file, which is UTF-8 text: {error.reason}") from error
    if "\0" in text:
        raise InputError(f"{path}: not a flag file, which is UTF-8 text: contains NUL characters")
    lines = [line.strip() for line in re.split(r"\r\n|\r|\n", text)]
    lines = [line for line in lines if line and not line.startswith(("#", "//"))]
    for _ in lines:
        if next(places, None) is None:
            raise InputError(f"{path}: more than {_MOST_LINES} lines of flag files in total")
    return lines


def _shortened(message, arguments):
    """Shorten the names and values of flags in a message of absl."""
    parts = {part for argument in arguments for part in argument.lstrip("-").split("=", 1)}
    for part in sorted({*parts, *(repr(part)[1:-1] for part in parts)}, key=len, reverse=True):
        if len(part) > _MOST_SHOWN:
            message = message.replace(part, f"{part[:_MOST_SHOWN]}…")
    return " ".join(message.split()).rstrip(".")
