"""Every command and all Python code of README and docs, run on simulated ECGs.

Pages are read in an order in which each finds the runs and files that it names: those that the
commands of the pages before have made, as on a reader's disk. The steps of README always run; those
of docs run with the slow tests, and their flags are always checked. `SHORTENED` lists what is
changed so that a command ends soon, `ALIKE` those that only repeat another. In addition, networks
run without graphs, since to trace and compile them takes longer than the one batch of an epoch
here; a ResNet has few blocks, an AlexNet few units, and a report draws one wrong record. `BEFORE`
lists what stands for files that a reader brings, and for processes.
"""

import contextlib
import dataclasses
import functools
import importlib
import importlib.util
import itertools
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import commands_here
import device_files
import numpy as np
import pandas as pd
import pytest
import scipy.io
import wfdb
from eager import run_eagerly
from on_terminal import lines_and_progress
from other_backend import environment
from pages import PAGES, ROOT, blocks, commands, commands_of, commands_of_comments
from record_tables import write_table

from ecg_tf.data.synthetic import write_folder
from ecg_tf.evaluation.most_wrong import most_wrong
from ecg_tf.export import check, runtimes
from ecg_tf.leads import LEADS
from ecg_tf.study import run_grid
from ecg_tf.training.train import train

READ_FIRST = (
    *("README.md", "docs/data.md", "docs/training.md", "docs/networks.md", "docs/serving.md"),
    *("docs/prediction.md", "docs/images.md", "docs/evaluation.md", "docs/explanations.md"),
)
READ_LAST = ("docs/model_card.md",)  # its run and records then pass for real ones

_FOLDS = "-train_folds 1-5 -dev_folds 6-7 -test_folds 8-10"  # of the few records
_GRU = "-epochs 1 -num_layers 1 -hidden_size 4"
_SHORT = "-window_seconds 0.5"
_ALEXNET = "-epochs 1 -nb_filters 1 -image_size 67"

# The first words of a command → words put behind them; the last of two flags counts.
SHORTENED = {
    "ecg_tf simulate -out data/simulated_ptb_xl": "-records 24 -seed 1",
    "ecg_tf prepare_data": _FOLDS,
    "ecg_tf prepare_data -beam_runner DirectRunner": f"{_FOLDS} -beam_options=",
    "ecg_tf predict -beam_runner DirectRunner": "-beam_options=",
    "ecg_tf create_images": "-image_backend keras -image_size 32",
    "ecg_tf export -path_model runs/alexnet -export_dir exports/alexnet_": "-path_model runs/bigru",
    "ecg_tf train -model alexnet": _ALEXNET,
    "ecg_tf train -model bigru": _GRU,
    "ecg_tf train -model gru -data data/simulated": f"-epochs 1 {_SHORT}",
    "ecg_tf train -model gru -data data/ptb_xl_on_disk": f"{_GRU} {_SHORT}",
    "ecg_tf train -model gru -data data/mine": f"{_GRU} {_SHORT}",
    "ecg_tf train -model gru -seed": f"{_GRU} {_SHORT}",
    "ecg_tf train -model gru -num_layers 3": f"{_GRU} {_SHORT}",
    "ecg_tf train -model gru -teacher_runs runs/ensemble": f"{_GRU} {_SHORT}",
    "ecg_tf train -model resnet1d -epochs 1 -data data/ptb_xl_on_disk": "-nb_filters 1",
    "ecg_tf train -model resnet1d -data data/mine": "-epochs 1 -nb_filters 1",
    "ecg_tf train -model gru_attention": f"{_GRU} -data data/simulated",
    "ecg_tf train --flagfile=configs/gru_attention.cfg": f"{_GRU} {_SHORT}",
    "ecg_tf train -model resnet": "-epochs 1 -nb_filters 1 -image_size 32 -data data/simulated",
    "ecg_tf train -model early_fusion": "-epochs 1 -image_size 67",
    "ecg_tf train -model late_fusion": "-epochs 1 -image_size 67",
    "ecg_tf train -model joint_fusion": f"{_GRU} -image_size 32",
    "ecg_tf train --flagfile=configs/teacher.cfg": f"{_GRU} -model gru -mixed_precision none",
    "ecg_tf train --flagfile=configs/resnet1d.cfg": "-epochs 1 -nb_filters 1 -mixed_precision none",
    "ecg_tf compare -runs runs/bigru": "-runs runs/bigru,runs/late_fusion",
    "ecg_tf compare -runs pretrained:gru": "-runs pretrained:gru,pretrained:resnet1d",
    "ecg_tf compare -runs pretrained:gru,pretrained:resnet1d": (
        "-runs pretrained:gru,pretrained:resnet1d -ensembles gru+resnet1d"
    ),
    "KERAS_BACKEND=jax ecg_tf train": f"{_ALEXNET} -leads II -channels rp -verbosity -1",
    "KERAS_BACKEND=jax ecg_tf evaluate": "-verbosity -1",  # warnings and progress only
    "python bin/benchmark.py": "-passes 1 -memory_records 1000 -networks resnet1d",
    "python benchmarks/explain.py": "-records 1",
    "python benchmarks/explain.py -path_model runs/resnet": "-records 1 -path_model runs/resnet_2",
}

