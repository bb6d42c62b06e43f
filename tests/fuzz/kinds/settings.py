"""Files that users write: flag files for training and study files."""

import dataclasses
import importlib
from pathlib import Path

from fuzz.case import OPEN, Kind

_ROOT = Path(__file__).resolve().parents[3]


def _make_study(folder):
    text = (_ROOT / "configs/study_short.cfg").read_text("utf-8")
    (folder / "study.cfg").write_text(text, "utf-8")


def _read_grid():
    from ecg_tf.study.grid_file import read_grid

    runs = read_grid("study.cfg", "data", Path("study"))
    return [(name, settings.flagfile()) for name, settings in runs.items()]


def _make_flag_file(folder):
    text = (_ROOT / "configs/alexnet.cfg").read_text("utf-8")
    (folder / "flags.cfg").write_text(text + "--data=data\n--path_save_model=run\n", "utf-8")


def _read_flag_file():
    from absl import flags

    from ecg_tf.commands.flag_files import parse_flags
    from ecg_tf.training.settings import Settings

    values = flags.FLAGS
    importlib.import_module("ecg_tf.commands.train")  # defines the flags
    values.unparse_flags()
    for name in values:
        values[name].unparse()
    parse_flags(["train.py", "--flagfile=flags.cfg"])
    return [Settings(**{f.name: values[f.name].value for f in dataclasses.fields(Settings)})]


KINDS = (
    Kind("study", _make_study, _read_grid, files={"study.cfg": OPEN}, share=1.5),
    Kind(
        "flagfile",
        _make_flag_file,
        _read_flag_file,
        files={"flags.cfg": OPEN},
        names=("flag", "expected"),  # the message names the flag or its valid values
        share=1.5,
    ),
)
