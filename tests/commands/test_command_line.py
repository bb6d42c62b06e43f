"""`ecg_tf NAME …`, installed or in a checkout: commands, their help, and names that are wrong."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ecg_tf.commands.command_line import COMMANDS, MAINTAINERS_COMMANDS
from ecg_tf.version import __version__

ROOT = Path(__file__).parents[2]

# Shows a command's help, and then on standard error the heavy packages that it imported.
HELP = """
import atexit, sys
heavy = {"tensorflow", "keras", "pyts", "torch", "jax", "scipy", "matplotlib", "sklearn", "wfdb"}
atexit.register(lambda: print(*sorted(heavy & set(sys.modules)), file=sys.stderr))
from ecg_tf.__main__ import main
sys.argv = ["ecg_tf", *sys.argv[1:]]
main()
"""


def ecg_tf(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "ecg_tf", *arguments], capture_output=True, text=True, cwd=ROOT
    )


@pytest.mark.parametrize("arguments", [(), ("--help",), ("help",)])
def test_commands_are_listed_with_a_line_each(arguments):
    result = ecg_tf(*arguments)
    assert (result.returncode, result.stderr) == (0, "")
    listed = re.findall(r"^  (\w+) +(\S.+\.|\S.+\?)$", result.stdout, re.MULTILINE)
    assert [name for name, _ in listed] == [*COMMANDS, *MAINTAINERS_COMMANDS]


@pytest.mark.parametrize("flag", ["--version", "-version"])
def test_version_is_printed(flag):
    assert ecg_tf(flag).stdout == f"ecg_tf {__version__}\n"


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("trian", "no such command; did you mean train?"),
        ("qqq", "no such command;"),
        ("-model", "expected a command first;"),
    ],
)
def test_unknown_command_is_named_with_the_nearest_one(name, wrong):
    result = ecg_tf(name, "-model", "gru")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == f"error: '{name}': {wrong} `ecg_tf` lists the commands\n"


def test_maintainers_commands_are_for_checkouts():
    code = (
        "import sys, pathlib; from ecg_tf.commands import command_line; "
        "command_line._CHECKOUT = pathlib.Path('/nowhere'); "
        "sys.argv = ['ecg_tf', *sys.argv[1:]]; command_line.main()"
    )
    for arguments, status in ((("ship",), 1), ((), 0)):
        result = subprocess.run(
            [sys.executable, "-c", code, *arguments], capture_output=True, text=True
        )
        assert result.returncode == status
        assert "model_card" not in result.stdout
    assert "no such command" not in result.stderr


def test_every_command_has_its_script_in_bin():
    scripts = {path.stem: path for path in ROOT.glob("bin/*.py") if path.stem != "benchmark"}
    assert set(scripts) == {*COMMANDS, *MAINTAINERS_COMMANDS}
    for name, path in scripts.items():
        text = path.read_text("utf-8")
        assert len(text.splitlines()) <= 15
        assert f'run_command("{name}")' in text


@pytest.mark.parametrize("name", [*COMMANDS, *MAINTAINERS_COMMANDS])
def test_help_is_quick_and_imports_no_framework(name):
    before = os.times()
    result = subprocess.run(
        [sys.executable, "-c", HELP, name, "--help"], capture_output=True, text=True, cwd=ROOT
    )
    after = os.times()
    assert after.children_user + after.children_system < (
        before.children_user + before.children_system + 1.5
    )
    assert (result.returncode, result.stderr) == (0, "\n")
    assert f"ecg_tf {name}" in result.stdout


def test_help_is_the_same_from_bin_and_from_the_command():
    from_command = ecg_tf("train", "-help")
    script = subprocess.run(
        [sys.executable, ROOT / "bin/train.py", "-help"],
        capture_output=True,
        text=True,
        cwd="/",
        env={"PATH": "/usr/bin"},
    )
    assert script.stdout == from_command.stdout
    assert script.stdout.startswith("Train a network")
    assert "\n  --learning_rate: " in script.stdout


def test_helpfull_lists_the_flags_of_absl_too():
    text = ecg_tf("predict", "-helpfull").stdout
    assert "--path_model: " in text
    assert "--verbosity: " in text
    assert "--flagfile: " in text
