"""A command ends with one plain message if its input cannot be used."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from on_terminal import heed_ctrl_c

SCRIPT = """
from absl import flags
from ecg_tf.commands import app
from ecg_tf.errors import InputError, RecordError
NUMBER = flags.DEFINE_integer("number", 1, "", lower_bound=0)
PLACE = app.define_path("place", "~", "where")
PLACES = app.define_paths("places", None, "")
def main(argv):
    if PLACES.value:
        print(PLACE.value, *PLACES.value)
        return
    if NUMBER.value == 5000:
        for _ in range(100_000):
            print("a line")
        return
    if NUMBER.value == 5001:
        import sys
        for _ in range(100_000):
            print("a line", file=sys.stderr)
        return
    if NUMBER.value == 6000:
        print("ready", flush=True)
        import time
        time.sleep(60)
    if NUMBER.value == 7000:
        print("\u2013 \u00d7 \u00e9")
        return
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


def run(*arguments, input_kind=False):
    return subprocess.run(
        command(*arguments, input_kind=input_kind), capture_output=True, text=True
    )


def command(*arguments, input_kind=False):
    return [sys.executable, "-c", SCRIPT.replace("TAKES", str(input_kind)), *arguments]


def flag_file(folder, content, name="flags.cfg"):
    """The flag that names a new flag file."""
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return f"--flagfile={folder / name}"


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
    assert run("a", "b", input_kind=True).stdout == "number 1 a b\n"


@pytest.mark.parametrize(("number", "streams"), [("5000", ""), ("5001", " 2>&1")])
def test_a_reader_that_goes_away_ends_the_command_quietly(number, streams):
    line = " ".join(f"'{part}'" for part in command("-number", number)) + streams
    result = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {line} | head -1"], capture_output=True, text=True
    )
    assert (result.returncode, result.stdout, result.stderr) == (141, "a line\n", "")


@pytest.mark.parametrize(("backend", "status"), [("torch", 1), ("jax", 0), ("", 0)])
def test_other_backends_are_refused_by_every_command(backend, status, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", backend)
    result = run()
    assert result.returncode == status
    said = "error: KERAS_BACKEND 'torch': expected tensorflow or jax\n"
    assert result.stderr == (said if status else "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
@pytest.mark.parametrize("number", ["5", "5000"])
def test_standard_output_that_is_full_is_named(number):
    with Path("/dev/full").open("w") as full:
        result = subprocess.run(
            command("-number", number), stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert result.returncode == 1
    assert result.stderr == ("error: standard output: cannot be written: No space left on device\n")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_command_in_one_line(number):
    with subprocess.Popen(
        command("-number", "6000"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heed_ctrl_c,
    ) as process:
        process.stdout.readline()
        process.send_signal(number)
        _, error = process.communicate(timeout=30)
    assert process.returncode == 128 + number
    assert error == f"{number.name}: interrupted\n"


@pytest.mark.parametrize(("encoding", "shown"), [("latin-1", "? × é"), ("ascii", "? ? ?")])
def test_what_standard_output_cannot_show_is_replaced(encoding, shown):
    result = subprocess.run(
        command("-number", "7000"),
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": encoding},
    )
    assert result.returncode == 0
    assert result.stdout.decode(encoding).strip() == shown


@pytest.mark.parametrize(("given", "expected"), [(None, "1"), ("0", "0"), ("1", "1")])
def test_commands_ask_tensorflow_for_onednn_unless_the_user_has_chosen(given, expected):
    script = """
import os
from ecg_tf.commands import app
app.run(lambda argv: print(os.environ["TF_ENABLE_ONEDNN_OPTS"]))
"""
    environment = {k: v for k, v in os.environ.items() if k != "TF_ENABLE_ONEDNN_OPTS"}
    environment |= {"TF_ENABLE_ONEDNN_OPTS": given} if given else {}
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=environment
    )
    assert (result.stdout, result.stderr) == (f"{expected}\n", "")


def test_a_tilde_is_the_home_folder_in_paths(tmp_path):
    home = {**os.environ, "HOME": "/home/of/me"}
    flag = flag_file(tmp_path, "-place=~/a\n--places=~,pretrained:gru,b/~,~/c\n")
    for flags in (("-place", "~/a", "--places=~,pretrained:gru,b/~,~/c"), (flag,)):
        result = subprocess.run(command(*flags), capture_output=True, text=True, env=home)
        assert result.stdout == "/home/of/me/a /home/of/me pretrained:gru b/~ /home/of/me/c\n"


def test_a_flag_file_in_the_home_folder_is_found(tmp_path):
    flag_file(tmp_path, "-number=5")
    result = subprocess.run(
        command("--flagfile=~/flags.cfg"),
        capture_output=True,
        text=True,
        env={**os.environ, "HOME": str(tmp_path)},
    )
    assert result.stdout == "number 5\n"


def test_help_lists_path_flags():
    assert "--place: where" in run("-help").stdout


def test_every_path_is_a_path_flag():
    """All flags of text that are no paths are listed here; add a new one if it is no path."""
    texts = ["model", "pos_weight", "signal_model", "image_model", "class", "name", "description"]
    texts += [
        "train_folds",
        "dev_folds",
        "test_folds",
        "leads",
        "lead_names",
        "channels",
        "ensembles",
        "networks",
        "precisions",
        "classes",
        "split",
        "coordinator",
        "beam_options",
        "host",
    ]
    found = set()
    root = Path(__file__).parents[2]
    for script in (*root.glob("ecg_tf/commands/*.py"), *root.glob("bin*/*.py")):
        found |= set(re.findall(r'DEFINE_(?:string|list)\(\s*"(\w+)"', script.read_text("utf-8")))
    assert found
    assert found <= set(texts)


# Runs a command with replaced modules: the report is an empty folder, the table is some text.
REPLACED = """
import pathlib, runpy, sys, types
sys.argv.pop(0)
def replace(module, **functions):
    sys.modules[module] = types.SimpleNamespace(**functions)
def write(folder, result):
    pathlib.Path(folder).mkdir()
replace("ecg_tf.runs.evaluate", evaluate=lambda *_: "result")
replace("ecg_tf.runs.compare", compare=lambda *_: "result")
replace("ecg_tf.reports.report", write_report=write)
replace("ecg_tf.reports.comparison.report", write_comparison=write)
replace("ecg_tf.reports.text", format_evaluation=lambda _: "table")
replace("ecg_tf.reports.comparison.markdown", format_comparison=lambda _: "table")
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
@pytest.mark.parametrize("script", ["evaluate", "compare"])
def test_the_report_is_written_before_anything_is_printed(tmp_path, script):
    file = Path(__file__).parents[2] / f"bin/{script}.py"
    flags = ["-path_model", "a"] if script == "evaluate" else ["-runs", "a,b"]
    flags += ["-data", "d", "-report", tmp_path / "report"]
    with Path("/dev/full").open("w") as full:
        result = subprocess.run(
            [sys.executable, "-c", REPLACED, file, *flags],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert result.stderr.startswith("error: standard output")
    assert (tmp_path / "report").is_dir()


def test_a_report_that_cannot_be_written_is_named_before_the_work(tmp_path):
    (tmp_path / "file").write_text("")
    script = Path(__file__).parents[2] / "bin/evaluate.py"
    flags = ["-path_model", "a", "-data", "d", "-report", tmp_path / "file"]
    result = subprocess.run(
        [sys.executable, "-c", REPLACED, script, *flags], capture_output=True, text=True
    )
    assert result.returncode == 1
    assert result.stderr.endswith("file: cannot be written: a file, expected a folder\n")
