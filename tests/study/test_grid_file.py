from pathlib import Path

import pytest

from ecg_tf.errors import InputError
from ecg_tf.models import MODELS, find
from ecg_tf.study.grid_file import read_grid
from ecg_tf.training.settings import Settings

CONFIGS = Path(__file__).resolve().parent.parent.parent / "configs"
STUDY = Path("study")


@pytest.fixture
def read(tmp_path):
    """A function from the text of a file to the runs in it."""

    def read(text):
        (tmp_path / "study.cfg").write_text(text, encoding="utf-8")
        return read_grid(tmp_path / "study.cfg", "data", STUDY)

    return read


def test_a_section_is_a_run_with_flags_of_train(read):
    runs = read(
        "[common]\nepochs = 3\n\n[first]\nmodel = alexnet\nchannels = gaf, rp\n"
        "learning_rate = 1e-3\ndeterministic = true\n[second]\nmodel = gru\nepochs = 4\n"
    )
    first = Settings(
        model="alexnet",
        data="data",
        path_save_model=str(STUDY / "first"),
        epochs=3,
        channels=("gaf", "rp"),
        learning_rate=1e-3,
        deterministic=True,
    )
    second = Settings(model="gru", data="data", path_save_model=str(STUDY / "second"), epochs=4)
    assert list(runs.items()) == [("first", first), ("second", second)]


def test_like_copies_the_lines_of_an_earlier_section(read):
    runs = read(
        "[common]\nseed = 1\nbatch_size = 8\n[a]\nmodel = alexnet\nseed = 2\nepochs = 5\n"
        "[b]\nlike = a\nepochs = 6\n[c]\nlike = b\nchannels = rp\n"
    )
    assert [(run.seed, run.epochs, run.batch_size) for run in runs.values()] == [
        (2, 5, 8),
        (2, 6, 8),
        (2, 6, 8),
    ]
    assert runs["c"].channels == ("rp",)
    assert {run.model for run in runs.values()} == {"alexnet"}


def test_backbones_are_earlier_sections_or_run_folders(read):
    runs = read(
        "[bigru]\nmodel = bigru\n[late]\nmodel = late_fusion\nsignal_run = bigru\n"
        "image_run = runs/alexnet\n"
    )
    assert runs["late"].signal_run == runs["bigru"].path_save_model
    assert runs["late"].image_run == "runs/alexnet"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "study.cfg: no runs, expected a section"),
        ("[common]\nepochs = 1\n", "study.cfg: no runs"),
        (
            "epochs = 1\n",
            "study.cfg: cannot be read as a grid: line 1: expected a section .NAME. first",
        ),
        (
            "[a]\nmodel = gru\n[a]\n",
            "cannot be read as a grid: line 3: section 'a' repeats that of line 1",
        ),
        ("[a]\nmodel = gru\nmodel = gru\n", "line 3: 'model' repeats that of line 2"),
        (
            "[a]\nmodell = gru\n",
            r"study.cfg, line 2, \[a\]: 'modell' is not a flag of ecg_tf train",
        ),
        ("[a]\nepochs = 1\n", r"\[a\]: no model"),
        ("[a]\nmodel = gru\nepochs = many\n", r"\[a\]: epochs 'many': expected a whole number"),
        ("[a]\nmodel = gru\nepochs = 0\n", r"\[a\]: epochs 0: expected 1 to 1000000"),
        ("[a]\nmodel = gru\nl2_decay = x\n", r"\[a\]: l2_decay 'x': expected a number"),
        ("[a]\nmodel = gru\ndeterministic = 2\n", r"deterministic '2': expected true or false"),
        ("[a]\nmodel = lstm2\n", r"line 2, \[a\]: model 'lstm2': expected one of alexnet, "),
        ("[a]\nmodel = gru\n[b]\nlike = a\nseed = -1\n", r"line 5, \[b\]: seed -1: expected"),
        ("[a]\nmodel = gru\nseed = -1\n[b]\nlike = a\n", r"line 3, \[a\]: seed -1: expected"),
        ("[common]\n\nseed = x\n[a]\nmodel = gru\n", r"line 3, \[a\]: seed 'x': expected a"),
        ("[a]\nmodel\n", "line 2: expected a flag as name = value"),
        ("[a]\nmodel = g\0ru\n", "line 2: a NUL character"),
        (f"[{'a' * 101}]\nmodel = gru\n", "section 'aaaaaaaaaaaaaaaaaaaa…', expected a name of"),
        ("[a]\nmodel = gru\ndata = x\n", r"\[a\]: data is a flag of ecg_tf study"),
        (
            "[a]\nmodel = gru\npath_save_model = x\n",
            r"\[a\]: path_save_model is a flag of ecg_tf study",
        ),
        ("[a]\nlike = b\n[b]\nmodel = gru\n", r"\[a\]: like 'b', expected an earlier section"),
        ("[a]\nmodel = gru\nsignal_run = b\n[b]\n", r"\[a\]: signal_run 'b' comes later"),
        ("[../a]\nmodel = gru\n", "line 1: section '../a', expected a name of"),
        ("[comparison]\nmodel = gru\n", "section 'comparison', expected a name .* not comparison"),
    ],
)
def test_errors_name_the_file_the_line_and_the_section(read, text, message):
    with pytest.raises(InputError, match=f"(?s){message}"):
        read(text)


