import itertools
import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
from hub_server import COMMIT, hub_of
from in_process import command_module
from untrained import CLASSES, untrained_run

import ecg_tf
from ecg_tf.commands.flag_files import parse_flags
from ecg_tf.data.synthetic import simulate_ecg
from ecg_tf.errors import InputError
from ecg_tf.pretrained import card, place
from ecg_tf.pretrained.hub import download
from ecg_tf.runs.backbones import open_backbone
from ecg_tf.runs.run_folder import RunFolder
from ecg_tf.shipping.publish import publish
from ecg_tf.training.networks import backbones_of
from ecg_tf.training.settings import Settings

AUROCS = [{"MI": 0.5, "STTC": 0.6, "CD": 0.7, "HYP": float("nan")}, dict.fromkeys(CLASSES, 0.9)]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """An untrained GRU, stated to be trained on simulated ECGs, best in its first epoch."""
    run = untrained_run(tmp_path_factory.mktemp("runs") / "gru", "gru", hidden_size=4, num_layers=1)
    run.save_flags(f"--model=gru\n--data=/data/x\n--path_save_model={run.path}\n--epochs=2\n")
    run.save_history(
        [
            {"epoch": epoch, "loss": 1.0, "val_loss": float(epoch)}
            | {f"val_auroc_{name}": value for name, value in aurocs.items()}
            | {"seconds": 3.0}
            for epoch, aurocs in enumerate(AUROCS, 1)
        ]
    )
    return run


@pytest.fixture(scope="module")
def published(run, tmp_path_factory):
    folder = tmp_path_factory.mktemp("hub") / "ecg-gru"
    licence = folder.parent / "licence.txt"
    licence.write_text("Use it well.\n")
    publish(run.path, folder, licence)
    return folder


@pytest.fixture
def hub(published, tmp_path, monkeypatch):
    """The address of the stand-in hub with the published folder as me/ecg-gru; an empty cache."""
    constants = pytest.importorskip("huggingface_hub").constants
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "config.json").write_text("{}")
    broken = shutil.copytree(published, tmp_path / "broken")
    (broken / "model.keras").write_bytes(b"no network")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    repositories = {
        **{"me/ecg-gru": published, "me/foreign": foreign, "me/broken": broken},
        **{"me/gated": (403, "GatedRepo"), "me/secret": (403, None), "me/private": (401, None)},
        "me/ill": (500, None),
    }
    download.cache_clear()
    with hub_of(repositories) as address:
        monkeypatch.setattr(constants, "ENDPOINT", address)
        template = "/{repo_id}/resolve/{revision}/{filename}"
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", address + template)
        yield address
    download.cache_clear()


@pytest.fixture(scope="module")
def ecg():
    return simulate_ecg(("MI",), np.random.default_rng(0))


def test_published_folder_predicts_as_the_run_but_for_float16(run, published, ecg):
    assert sorted(file.name for file in published.iterdir()) == [
        *("LICENSE", "README.md", "about.json", "flags.cfg", "history.csv", "model.keras"),
        "thresholds.json",
    ]
    assert (published / "LICENSE").read_text() == "Use it well.\n"
    assert RunFolder.open(published).flags == {"model": "gru", "epochs": "2"}
    found, given = (ecg_tf.load(path)(ecg)["probabilities"] for path in (published, run.path))
    assert not np.array_equal(found, given)
    np.testing.assert_allclose(found, given, atol=0.02)


def test_the_hub_reads_the_card_of_a_run(published):
    from huggingface_hub import ModelCard

    data = ModelCard.load(published / "README.md").data
    assert (data.license, data.license_link) == ("other", "LICENSE")
    assert (data.library_name, data.pipeline_tag, data.metrics) == ("ecg_tf", None, ["roc_auc"])
    assert data.tags == ["ecg", "keras", "gru", "signal", "simulated"]
    assert data.model_name == "ecg-gru"
    found = {result.metric_name: result.metric_value for result in data.eval_results}
    assert found.pop("AUROC, macro") == pytest.approx(0.6)
    assert found == {"AUROC, MI": 0.5, "AUROC, STTC": 0.6, "AUROC, CD": 0.7}
    assert {(r.dataset_split, r.dataset_name, r.dataset_type) for r in data.eval_results} == {
        ("dev", "simulated PTB-XL", "simulated-ptb-xl")
    }


def test_lines_of_a_card_are_short(published):
    lines = (published / "README.md").read_text().splitlines()
    assert max(len(line) for line in lines if not line.startswith("|")) <= 100
    assert not any(one == other == "" for one, other in itertools.pairwise(lines))


