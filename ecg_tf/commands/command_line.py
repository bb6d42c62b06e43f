"""`ecg_tf NAME …` runs the command in ecg_tf/commands/NAME.py; `ecg_tf` alone lists the commands.

Nothing here imports a framework, so that the list and each command's help are shown at once.
"""

import ast
import difflib
import functools
import importlib
import importlib.util
import sys
from pathlib import Path

from ecg_tf.commands import app
from ecg_tf.errors import InputError, quoted
from ecg_tf.version import __version__

# In the order in which they are used.
COMMANDS = (
    *("simulate", "prepare_data", "pack", "create_images", "plot_record"),
    *("describe", "train", "study", "ensemble", "evaluate", "compare"),
    *("predict", "explain", "demo", "export", "publish", "import_pytorch"),
)
MAINTAINERS_COMMANDS = ("ship", "model_card")  # change files of the checkout

_CHECKOUT = Path(__file__).resolve().parents[2]
_HELP = {"help", "-h", "-?", "-help", "--help", "-helpshort", "--helpshort"}
_VERSION = {"-version", "--version"}


def main():
    """Run the command line `ecg_tf …` and end the process."""
    name, *_ = [*sys.argv[1:], "help"]
    if name in available_commands():
        del sys.argv[1]
        run_command(name)
    app.end_with(functools.partial(_without_command, name))


def run_command(name):
    """Run a command on the flags in `sys.argv[1:]` and end the process.

    Args:
        name: one of `available_commands()`.
    """
    app.run(importlib.import_module(f"ecg_tf.commands.{name}").main)


def available_commands():
    """The names of the commands of this installation; the maintainers' only in a checkout."""
    in_checkout = (_CHECKOUT / "docs/model_card.md").is_file()
    return COMMANDS + (MAINTAINERS_COMMANDS if in_checkout else ())


def format_commands():
    """The list of commands, a line each, as text."""
    names = available_commands()
    width = max(map(len, names))
    return "\n".join(
        [
            "12-lead ECG classification with Keras 3.",
            "",
            "Usage: ecg_tf NAME [flags]",
            "",
            *(f"  {name:{width}}  {_first_line(name)}" for name in names),
            "",
            "`ecg_tf NAME -help` describes a command and its flags, `ecg_tf --version` prints the "
            "version.",
        ]
    )


def _first_line(name):
    """The first line of a command's docstring, without importing the command."""
    source = importlib.util.find_spec(f"ecg_tf.commands.{name}").loader.get_source(
        f"ecg_tf.commands.{name}"
    )
    return ast.get_docstring(ast.parse(source)).partition("\n")[0]


def _without_command(first):
    """Answer a command line that begins with `first`, which is no available command."""
    if first in _VERSION:
        print(f"ecg_tf {__version__}")
    elif first in _HELP:
        print(format_commands())
    elif first in MAINTAINERS_COMMANDS:
        raise InputError(f"{first}: for maintainers, in a checkout of ecg_tf only")
    elif first.startswith("-"):
        raise InputError(f"{quoted(first)}: expected a command first; `ecg_tf` lists the commands")
    else:
        near = difflib.get_close_matches(first, available_commands(), 1)
        hint = f"did you mean {near[0]}? " if near else ""
        raise InputError(f"{quoted(first)}: no such command; {hint}`ecg_tf` lists the commands")
