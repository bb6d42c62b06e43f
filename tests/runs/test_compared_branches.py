"""Which compared runs are a fusion's branches, told by descriptions and flags written by hand."""

import json
import shutil

import pytest

from ecg_tf.evaluation.compared_run import Branch
from ecg_tf.runs.compared_branches import branches
from ecg_tf.runs.run_folder import RunFolder
from ecg_tf.runs.run_metadata import Component
from ecg_tf.training.networks import backbones_of
from ecg_tf.training.settings import Settings

INPUT = {
    "class_names": ["MI", "STTC", "CD", "HYP"],
    "leads": ["I", "II", "V2"],
    "channels": ["gaf", "mtf", "rp"],
    "image_size": 67,
    "scaling": "record",
    "simulated": False,
}


@pytest.fixture
def make(tmp_path):
    """A function from a path below the folder, a network and its description to a run folder."""

    def make(path, model, flags=None, started="now", **about):
        folder = tmp_path / path
        folder.mkdir(parents=True)
        about = {"model": model, "hyperparameters": {}, "started": started} | INPUT | about
        (folder / "about.json").write_text(json.dumps(about))
        if flags is not None:
            text = "".join(f"--{flag}={value}\n" for flag, value in flags.items())
            (folder / "flags.cfg").write_text(text)
        return RunFolder(folder)

    return make


@pytest.fixture
def compared(make):
    """The runs that a fusion is compared with."""
    return {
        "gru": make("runs/gru", "gru", started="Monday"),
        "resnet": make("runs/resnet", "resnet", started="Tuesday"),
        "resnet1d": make("runs/resnet1d", "resnet1d", started="Wednesday"),
    }


def runs_of(found):
    return [branch.run for branch in found]


def backbone(name, model, started, **hyperparameters):
    return {"model": model, "hyperparameters": hyperparameters, "name": name, "started": started}


def test_shipped_branches_are_known(make):
    shipped = {
        name: RunFolder.open(f"pretrained:{name}") for name in ("gru", "band_resnet", "resnet1d")
    }
    fusion = RunFolder.open("pretrained:weighted_fusion")
    assert branches(fusion, shipped) == (Branch("signal", "gru"), Branch("image", "band_resnet"))
    del shipped["gru"]
    signal, _ = branches(fusion, shipped)
    assert signal.missing == (
        "its signal branch pretrained:gru is not among those compared; add it"
    )
    shipped["gru"] = make("runs/gru", "gru")  # another training of that name
    assert branches(fusion, shipped)[0].run is None


def test_branches_are_found_by_their_path(make, compared, tmp_path):
    flags = {"signal_run": tmp_path / "runs/../runs/gru", "image_run": tmp_path / "runs/resnet/"}
    assert runs_of(branches(make("late", "late_fusion", flags), compared)) == ["gru", "resnet"]


def test_networks_of_the_hub_are_found_by_their_name(make, tmp_path):
    """No name is downloaded: none of these repositories exists."""
    one = RunFolder(make("c0ffee", "gru").path, "hf://me/gru@v1")
    other = RunFolder(make("decade", "gru").path, "hf://you/gru@v1")
    about = {
        "trunks": {
            "signal": backbone("hf://me/gru@v1", "gru", "now"),
            "image": backbone("hf://me/resnet", "resnet", "now"),
        }
    }
    flags = {"signal_run": "hf://me/gru@v1", "image_run": "hf://me/resnet"}
    fusion = make("fusion", "late_fusion", flags, **about)
    runs = {run.name: run for run in (one, other, make("runs/resnet", "resnet"))}
    assert runs_of(branches(fusion, runs)) == ["hf://me/gru@v1", "resnet"]
    del runs[one.name]
    assert runs_of(branches(fusion, runs)) == [other.name, "resnet"]  # the only one of that time


def test_folders_that_moved_are_found_by_their_name(make, compared):
    flags = {"signal_run": "/elsewhere/gru", "image_run": "/elsewhere/resnet1d"}
    signal, image = branches(make("late", "late_fusion", flags), compared)
    assert signal.run == "gru"
    assert image.run is None  # a network of signals is no image branch
    assert image.missing.endswith("/elsewhere/resnet1d is not among those compared; add it")


def test_an_existing_backbone_folder_is_not_another_of_the_same_name(make, compared, tmp_path):
    other = make("others/gru", "gru")
    flags = {"signal_run": other.path, "image_run": tmp_path / "runs/resnet"}
    assert runs_of(branches(make("late", "late_fusion", flags), compared)) == [None, "resnet"]


def test_the_time_of_training_finds_a_renamed_run(make, compared):
    backbones = {
        "signal": backbone("signal_1", "gru", "Monday"),
        "image": backbone("resnet", "resnet", "Friday"),  # trained anew since
    }
    fusion = make("late", "late_fusion", trunks=backbones)
    assert runs_of(branches(fusion, compared)) == ["gru", None]


def test_a_run_trained_again_in_its_folder_is_not_the_branch(make, compared, tmp_path):
    flags = {"signal_run": tmp_path / "runs/gru", "image_run": tmp_path / "runs/resnet"}
    backbones = {
        "signal": backbone("gru", "gru", "Sunday"),
        "image": backbone("resnet", "resnet", "Tuesday", nb_filters=3),
    }
    fusion = make("late", "late_fusion", flags, trunks=backbones)
    assert runs_of(branches(fusion, compared)) == [None, None]


def test_of_two_copies_the_one_at_the_path_is_the_branch(make, compared, tmp_path):
    shutil.copytree(tmp_path / "runs/gru", tmp_path / "copy/gru")
    compared["copy/gru"] = RunFolder(tmp_path / "copy/gru")
    backbones = {
        "signal": backbone("gru", "gru", "Monday"),
        "image": backbone("resnet", "resnet", "Tuesday"),
    }
    flags = {"signal_run": tmp_path / "copy/gru", "image_run": "runs/resnet"}
    fusion = make("late", "late_fusion", flags, trunks=backbones)
    assert runs_of(branches(fusion, compared)) == ["copy/gru", "resnet"]
    fusion = make("moved", "late_fusion", trunks=backbones)
    assert branches(fusion, compared)[0].missing == ("its signal branch gru may be gru or copy/gru")


def test_fresh_backbones_are_no_runs(make, compared):
    settings = Settings(model="early_fusion", data="d", path_save_model="p", hidden_size=8)
    described = backbones_of(settings)
    assert described["signal"] == Component("bigru", {"hidden_size": 8})
    written = {branch: vars(one) for branch, one in described.items()}
    signal, _ = branches(make("early", "early_fusion", trunks=written), compared)
    assert signal.missing == (
        "its signal branch (bigru) is no run of its own; train it alone, too, and add it"
    )
    assert backbones_of(Settings(model="gru", data="d", path_save_model="p")) is None


def test_a_run_describes_its_backbones_without_folders():
    settings = Settings(
        model="weighted_fusion",
        data="d",
        path_save_model="p",
        signal_run="pretrained:gru",
        image_run=str(RunFolder.open("pretrained:band_resnet").path),
    )
    described = backbones_of(settings)
    metadata = RunFolder.open("pretrained:gru").metadata
    assert described["signal"] == Component(
        "gru", metadata.hyperparameters, "pretrained:gru", metadata.started
    )
    assert described["image"].name == "band_resnet"