def test_the_card_of_a_shipped_network_has_its_figures_on_dev_and_test(tmp_path):
    from huggingface_hub import ModelCard

    publish("pretrained:gru", tmp_path / "a")
    shipped = card("gru")
    data = ModelCard.load(tmp_path / "a" / "README.md").data
    assert data.license == "cc-by-4.0"
    licence = (tmp_path / "a" / "LICENSE").read_text()
    assert "doi 10.1038/s41597-020-0495-6" in " ".join(licence.split())
    found = {(r.dataset_split, r.metric_name): r.metric_value for r in data.eval_results}
    figures = shipped["figures"]
    assert found["dev", "AUROC, macro"] == round(figures["macro_auroc"]["value"], 4)
    assert found["dev", "AUROC, HYP"] == round(figures["auroc"]["HYP"]["value"], 4)
    assert found["test", "AUROC, macro"] == shipped["test_figures"]["macro_auroc"]["value"]
    assert found["test", "AUROC, CD"] == shipped["test_figures"]["auroc"]["CD"]
    before, after = (
        RunFolder(folder).network() for folder in (place("pretrained:gru"), tmp_path / "a")
    )
    for one, other in zip(before.weights, after.weights, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_folder_in_use_stays_as_it_is(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="in use"):
        publish("pretrained:gru", tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


def test_run_on_other_data_needs_a_licence(run, tmp_path):
    with pytest.raises(InputError, match="trained on simulated PTB-XL; expected -license"):
        publish(run.path, tmp_path / "a")
    assert not list(tmp_path.iterdir())


def test_a_path_in_the_metadata_leaves_no_folder(run, tmp_path):
    copy = shutil.copytree(run.path, tmp_path / "run")
    about = json.loads((copy / "about.json").read_text())
    (copy / "about.json").write_text(json.dumps(about | {"data_set": "/home/me/x"}, indent=2))
    (tmp_path / "licence").write_text("none")
    with pytest.raises(InputError, match="holds a path"):
        publish(copy, tmp_path / "out" / "a", tmp_path / "licence")
    assert not list((tmp_path / "out").iterdir())


def test_a_network_of_the_hub_stands_for_a_run(hub, published, ecg):
    found = ecg_tf.load("hf://me/ecg-gru")(ecg)["probabilities"]
    np.testing.assert_array_equal(found, ecg_tf.load(published)(ecg)["probabilities"])
    folder = place("hf://me/ecg-gru@main")
    assert folder.name == COMMIT
    assert not (folder / "README.md").exists()  # only what a run consists of is downloaded
    assert RunFolder.open("hf://me/ecg-gru").metadata == RunFolder.open(published).metadata
    assert place(f"hf://me/ecg-gru@{COMMIT}") == folder


def test_logs_and_metadata_name_the_repository(hub):
    run = RunFolder.open("hf://me/ecg-gru")
    assert (run.name, str(run)) == ("hf://me/ecg-gru", "hf://me/ecg-gru")
    with pytest.raises(InputError, match=r"^image_run hf://me/ecg-gru: gru takes the signal"):
        open_backbone("image", "hf://me/ecg-gru")
    fusion = Settings(
        model="late_fusion", data="", path_save_model="", signal_run="hf://me/ecg-gru"
    )
    assert backbones_of(fusion)["signal"].name == "hf://me/ecg-gru"


def test_a_command_shows_nothing_of_the_download(hub, tmp_path):
    environment = os.environ | {"HF_ENDPOINT": hub, "HF_HUB_CACHE": str(tmp_path / "of_command")}
    runs = "hf://me/ecg-gru,hf://me/foreign"  # the first can be used
    ran = subprocess.run(
        [sys.executable, "-m", "ecg_tf", "compare", "-runs", runs, "-data", "missing"],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr == (
        "error: hf://me/foreign: no run folder (it holds no about.json); see ecg_tf train\n"
    )
    assert list((tmp_path / "of_command").glob("models--me--ecg-gru/snapshots/*/model.keras"))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("hf://x", "'hf://x': expected hf://OWNER/NAME[@REVISION]"),
        ("hf://me/../a", "'hf://me/../a': expected hf://OWNER/NAME[@REVISION]"),
        ("hf://me/absent", "hf://me/absent: cannot be downloaded: no such repository"),
        ("hf://me/ecg-gru@v9", "hf://me/ecg-gru@v9: cannot be downloaded: no such branch, tag"),
        ("hf://me/gated", "hf://me/gated: cannot be downloaded: its owner has to grant access"),
        ("hf://me/secret", "the hub answers with HTTP status 403 (to log in: hf auth login)"),
        ("hf://me/private", "the hub answers with HTTP status 401 (to log in: hf auth login)"),
        ("hf://me/ill", "hf://me/ill: cannot be downloaded: the hub answers with HTTP status 500"),
        ("hf://me/foreign", "hf://me/foreign: neither a run folder nor an export"),
        ("hf://me/broken", "me--broken"),
        ("hf://me/a--b", "hf://me/a--b: cannot be downloaded: "),
    ],
)
def test_error_names_the_repository(hub, path, expected):
    with pytest.raises(InputError) as raised:
        ecg_tf.load(path)
    assert expected in str(raised.value)
    assert "\n" not in str(raised.value)


def test_without_network_an_earlier_download_is_used(hub, monkeypatch):
    from huggingface_hub import constants

    folder = place("hf://me/ecg-gru")
    download.cache_clear()  # as in another process
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")  # nothing listens there
    assert place("hf://me/ecg-gru") == folder
    with pytest.raises(InputError, match=r"^hf://me/other: .*the hub cannot be reached"):
        place("hf://me/other")


def test_error_for_a_missing_huggingface_hub_names_the_installation(monkeypatch):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(InputError, match=r"pip install huggingface_hub \(the extra ecg_tf\[hub\]"):
        ecg_tf.load("hf://me/ecg-gru")


def test_the_command_publishes_and_says_how_to_upload(run, tmp_path, capsys):
    (tmp_path / "licence").write_text("none")
    with command_module("publish") as command:
        out = tmp_path / "a"
        flags = ["-path_model", run.path, "-out", out, "-license", tmp_path / "licence"]
        command.main(parse_flags(["publish", *map(str, flags)]))
    assert capsys.readouterr().out == f"written: {out}; to upload it: hf upload OWNER/NAME {out}\n"
    assert (out / "README.md").is_file()
