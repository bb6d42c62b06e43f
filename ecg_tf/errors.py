"""Errors that are not the program's fault."""


class InputError(ValueError):
    """What the caller gave cannot be used; the message names it, what was found, what was expected.

    The scripts in bin/ print such a message without a stack trace.
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
