"""Errors that are the input's fault, not the program's."""


class InputError(ValueError):
    """What the caller gave cannot be used; the message names it, what was found, what was expected.

    The scripts in bin/ print such a message without a stack trace.
    """


class RecordError(InputError):
    """One record cannot be used; the message begins with the record's name."""
