"""Errors that are caused by the input, and the interruption of work."""


class InputError(ValueError):
    """An argument, file or flag that cannot be used.

    The message names it, what was found, what was expected and what to try.

    Commands print such a message without a stack trace.
    """


class RecordError(InputError):
    """A record that cannot be used; the message begins with the name of the record."""


class Interrupted(Exception):  # noqa: N818 - named as KeyboardInterrupt is
    """Work that was stopped by a signal in a state from which it can be resumed.

    Args:
        message: the message for the user.
        signal: number of the signal.
    """

    def __init__(self, message, signal):
        super().__init__(message)
        self.signal = signal


def quoted(text, most=20):
    """Quote the beginning of a text that could not be parsed, for an error message.

    Messages show no more of a file than this, because the file may be a link to a secret one.

    Args:
        text: str, or bytes, which are decoded as UTF-8.
        most: maximum number of characters shown.

    Returns:
        A str.

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
