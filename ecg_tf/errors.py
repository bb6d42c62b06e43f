"""Errors that are not the program's fault."""


class InputError(ValueError):
    """What the caller gave cannot be used; the message names it, what was found, what was expected.

    Commands print such a message without a stack trace.
    """


class RecordError(InputError):
    """One record cannot be used; the message begins with the record's name."""


class Interrupted(Exception):  # noqa: N818 - named as KeyboardInterrupt is
    """A signal asked the process to end, and its work is in a state to go on from.

    Args:
        message: says so.
        signal: the number of the signal.
    """

    def __init__(self, message, signal):
        super().__init__(message)
        self.signal = signal


def quoted(text, most=20):
    """The beginning of a text that could not be parsed, in quotes, for an error message.

    A message shows no more of a file than this: the file may be a link to another one.

    Args:
        text: str, or bytes, which are shown as UTF-8.
        most: characters shown.

    Examples:
        >>> quoted("lead")
        "'lead'"
        >>> quoted("a long line of a file that is no header")
        "'a long line of a fil…'"
    """
    if isinstance(text, bytes):
        text = text[: 4 * most + 4].decode("utf-8", errors="replace")
    text = text.strip()
    return repr(text if len(text) <= most else f"{text[:most]}…")