# Parts of commands that are not run: one that runs before has the same flags, and values that
# differ only in names of files or in numbers.
ALIKE = (
    "ecg_tf simulate -out data/simulated_2000_ptb_xl",
    "ecg_tf simulate -out data/simulated_20000_ptb_xl",
    "ecg_tf prepare_data -ptbxl data/simulated_2000_ptb_xl",
    "ecg_tf prepare_data -ptbxl data/simulated_20000_ptb_xl",
    "ecg_tf predict -path_model pretrained:gru ptb-xl",
    "ecg_tf export -path_model runs/alexnet -export_dir served",
    "-initial_run runs/resnet_2",
    "ecg_tf evaluate -path_model runs/resnet1d",
    "ecg_tf evaluate -path_model pretrained:resnet1d -data",
    "ecg_tf compare -runs pretrained:gru,pretrained:band_resnet,runs/early_fusion",
    "ecg_tf compare -runs pretrained:resnet1d",
    "ecg_tf study -config configs/study_short.cfg",
)

# The first words of commands of other programs, of what installs ecg_tf and runs its tests, and of
# what tests/test_gpu_program.py, tests/training/test_process_group.py, tests/demo,
# tests/shipping/test_publish.py and tests/tracking run.
FOREIGN = (
    *("python3 -m venv", "source", "pip install", "wget", "curl", "tensorflow_model_server"),
    *("bin/test", "bin/docs", "python -m pytest", "ruff", "tensorboard"),
    *(
        "ecg_tf demo",
        "KERAS_BACKEND=jax python benchmarks/gpu.py",
        "export KERAS_BACKEND=jax",
        "export MLFLOW_TRACKING_URI=",
        "ecg_tf train -model gru -data data/ptb_xl -path_save_model runs/tracked",
        "ecg_tf evaluate -path_model runs/tracked",
        "srun",
    ),
    *("hf", "ecg_tf predict -path_model hf://", "ecg_tf compare -runs hf://"),
    "KERAS_BACKEND=jax ecg_tf train -strategy data_parallel",
    "ecg_tf prepare_data -records table.csv -classes MI,STTC,CD,HYP -sampling_rate 500",
    "ecg_tf train -model resnet1d -leads I,II,III,AVR,AVL,AVF,V1,V2,V3,V4,V5,V6",
    "python benchmarks/cost_of_scale.py",
    "python benchmarks/two_processes.py",
    *(f"ecg_tf prepare_data -beam_runner {name}Runner" for name in ("Flink", "Spark", "Dataflow")),
)

