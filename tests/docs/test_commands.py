"""Every command and all Python code of README and docs, tried on simulated ECGs.

The commands of a page run in their order, in a folder that holds everything the pages name: a
PTB-XL folder, prepared records, a run, an export, ECG files. `SHORTENED` lists what is changed so
that they end soon, `PARSED` what is parsed by a command's own flags and not run, and why.
"""

import dataclasses
import os
import re
import shlex
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy.io
import wfdb
from absl import flags
from in_process import command_module, script_module
from on_terminal import lines_and_progress
from pages import PAGES, ROOT, blocks, commands, commands_of_comments

from ecg_tf.commands.flag_files import parse_flags
from ecg_tf.leads import LEADS
from ecg_tf.training.settings import Settings

# The first words of a command → words put behind them; the last of two flags counts.
SHORTENED = {
    "ecg_tf simulate -out data/simulated_ptb_xl": "-records 130",
    "ecg_tf prepare_data -ptbxl ptb-xl/1.0.3": "-data data/prepared_again",
    "ecg_tf pack": "-out data/packed_again.npz",
    "ecg_tf train -model alexnet -data data/ptb_xl -epochs 100": (
        "-epochs 1 -image_size 67 -nb_filters 4 -image_backend keras -path_save_model runs/again"
    ),
    "ecg_tf create_images": "-image_backend keras -image_size 32",
    "ecg_tf compare -runs runs/bigru": "-runs pretrained:gru,pretrained:resnet1d -partition dev",
    "ecg_tf describe -model late_fusion": "-signal_model gru",
}

# The first words of commands that are parsed only → why.
PARSED = {
    "ecg_tf train": "takes minutes to hours; tests/training trains every kind of network",
    "KERAS_BACKEND=jax": "needs JAX in a process of its own; tests/training/test_jax.py",
    "ecg_tf study": "takes hours; tests/study runs a small study",
    "ecg_tf compare": "needs runs that take hours; the one of docs/evaluation.md is run",
    "ecg_tf evaluate -path_model runs/resnet1d": "needs a run that takes hours",
    "ecg_tf evaluate -path_model pretrained:resnet1d": "takes long; that of pretrained:gru is run",
    "ecg_tf simulate -out data/simulated_ptb_xl -records 2000": "that of docs/data.md is run",
    "ecg_tf prepare_data -ptbxl data/simulated_ptb_xl": "that of ptb-xl/1.0.3 is run",
    "ecg_tf export": "takes half a minute each; tests/export",
    "ecg_tf import_pytorch": "needs PyTorch and a checkpoint; tests/convert",
    "ecg_tf ship": "changes the package; tests/shipping",
    "ecg_tf model_card": "changes the checkout; tests/shipping",
    "python bin/benchmark.py": "takes minutes",
    "python benchmarks/": "takes minutes to hours",
}

# The first words of commands of other programs, and of what installs ecg_tf and runs its tests.
FOREIGN = (
    *("python3 -m venv", "source", "pip install", "wget", "curl", "tensorflow_model_server"),
    *("bin/test", "bin/docs", "python -m pytest", "ruff"),
)

# Python code as shown → as it runs.
SHORTENED_PYTHON = {'model="gru"': 'model="gru", num_layers=1, hidden_size=4, epochs=1'}
# Names of blocks that tests/export/test_serving.py tries.
TRIED_ELSEWHERE = {"rest", "grpc", "saved_model", "litert", "onnx"}

COMMAND_PAGES = [page for page in PAGES if commands(page)]
PYTHON_PAGES = [page for page in PAGES if any(b.language == "python" for b in blocks(page))]
_ran = set()  # commands that ran on a page before


@pytest.fixture(scope="module", autouse=True)
def _stage(tmp_path_factory, simulated_folder, prepared_folder, packed_file, run, export):
    """The folder in which all runs: what the pages name, under the names that they use."""
    folder = tmp_path_factory.mktemp("docs")
    for name, target in {
        "ptb-xl/1.0.3": simulated_folder,
        "data/ptb_xl": prepared_folder,
        "data/ptb_xl.npz": packed_file,
        "runs/alexnet": run.path,
        "exports/alexnet": export,
        "bin": ROOT / "bin",
        "benchmarks": ROOT / "benchmarks",
        "configs": ROOT / "configs",
    }.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).symlink_to(target)
    _write_ecg_files(folder, simulated_folder / "records100/00000/00001_lr")
    before = os.getcwd()  # noqa: PTH109 - contextlib.chdir is newer than Python 3.10
    os.chdir(folder)
    yield
    os.chdir(before)


