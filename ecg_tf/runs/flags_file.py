"""Flags of a run: reading flags.cfg of its folder, and those that are younger than the run."""

import dataclasses

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


def flags_of(settings):
    """Return {flag: text} of `ecg_tf.training.settings.Settings`."""
    return dict(line.removeprefix("--").split("=", 1) for line in settings.flagfile().splitlines())


def with_younger_flags(flags, settings):
    """Add the flags that did not exist yet when a run began: they had their defaults.

    Args:
        flags: {flag: text} of the run.
        settings: `ecg_tf.training.settings.Settings`, whose class has the defaults.

    Returns:
        {flag: text}.
    """
    younger = {
        field.name: field.default
        for field in dataclasses.fields(settings)
        if field.name not in flags and field.default is not dataclasses.MISSING
    }
    defaults = flags_of(dataclasses.replace(settings, **younger))
    return flags | {name: defaults[name] for name in younger if name in defaults}
