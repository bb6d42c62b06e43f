"""Every script in bin/ ends in one plain message where the input is at fault."""

import subprocess
import sys

SCRIPT = """
from absl import flags
from ecg_tf import app
from ecg_tf.errors import InputError, RecordError
NUMBER = flags.DEFINE_integer("number", 1, "", lower_bound=0)
def main(argv):
    if NUMBER.value == 2:
        raise InputError("here: 2, expected 1")
    if NUMBER.value == 3:
        raise RecordError("00021_lr: no signal")
    if NUMBER.value == 4:
        raise ValueError("a fault of the program")
    print("number", NUMBER.value, *argv[1:])
main.takes_arguments = TAKES
app.run(main)
"""


def run(*arguments, takes=False):
    script = SCRIPT.replace("TAKES", str(takes))
    return subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=False
    )


def test_flags_take_one_dash_or_two():
    assert run("-number", "5").stdout == run("--number=5").stdout == "number 5\n"


def test_input_error_is_its_message_and_status_1():
    result = run("-number", "2")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == "error: here: 2, expected 1\n"


def test_record_error_is_an_input_error():
    assert run("-number", "3").stderr == "error: 00021_lr: no signal\n"


def test_fault_of_the_program_keeps_its_stack_trace():
    result = run("-number", "4")
    assert result.returncode == 1
    assert "Traceback" in result.stderr


def test_flag_out_of_range_is_named():
    result = run("-number", "-1")
    assert result.returncode == 1
    assert "number" in result.stderr
    assert "Traceback" not in result.stderr


def test_value_without_its_flag_is_an_error():
    result = run("-number", "5", "stray")
    assert result.returncode == 1
    assert result.stderr == "error: not a flag: 'stray'\n"


def test_arguments_reach_a_main_that_takes_them():
    assert run("a", "b", takes=True).stdout == "number 1 a b\n"
