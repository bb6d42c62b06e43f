"""Damaged descriptions, thresholds, histories and flags of a run are refused by name."""

import json
import shutil

import pytest
from untrained import CLASSES, untrained_run

from ecg_tf import pretrained
from ecg_tf.errors import InputError
from ecg_tf.input_spec import InputSpec
from ecg_tf.predict.predictor import Predictor
from ecg_tf.runs.run_folder import RunFolder
from ecg_tf.runs.run_metadata import Component, RunMetadata

ROW = {"epoch": 1, "loss": 1.0, "val_loss": 2.0, "seconds": 3.5}
ROW |= {f"val_auroc_{name}": 0.5 for name in CLASSES}


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """The run folder of an image network; tests change a copy."""
    run = untrained_run(tmp_path_factory.mktemp("runs") / "run", "band_resnet", nb_filters=2)
    run.save_history([ROW, ROW | {"epoch": 2, "val_auroc_MI": float("nan")}])
    return run.path


@pytest.fixture
def folder(good, tmp_path):
    return shutil.copytree(good, tmp_path / "run")


def change(file, **changes):
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("model", ["lstm2", "", None, 5, [], "../x", "gru"]),
        ("class_names", ["MISC", [], None, ["MI"] * 4, [1, 2, 3, 4], CLASSES[:3], {"MI": 1}]),
        ("leads", [["I", "I", "II"], ["i", "ii", "v2"], ["I", "II", "V7"], [], 5, [None], [["I"]]]),
        ("channels", [["gaf", "gaf"], ["x"], [], None, "gaf", [None]]),
        ("image_size", [0, -1, 1, 1001, 10**9, "67", 67.5, None, True]),
        ("sampling_rate", [0, 99, 1001, 100.0, "100", None, True, 10**30]),
        ("samples", [0, 249, 6001, 1000.0, "1000", None, 10**30]),
        ("scaling", ["none", None, 5, []]),
        ("simulated", [None, "false", 0]),
        ("hyperparameters", [5, {"units": 3}, {"nb_filters": 0}, {"nb_filters": 10**9}]),
        ("parameters", [-1, "many"]),
        ("records", [[], {"train": "many"}]),
        ("ecg_sha256", [5, "x", {"train": 5}]),
        ("teachers", [{}, ["gru"]]),
        ("trunks", [5, {}, {"signal": {"model": "gru"}}]),
        ("versions", ["3.8.0", {"keras": 3.8}]),
        ("model", ["ensemble"]),  # without members
    ],
)
def test_damaged_metadata_are_refused(key, values, folder):
    for value in values:
        change(folder / "about.json", **{key: value})
        with pytest.raises(InputError, match=r"(about\.json|thresholds\.json|model\.keras): "):
            RunFolder.open(folder).network()


@pytest.mark.parametrize(
    "members",
    [
        None,
        {"model": "gru"},
        [{"model": "gru"}],
        [{"model": "gru"}, 5],
        [{"model": "gru"}, {}],
        [{"model": "gru"}, {"model": "no"}],
        [{"model": "gru"}, {"model": "ensemble"}],
        [{"model": "gru"}, {"model": "resnet"}],
        [{"model": "weighted_fusion"}, {"model": "weighted_fusion"}],
        [{"model": "gru"}, {"model": "gru", "hyperparameters": {"nb_filters": 2}}],
        [{"model": "gru"}, {"model": "gru", "name": 5}],
        [{"model": "gru"}] * 101,
    ],
)
def test_damaged_members_are_refused(members, folder):
    change(folder / "about.json", model="ensemble", members=members, hyperparameters={})
    with pytest.raises(InputError, match=r"about\.json: "):
        RunFolder.open(folder).network()


@pytest.mark.parametrize("given", [{"hyperparameters": 5}, {"hyperparameters": {"dropout": 0.1}}])
def test_an_ensemble_has_the_hyperparameters_of_its_members_only(given, folder):
    members = [{"model": "band_resnet", "hyperparameters": {"nb_filters": 2}}] * 2
    change(folder / "about.json", model="ensemble", members=members, **given)
    with pytest.raises(InputError, match=r"about\.json: hyperparameters or trunks: an ensemble"):
        RunFolder.open(folder)


@pytest.mark.parametrize("key", ["model", "class_names", "leads", "image_size", "scaling"])
def test_metadata_without_a_required_entry_are_refused(key, folder):
    about = json.loads((folder / "about.json").read_text())
    del about[key]
    (folder / "about.json").write_text(json.dumps(about))
    with pytest.raises(InputError, match=rf"about\.json: has no {key}"):
        RunFolder.open(folder)