# A part of a command → a package that it needs beside those that ecg_tf always needs.
NEEDS = {
    "-format litert": "ai_edge_litert",
    "-format onnx": "tf2onnx",
    "-out predictions.parquet": "pyarrow",
    "-beam_runner": "apache_beam",
    "ecg_tf import_pytorch": "torch",
    "KERAS_BACKEND=jax": "jax",
}

# Python code as shown → as it runs.
SHORTENED_PYTHON = {'model="gru"': 'model="gru", num_layers=1, hidden_size=4, epochs=1'}
# Names of blocks that tests/export/test_serving.py and tests/shipping/test_publish.py try.
TRIED_ELSEWHERE = {"hub", "rest", "grpc", "saved_model", "litert", "onnx"}


@dataclasses.dataclass(frozen=True)
class Step:
    """A command or a block of Python code of a page."""

    page: str
    language: str
    code: str

    def __str__(self):
        return f"{self.page}: {self.code[:60]}" if self.language == "sh" else f"{self.page}: python"


def _steps():
    """The steps of all pages in the order in which they are read."""
    others = [page for page in PAGES if page not in READ_FIRST + READ_LAST]
    for page in (*READ_FIRST, *others, *READ_LAST):
        for block in blocks(page):
            if block.language == "python" and block.name not in TRIED_ELSEWHERE:
                yield Step(page, "python", block.code)
            if block.language == "sh":
                for command in commands_of(block.code):
                    if not _longest_beginning(command, FOREIGN):
                        yield Step(page, "sh", command)


def _longest_beginning(command, beginnings):
    """The longest of some beginnings of a command; "" if it begins with none of them."""
    return max((one for one in beginnings if command.startswith(one)), key=len, default="")


_printed = {}  # command: standard output
_names = {page: {} for page in PAGES}  # those of a page's Python code


@pytest.fixture(scope="module", autouse=True)
def _stage(tmp_path_factory):
    """The folder in which all runs; at first it holds PTB-XL and some ECG files."""
    folder = tmp_path_factory.mktemp("docs")
    write_folder(folder / "ptb-xl/1.0.3", records=24, seed=1)
    (folder / "configs").symlink_to(ROOT / "configs")
    _write_ecg_files(folder, folder / "ptb-xl/1.0.3/records100/00000/00001_lr")
    _write_table(folder / "my_ecgs")
    before = os.getcwd()  # noqa: PTH109 - contextlib.chdir is newer than Python 3.10
    os.chdir(folder)
    with pytest.MonkeyPatch.context() as patch:
        run_eagerly(patch)
        patch.setattr(importlib.import_module("ecg_tf.models.resnet"), "BLOCKS", (1, 2, 1, 1))
        patch.setattr(importlib.import_module("ecg_tf.models.alexnet"), "UNITS", (16, 8))
        patch.setattr(
            "ecg_tf.reports.wrong_records.most_wrong", functools.partial(most_wrong, number=1)
        )
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
    slow = np.repeat(digital.T, 5, axis=1)  # 500 Hz
    eight = [0, 1, *range(6, 12)]
    muse = device_files.muse(slow[eight], [LEADS[k] for k in eight], gain=1)
    (folder / "muse.xml").write_bytes(muse)
    np.save(folder / "ecg.npy", slow[[0, 1, 7]] / 1000)


def _write_table(folder):
    """Write the table of records that docs/data.md names."""
    folder.mkdir()
    table = write_table(folder, 48).rename(columns={"A": "AF", "B": "LBBB"})
    (folder / "ecgs/1.csv").rename(folder / "ecgs/0001.csv")
    table["record"] = table["record"].replace("ecgs/1.csv", "ecgs/0001.csv")
    table.to_csv(folder / "table.csv", index=False)


