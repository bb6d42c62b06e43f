"""A field of the settings, with everything that flags and documentation say about it."""

import dataclasses
import math
import textwrap
import types
import typing
from collections.abc import Callable
from dataclasses import MISSING


@dataclasses.dataclass(frozen=True)
class Allowed:
    """The values that a setting may have: in words, and as a condition."""

    words: str
    contains: Callable


def between(low, high):
    """The `Allowed` numbers from `low` to `high`, both included."""
    return Allowed(f"{low:.10g} to {high:.10g}", lambda value: low <= value <= high)


def one_of(choices):
    """The `Allowed` values that are in a tuple of strings."""
    return Allowed(" or ".join(choices), choices.__contains__)


POSITIVE = Allowed("more than 0, finite", lambda value: 0 < value < math.inf)


def setting(text, default=MISSING, *, allowed=None, choices=None, path=False):
    """A dataclass field that is a setting.

    Args:
        text: what the setting does, for the flag's help, the docstring and the documentation.
        default: its value if it is not given; without a default it is required.
        allowed: the `Allowed` values; None for all, or for `choices`.
        choices: a tuple of its values, if these are a few strings.
        path: True for a file or folder, or a tuple of them; ~ is the home folder.

    Returns:
        The `dataclasses.Field`; its metadata has the keys "help", "allowed", "choices" and "path".
    """
    if choices:
        allowed = one_of(choices)
    metadata = {"help": text, "allowed": allowed, "choices": choices, "path": path}
    return dataclasses.field(default=default, metadata=metadata)


def value_type(field):
    """The type of a field's values: str, int, float, bool or tuple, also where None is possible."""
    kind = field.type
    if isinstance(kind, types.UnionType):
        kind = typing.get_args(kind)[0]
    return typing.get_origin(kind) or kind


def value_text(value):
    """A value as the text of its flag, such as "I,II,V2"."""
    return ",".join(value) if isinstance(value, tuple) else str(value)


def attributes(fields):
    """The lines of a class docstring's "Attributes" section, without its heading.

    Args:
        fields: `dataclasses.Field`s made by `setting`.
    """
    entries = []
    for field in fields:
        default = "" if field.default in (MISSING, None) else f" Default: {field.default!r}."
        entry = f"{field.name}: {field.metadata['help']}.{default}"
        entries.append(textwrap.indent(textwrap.fill(entry, 88), "        ")[4:])
    return "\n".join(entries)


def markdown_row(field):
    """A row of a Markdown table: flag, default, values, what it does."""
    default = "–" if field.default is None else value_text(field.default)
    if field.default is MISSING:
        default = "required"
    elif field.default is False:
        default = "false"
    values = (_PATHS if field.metadata["path"] else _TYPES)[value_type(field)]
    if field.metadata["choices"]:
        values = ", ".join(field.metadata["choices"])
    elif field.metadata["allowed"]:
        values += f", {field.metadata['allowed'].words}"
    return f"| `-{field.name}` | {default} | {values} | {field.metadata['help']} |"


_TYPES = {
    bool: "true, false",
    float: "number",
    int: "whole number",
    str: "text",
    tuple: "comma-separated list",
}
_PATHS = {str: "path", tuple: "comma-separated paths"}
