"""Commands of ecg_tf and scripts of the checkout, parsed and run in the process of a test."""

import contextlib
import dataclasses
from pathlib import Path

from absl import flags
from in_process import command_module, script_module
from pages import ROOT

from ecg_tf.commands.flag_files import parse_flags
from ecg_tf.training.settings import Settings


def run(words):
    """Run a command line, list of str, as a shell would; return its exit status or None."""
    words = [path for word in words for path in _expand(word)]
    with _program(words) as (main, arguments):
        return main(parse_flags(arguments))


def check_flags(words):
    """Parse a command's flags, and check the settings and the file that they name."""
    with _program(words) as (main, arguments):
        assert not parse_flags(arguments)[1:] or getattr(main, "takes_arguments", False)
        if words[1] == "train":
            Settings(**{f.name: flags.FLAGS[f.name].value for f in dataclasses.fields(Settings)})
        if words[1] == "study":
            assert (ROOT / flags.FLAGS.config).is_file()


@contextlib.contextmanager
def _program(words):
    """The main function and the arguments, the program's name first, with its flags defined."""
    program, *arguments = words
    if program == "ecg_tf":
        module = command_module(arguments[0])
    else:
        assert program == "python", f"neither ecg_tf nor python: {program}"
        module = script_module(ROOT / arguments[0])
    with module as opened:
        yield opened.main, arguments


def _expand(word):
    """What a shell makes of a word: the paths that it matches, if it has a *."""
    return sorted(map(str, Path().glob(word))) if "*" in word else [word]