@pytest.mark.parametrize("step", list(_steps()), ids=str)
def test_step_of_a_page(step, capfd, monkeypatch):
    if step.language == "python":
        code = step.code
        for shown, runs in SHORTENED_PYTHON.items():
            code = code.replace(shown, runs)
        exec(compile(code, step.page, "exec"), _names[step.page])
        return
    for part, package in NEEDS.items():
        if part in step.code and importlib.util.find_spec(package) is None:
            pytest.skip(f"{part} needs {package}")
    if any(part in step.code for part in ALIKE):
        assert _flags(step.code) in map(_flags, _printed)
        commands_here.check_flags(shlex.split(step.code))
        return
    if step.code in _printed:  # ran on a page before
        return
    short = _longest_beginning(step.code, SHORTENED)
    words = [*shlex.split(step.code), *shlex.split(SHORTENED.get(short, ""))]
    for beginning, prepare in BEFORE.items():
        if step.code.startswith(beginning):
            prepare(monkeypatch)
    capfd.readouterr()
    if words[0].startswith("KERAS_BACKEND="):
        status = _run_on_backend(words[0].partition("=")[2], words[2:])
    else:
        status = commands_here.run(words)
    printed = capfd.readouterr()
    assert not status, printed.err
    lines, _ = lines_and_progress(printed.err)  # a command may show its progress only
    assert all(line.startswith("epoch ") for line in lines), printed.err
    _printed[step.code] = printed.out


def _flags(command):
    """The first two words of a command, and the names of its flags."""
    words = shlex.split(command)
    return words[:2], {word for word in words[2:] if word.startswith("-")}


def _run_on_backend(backend, arguments):
    """Run `ecg_tf …` on another backend of Keras, in a process of its own."""
    command = [sys.executable, "-m", "ecg_tf", *arguments]
    return subprocess.run(command, env=environment(backend, ROOT)).returncode


# ---------------------------------------------------------------- What stands for something else --


def _shorten_grid(patch):
    """Train the first two runs of a grid, small and in this process."""
    read_grid = run_grid.read_grid

    def read_two(*args):
        runs = itertools.islice(read_grid(*args).items(), 2)
        small = {"epochs": 1, "num_layers": 1, "hidden_size": 4}
        return {name: dataclasses.replace(run, **small) for name, run in runs}

    patch.setattr(run_grid, "read_grid", read_two)
    patch.setattr(run_grid, "_train", lambda name, settings, command: train(settings) and None)


def _write_checkpoint(patch):
    """Write a PyTorch checkpoint of a small GRU."""
    import torch

    rnn, fc = torch.nn.GRU(3, 4, 1), torch.nn.Linear(4, 4)
    state = {
        f"{name}.{key}": tensor
        for name, module in (("rnn", rnn), ("fc", fc))
        for key, tensor in module.state_dict().items()
    }
    torch.save(state, "gru.pt")


def _check_export_here(patch):
    """Load the export in this process; exports of other pages are checked as users' are."""

    def predict(form, folder, ecg):
        predict, description = runtimes.load_export(*runtimes.find_export(folder))
        return {"seconds": 0.0, **predict(ecg), **description}

    patch.setattr(check, "_predict_isolated", predict)


def _ship_elsewhere(patch):
    """Let the run and its records pass for real ones, and leave the checkout as it is."""
    (manifest,) = Path("data/ptb_xl").glob("ptb_xl/*/metadata.json")
    for file, simulated in (
        (manifest, {"simulated_records": 0}),
        (Path("runs/gru/about.json"), {"simulated": False}),
    ):
        file.write_text(json.dumps(json.loads(file.read_text()) | simulated))
    for folder in ("pretrained", "docs", "ecg_tf/commands"):
        Path(folder).mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "docs/model_card.md", "docs")
    patch.setattr("ecg_tf.pretrained.shipped.FOLDER", Path("pretrained").resolve())
    patch.setattr("ecg_tf.commands.model_card.__file__", f"{Path.cwd()}/ecg_tf/commands/a.py")