def test_errors_do_not_quote_other_files(tmp_path):
    (tmp_path / "secret").write_text("root:x:0:0:the root of all evil:/root:/bin/bash\n")
    (tmp_path / "study.cfg").symlink_to("secret")
    with pytest.raises(InputError, match=r"line 1: expected a section \[NAME\] first") as error:
        read_grid(tmp_path / "study.cfg", "data", STUDY)
    assert "root" not in str(error.value).removeprefix(str(tmp_path))
    (tmp_path / "endless.cfg").symlink_to("/dev/zero")
    with pytest.raises(InputError, match=r"endless.cfg: cannot be read as a grid: not a regular"):
        read_grid(tmp_path / "endless.cfg", "data", STUDY)


def test_indented_lines_continue_a_value(read):
    runs = read("[a]\n  model = gru\n# a remark\nteacher_runs = runs/x,\n    runs/y\nepochs = 2\n")
    assert runs["a"].teacher_runs == ("runs/x", "runs/y")
    assert runs["a"].epochs == 2


def test_a_missing_file_is_refused():
    with pytest.raises(InputError, match=r"no/file.cfg: cannot be read as a grid"):
        read_grid("no/file.cfg", "data", STUDY)


def test_the_grid_of_the_study():
    """Two networks on each image and all three, two networks on the signal, and three fusions."""
    runs = read_grid(CONFIGS / "study.cfg", "data", STUDY)
    trained = {
        (run.model, run.channels) for run in runs.values() if find(run.model).input_kind == "image"
    }
    every = ("gaf", "mtf", "rp")
    channels = [(channel,) for channel in every] + [every]
    assert trained == {(model, some) for model in ("alexnet", "resnet") for some in channels}
    others = {run.model for run in runs.values() if find(run.model).input_kind != "image"}
    assert others == {"gru", "bigru", "late_fusion", "early_fusion", "joint_fusion"}
    folders = {run.path_save_model: run for run in runs.values()}
    for run in runs.values():
        for name in ("nb_filters", "hidden_size", "num_layers", "dropout"):
            assert getattr(run, name) is None or name in MODELS[run.model].hyperparameters
        if find(run.model).input_kind == "ecg":
            assert find(folders[run.signal_run].model).input_kind == "signal"
            assert folders[run.image_run].channels == run.channels
        assert run.leads == ("I", "II", "V2")


def test_the_short_grid_compares_images_with_the_signal():
    runs = read_grid(CONFIGS / "study_short.cfg", "data", STUDY)
    channels = {run.channels for run in runs.values() if find(run.model).input_kind == "image"}
    assert channels == {("gaf", "mtf", "rp"), ("gaf",), ("mtf",), ("rp",)}
    assert [find(run.model).input_kind for run in runs.values()].count("signal") == 1


def test_a_byte_order_mark_is_ignored(read):
    assert list(read("\ufeff[first]\nmodel = gru\n")) == ["first"]


def test_a_tilde_in_a_path_is_the_home_folder(read, monkeypatch):
    monkeypatch.setenv("HOME", "/home/of/me")
    runs = read(
        "[first]\nmodel = gru\ninitial_run = ~/a\nteacher_runs = ~/b, pretrained:gru\n"
        "[second]\nmodel = late_fusion\nsignal_run = first\nimage_run = ~/c\n"
    )
    assert runs["first"].initial_run == "/home/of/me/a"
    assert runs["first"].teacher_runs == ("/home/of/me/b", "pretrained:gru")
    assert runs["second"].signal_run == str(STUDY / "first")
    assert runs["second"].image_run == "/home/of/me/c"