def _write_ecg_files(folder, record):
    """Writes the ECG files that docs/prediction.md names."""
    record = wfdb.rdrecord(str(record), physical=False)
    header = {"fs": 100, "units": ["mV"] * 12, "sig_name": record.sig_name, "fmt": ["16"] * 12}
    scale = {"adc_gain": record.adc_gain, "baseline": record.baseline}
    digital = record.d_signal
    wfdb.wrsamp("JS00001", **header, **scale, d_signal=digital, write_dir=str(folder))
    scipy.io.savemat(folder / "E00001.mat", {"val": digital.T.astype(np.int16)}, format="4")
    lines = [
        f"E00001.mat 16+24 1000/mV 16 0 {first} {total} 0 {lead}"
        for first, total, lead in zip(
            digital[0], digital.sum(axis=0).astype(np.int16), LEADS, strict=True
        )
    ]
    (folder / "E00001.hea").write_text("\n".join(["E00001 12 100 1000", *lines, ""]))
    microvolt = pd.DataFrame(np.repeat(digital, 5, axis=0), columns=LEADS)
    microvolt.to_csv(folder / "ecg.csv", index=False)


@pytest.mark.parametrize("page", COMMAND_PAGES)
def test_commands_of_a_page(page, capfd):
    for command in commands(page):
        if _longest_beginning(command, FOREIGN):
            continue
        short, parsed = (_longest_beginning(command, table) for table in (SHORTENED, PARSED))
        words = [*shlex.split(command), *shlex.split(SHORTENED.get(short, ""))]
        if len(parsed) > len(short) or shlex.join(words) in _ran:
            _parse(words)
        else:
            _run(words, capfd)
            _ran.add(shlex.join(words))


def _longest_beginning(command, beginnings):
    """The longest of some beginnings of a command; "" if it begins with none of them."""
    return max((one for one in beginnings if command.startswith(one)), key=len, default="")


def _parse(words):
    """Parse a command's flags and check the paths and settings that they name."""
    while re.match(r"[A-Z_]+=", words[0]):
        words = words[1:]
    if words[0] == "python":
        with script_module(ROOT / words[1]):
            parse_flags(words[1:])
        return
    with command_module(words[1]) as module:
        arguments = parse_flags(words[1:])[1:]
        assert not arguments or getattr(module.main, "takes_arguments", False)
        if words[1] == "train":
            Settings(**{f.name: flags.FLAGS[f.name].value for f in dataclasses.fields(Settings)})
        if words[1] == "study":
            assert (ROOT / flags.FLAGS.config).is_file()


def _run(words, capfd):
    """Run a command in this process; keep what it prints for the test of the README's prediction.

    On standard error it may show its progress only.
    """
    assert words[0] == "ecg_tf", f"not a command: {shlex.join(words)}"
    capfd.readouterr()
    arguments = [path for word in words[1:] for path in _expand(word)]
    with command_module(words[1]) as module:
        status = module.main(parse_flags(arguments))
    printed = capfd.readouterr()
    assert not status, f"{shlex.join(words)}: {printed.err}"
    lines, _ = lines_and_progress(printed.err)
    assert all(line.startswith("epoch ") for line in lines), f"{shlex.join(words)}: {printed.err}"
    _printed[shlex.join(words)] = printed.out


def _expand(word):
    """What a shell makes of a word: the paths that it matches, if it has a *."""
    return sorted(map(str, Path().glob(word))) if "*" in word else [word]


_printed = {}  # command: standard output


def test_the_prediction_in_the_readme_is_what_the_command_prints():
    shown = next(block.code for block in blocks("README.md") if block.language == "text")
    command = next(c for c in commands("README.md") if c.startswith("ecg_tf predict"))
    _assert_same_text(_printed[command], shown)


def _assert_same_text(printed, shown):
    """The same words, and numbers that differ by no more than rounding on another machine."""
    for one, other in zip(printed.split(), shown.split(), strict=True):
        if re.fullmatch(r"\d\.\d+", other):
            assert float(one) == pytest.approx(float(other), abs=0.0021)
        else:
            assert one == other


@pytest.mark.parametrize("page", PYTHON_PAGES)
def test_python_code_of_a_page_runs(page):
    names = {}
    for block in blocks(page):
        if block.language == "python" and block.name not in TRIED_ELSEWHERE:
            code = block.code
            for shown, runs in SHORTENED_PYTHON.items():
                code = code.replace(shown, runs)
            exec(compile(code, page, "exec"), names)


@pytest.mark.parametrize("recipe", sorted((ROOT / "configs").iterdir()), ids=lambda path: path.name)
def test_commands_of_a_recipe_are_parsed(recipe):
    found = commands_of_comments(recipe)
    assert found
    for command in found:
        _parse(shlex.split(command))


def test_tables_of_this_test_are_needed():
    """Nothing is listed that no page shows."""
    shown = [command for page in COMMAND_PAGES for command in commands(page)]
    for beginning in (*SHORTENED, *PARSED, *FOREIGN):
        assert any(command.startswith(beginning) for command in shown), beginning
    code = "".join(block.code for page in PYTHON_PAGES for block in blocks(page))
    assert all(text in code for text in SHORTENED_PYTHON)


def test_extras_of_pip_install_exist():
    setup = (ROOT / "setup.cfg").read_text("utf-8")
    extras = set(re.findall(r"^(\w+) =$", setup.partition("extras_require]")[2], re.MULTILINE))
    text = "".join(PAGES.values())
    assert set(re.findall(r"'\.\[(\w+)\]'", text)) <= extras