def test_metadata_survive_the_way_through_json():
    metadata = RunMetadata(
        model="weighted_fusion",
        input_spec=InputSpec("ecg", ("V1", "I"), 250, 1000, channels=("rp",), image_size=67),
        class_names=("MI", "STTC"),
        simulated=True,
        hyperparameters={"frozen": ["signal"]},
        backbones={
            "signal": Component("gru", {"hidden_size": 4}, "pretrained:gru", "2026-01-31"),
            "image": Component("resnet"),
        },
        initial_run={"name": "a", "class_names": ["MI"], "new_head": True},
        parameters=5,
        teachers=[{"model": "gru", "leads": ["I"]}],
        data_set="PTB-XL",
        records={"train": 3, "dev": 2},
        ecg_sha256={"train": "a", "dev": None},
        dev_seen=0,
        dev_one_sided=["MI"],
        pos_weight=[1.5, 2.0],
        dtype_policy="float32",
        started="2026-02-01",
        versions={"keras": "3.8.0"},
        git_revision="0abc",
        checkpoint="gru.pt",
        checkpoint_sha256="0" * 64,
    )
    assert [name for name, value in vars(metadata).items() if value is None] == ["members"]
    content = json.loads(json.dumps(metadata.to_json()))
    assert RunMetadata.from_json(content, "about.json") == metadata


def test_an_older_run_takes_10_seconds_at_100_hertz(folder):
    about = json.loads((folder / "about.json").read_text())
    del about["sampling_rate"], about["samples"]
    (folder / "about.json").write_text(json.dumps(about))
    run = RunFolder.open(folder)
    assert (run.input_spec.sampling_rate, run.input_spec.samples) == (100, 1000)
    assert run.network().input_shape == (None, 67, 67, 9)


@pytest.mark.parametrize("name", pretrained.names())
def test_shipped_metadata_keep_all_entries(name):
    content = json.loads((RunFolder.open(f"pretrained:{name}").path / "about.json").read_text())
    assert RunMetadata.from_json(content, name).to_json().items() >= content.items()


def test_an_older_run_with_fewer_entries_opens():
    content = {
        "model": "gru",
        "class_names": CLASSES,
        "leads": ["I", "II", "V2"],
        "channels": ["gaf", "mtf", "rp"],  # as older versions wrote them for signals, too
        "image_size": 256,
        "scaling": "record",
        "simulated": False,
    }
    metadata = RunMetadata.from_json(content, "about.json")
    assert metadata.input_spec == InputSpec("signal")
    assert metadata.hyperparameters == {}
    assert metadata.backbones is metadata.parameters is metadata.started is None


@pytest.mark.parametrize("text", ["", "[]", "5", "{", "[" * 10**5, "\xff"])
@pytest.mark.parametrize("name", ["about.json", "thresholds.json"])
def test_files_that_hold_no_json_object_are_refused(name, text, folder):
    (folder / name).write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError, match=name):
        RunFolder.open(folder)


@pytest.mark.parametrize("value", ["0.5", None, True, -0.1, 1.5, 10**400, [0.5]])
def test_an_invalid_threshold_is_refused(value, folder):
    change(folder / "thresholds.json", thresholds={**dict.fromkeys(CLASSES, 0.5), "CD": value})
    with pytest.raises(InputError, match=r"thresholds\.json: threshold CD .*, expected 0 to 1"):
        RunFolder.open(folder)


@pytest.mark.parametrize(
    "changes",
    [
        {"thresholds": {"MI": 0.5}},
        {"thresholds": dict.fromkeys([*CLASSES, "X"], 0.5)},
        {"thresholds": [0.5] * 4},
        {"method": "guess"},
        {"method": None},
        {"partition": "all"},
    ],
)
def test_thresholds_must_be_those_of_the_classes(changes, folder):
    change(folder / "thresholds.json", **changes)
    with pytest.raises(InputError, match=r"thresholds\.json: "):
        RunFolder.open(folder)


def test_a_history_is_read_as_numbers(folder):
    history = RunFolder.open(folder).history()
    assert history["epoch"] == [1, 2]
    assert history["seconds"] == [3.5, 3.5]
    assert history["val_auroc_MI"][0] == 0.5


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("2.0", "x"),
        ("2.0", "nan"),
        ("3.5", ""),
        ("val_loss", "val_los"),
        ("seconds", "second"),
        ("val_auroc_CD", "x"),
        ("\n1,", "\n3,"),
        ("epoch", "\0"),
    ],
)
def test_a_damaged_history_is_refused(old, new, folder):
    file = folder / "history.csv"
    file.write_text(file.read_text().replace(old, new, 1))
    with pytest.raises(InputError, match=r"history\.csv: "):
        RunFolder.open(folder).history()


@pytest.mark.parametrize("text", ["", "epoch,val_loss\n", "\xff\xfe"])
def test_a_history_without_an_epoch_is_refused(text, folder):
    (folder / "history.csv").write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError, match=r"history\.csv: "):
        RunFolder.open(folder).history()


@pytest.mark.parametrize("text", ["model\n", "--model\n", "--=gru\n", "\xff\xfe"])
def test_damaged_flags_are_refused(text, folder):
    (folder / "flags.cfg").write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError, match=r"flags\.cfg: "):
        _ = RunFolder.open(folder).flags


def test_other_files_in_a_run_folder_are_ignored(folder):
    (folder / "model.onnx").write_bytes(b"another network")
    assert Predictor(folder).class_names == tuple(CLASSES)