def _measure_here(patch):
    """Measure small inputs in this process, and leave the process as it is."""
    from speed import epoch, images, measuring, networks, operations

    import ecg_tf.layers

    class Pool(contextlib.nullcontext):
        apply = staticmethod(lambda function, args=(): function(*args))
        terminate = staticmethod(lambda: None)

    patch.setattr(measuring, "_pool", lambda: Pool(Pool()))
    patch.setattr(os, "sched_setaffinity", lambda *_: None)
    patch.setattr("ecg_tf.commands.app.keep_freed_memory", lambda: None)
    patch.setattr(images, "BATCH_SIZES", (32,))
    patch.setattr(images, "BAND", 4)
    patch.setattr(images, "simulated_ecgs", functools.partial(measuring.simulated_ecgs, 2))
    patch.setattr(ecg_tf.layers, "ECGImage", functools.partial(ecg_tf.layers.ECGImage, size=8))
    patch.setattr(networks, "BATCH_SIZES", {"image": 1, "signal": 1, "ecg": 1})
    modes = networks._modes
    patch.setattr(networks, "_modes", lambda network: itertools.islice(modes(network), 1))
    patch.setattr(networks, "cores", lambda: 1)  # PyTorch's threads would wait for each other
    patch.setattr(networks, "STEPS", 1)
    by_pytorch = functools.partial(networks.pytorch_network, steps=1)
    patch.setattr(networks, "pytorch_network", by_pytorch)
    patch.setattr(operations, "PYTORCH_NETWORKS", ())  # the profiler of PyTorch prints lines
    patch.setattr(epoch, "BATCH_SIZE", 16)
    patch.setattr(epoch, "pytorch_epoch", functools.partial(epoch.pytorch_epoch, timed=1))
    small = {"nb_filters": 1, "image_size": 67}
    patch.setattr(
        "ecg_tf.training.train.train", lambda run: train(dataclasses.replace(run, **small))
    )


BEFORE = {
    "ecg_tf study": _shorten_grid,
    "ecg_tf import_pytorch": _write_checkpoint,
    "ecg_tf export -path_model runs/gru_attention": _check_export_here,
    "ecg_tf export -path_model runs/mine": _check_export_here,
    "ecg_tf ship": _ship_elsewhere,
    "ecg_tf model_card": _ship_elsewhere,
    "python bin/benchmark.py": _measure_here,
}

# ------------------------------------------------------------------------------ What they leave --


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


def test_the_shipped_run_is_on_the_model_card():
    assert "\nGRU, 3 leads.\n" in Path("docs/model_card.md").read_text("utf-8")


@pytest.mark.parametrize("page", PAGES)
def test_commands_of_a_page_are_parsed(page):
    for command in commands(page):
        if not _longest_beginning(command, FOREIGN):
            words = shlex.split(command.removeprefix("KERAS_BACKEND=jax "))
            commands_here.check_flags(words)


@pytest.mark.parametrize("recipe", sorted((ROOT / "configs").iterdir()), ids=lambda path: path.name)
def test_commands_of_a_recipe_are_parsed(recipe):
    found = commands_of_comments(recipe)
    assert found
    for command in found:
        commands_here.check_flags(shlex.split(command))


def test_tables_of_this_test_are_needed():
    """Nothing is listed that no page shows."""
    shown = [command for page in PAGES for command in commands(page)]
    for beginning in (*SHORTENED, *BEFORE, *FOREIGN):
        assert any(command.startswith(beginning) for command in shown), beginning
    for part in (*ALIKE, *NEEDS):
        assert any(part in command for command in shown), part
    code = "".join(block.code for page in PAGES for block in blocks(page))
    assert all(text in code for text in SHORTENED_PYTHON)


def test_extras_of_pip_install_exist():
    setup = (ROOT / "setup.cfg").read_text("utf-8")
    extras = set(re.findall(r"^(\w+) =$", setup.partition("extras_require]")[2], re.MULTILINE))
    text = "".join(PAGES.values())
    assert set(re.findall(r"'\.\[(\w+)\]'", text)) <= extras
