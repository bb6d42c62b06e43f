"""Names of shipped networks, and the networks that are shipped."""

import configparser
import fnmatch
import hashlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from study_path import study_answer, without_means

import ecg_tf
from ecg_tf.data.labels import CLASSES
from ecg_tf.data.seen import Seen
from ecg_tf.errors import InputError
from ecg_tf.predict.predictor import Predictor
from ecg_tf.predict.records import predict_records
from ecg_tf.pretrained import card, names, place, shipped
from ecg_tf.runs.run_folder import RunFolder
from ecg_tf.shipping.check_ecg import check_ecg

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "ecg_tf/pretrained"
FOLDERS = sorted(path for path in SHIPPED.iterdir() if path.is_dir() and path.name != "__pycache__")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Two folders in place of the shipped ones; their files hold a word instead of a network."""
    monkeypatch.setattr(shipped, "FOLDER", tmp_path)
    for name in ("gru", "alexnet"):
        (tmp_path / name).mkdir()
        sha256 = hashlib.sha256(name.encode()).hexdigest()
        needed = ("model.keras", "about.json", "thresholds.json")
        files = {file: {"sha256": sha256} for file in needed}
        for file in files:
            (tmp_path / name / file).write_bytes(name.encode())
        content = {"name": name, "files": files}
        (tmp_path / name / "card.json").write_text(json.dumps(content))
    return tmp_path


def test_name_is_resolved_and_any_other_path_is_kept(folder):
    assert names() == ["alexnet", "gru"]
    assert place("pretrained:gru") == folder / "gru"
    assert card("gru")["name"] == "gru"
    assert place("runs/gru") == Path("runs/gru")


@pytest.mark.parametrize("name", ["gtu", "", "../gru", "gru/"])
def test_unknown_name_is_an_error_that_lists_the_shipped_ones(folder, name):
    with pytest.raises(InputError, match=f"pretrained:{name}: expected one of alexnet, gru"):
        place(f"pretrained:{name}")


def test_error_states_that_no_network_is_shipped(tmp_path, monkeypatch):
    monkeypatch.setattr(shipped, "FOLDER", tmp_path)
    with pytest.raises(InputError, match="pretrained:gru: no network is shipped"):
        ecg_tf.load("pretrained:gru")


def test_changed_file_is_an_error_with_both_hashes(folder):
    (folder / "gru/model.keras").write_bytes(b"other")
    found, expected = (hashlib.sha256(text).hexdigest() for text in (b"other", b"gru"))
    message = f"{folder}/gru/model.keras: SHA-256 {found}, expected {expected}"
    for opens in (place, Predictor, ecg_tf.load):
        with pytest.raises(InputError, match=message):
            opens("pretrained:gru")
    (folder / "gru/model.keras").unlink()
    with pytest.raises(InputError, match=r"model.keras: SHA-256 not available \(No such file"):
        place("pretrained:gru")


@pytest.mark.parametrize(
    "files",
    [
        None,
        {},
        {"model.keras": {"sha256": "0" * 64}},
        *(
            {"model.keras": found, "about.json": found, "thresholds.json": found}
            for found in (None, {}, {"sha256": None}, {"sha256": "x"})
        ),
        *({name: {"sha256": "0" * 64}} for name in ("/etc/passwd", "../gru/card.json", "a\0b", "")),
    ],
)
def test_card_without_the_files_of_a_run_is_refused(folder, files):
    (folder / "gru/card.json").write_text(json.dumps({"name": "gru", "files": files}))
    with pytest.raises(InputError, match=r"gru/card\.json: "):
        place("pretrained:gru")


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 10**5, "\xff"])
def test_card_that_is_not_a_json_object_is_refused(folder, text):
    (folder / "gru/card.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError, match=r"gru/card\.json: "):
        place("pretrained:gru")


def test_command_reports_an_unknown_name():
    command = [sys.executable, "bin/predict.py", "-path_model", "pretrained:none", "record"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("error: pretrained:none: ")


# The networks that are shipped


def test_shipped_networks_are_listed_and_take_a_few_megabytes():
    assert [folder.name for folder in FOLDERS] == names()
    assert sum(file.stat().st_size for file in SHIPPED.rglob("*")) <= 40e6


@pytest.fixture(scope="module")
def record(simulated_folder):
    return simulated_folder / "records100/00000/00007_lr"


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_shipped_network_is_complete_and_predicts_as_its_card_states(folder, record):
    files = {file.name for file in folder.iterdir()}
    assert files == {
        *("model.keras", "thresholds.json", "about.json", "flags.cfg", "history.csv", "card.json"),
        "seen.npz",
    }
    packed = configparser.ConfigParser()
    packed.read(ROOT / "setup.cfg")
    patterns = packed["options.package_data"]["ecg_tf.pretrained"].split()
    for file in files:
        assert any(fnmatch.fnmatch(f"{folder.name}/{file}", pattern) for pattern in patterns)

    said = card(folder.name)
    assert set(said["files"]) == files - {"card.json"}
    for file, expected in said["files"].items():
        content = (folder / file).read_bytes()
        assert len(content) == expected["bytes"]
        assert hashlib.sha256(content).hexdigest() == expected["sha256"]
        if file not in ("model.keras", "seen.npz"):
            for code in (b"LAO/LAE", b"RAO/RAE"):
                content = content.replace(code, b"")
            assert b"/" not in content  # no path of any machine
    assert (said["name"], said["training_data"]["database"]) == (folder.name, "PTB-XL")
    assert "CC BY 4.0" in said["licence"]
    assert set(said["figures"]["auroc"]) == set(said["classes"])
    codes = {"AFIB", "IMI", "LVH", "NORM", "SR"}  # some of the 71
    assert set(said["classes"]) >= set(CLASSES) or (
        set(said["classes"]) > codes and len(said["classes"]) == 71
    )
    for figure in (said["figures"]["macro_auroc"], *said["figures"]["pooled"].values()):
        low, high = figure["interval"]
        assert 0.5 < low <= figure["value"] <= high < 1
    for kind in ("sex", "age"):
        counts = [group["records"] for group in said["subgroups"][kind].values()]
        assert sum(counts) == said["figures"]["records"]

    seen = Seen.load(folder / "seen.npz")
    records = said["training_data"]["records"]
    assert seen.leads == tuple(said["leads"])
    assert (len(seen.trained), len(seen.chosen)) == (records["train"], records["dev"])
    assert not np.isin(seen.trained, seen.chosen).any()

    model = ecg_tf.load(f"pretrained:{folder.name}")
    assert not model.simulated
    run = RunFolder.open(f"pretrained:{folder.name}")
    answer = study_answer(run, check_ecg()[None])
    np.testing.assert_allclose(answer["probabilities"][0], said["check_probabilities"], atol=2e-3)
    answer = model(check_ecg())
    centred = study_answer(run, without_means(check_ecg()[None]))
    np.testing.assert_allclose(answer["probabilities"], centred["probabilities"][0], atol=1e-3)
    assert answer["valid"]
    (prediction,) = predict_records(model, [record])
    assert prediction.class_names == tuple(said["classes"])
