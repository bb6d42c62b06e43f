import json
import re
import shutil

import numpy as np
import pandas as pd
import pytest
from in_process import command_module
from on_terminal import assert_lines
from sklearn.metrics import roc_auc_score
from untrained import CLASSES, untrained_run

import ecg_tf
from ecg_tf.commands.flag_files import parse_flags
from ecg_tf.data.prepared import PreparedRecords
from ecg_tf.data.seen import Seen, ecg_hashes
from ecg_tf.errors import InputError
from ecg_tf.evaluation.evaluation import Evaluation
from ecg_tf.leads import LEADS
from ecg_tf.predict.records import predict_records
from ecg_tf.pretrained import shipped
from ecg_tf.runs.run_folder import RunFolder
from ecg_tf.shipping.model_card import tables
from ecg_tf.shipping.ship import compare, ship

NAME = "pretrained:tiny"


@pytest.fixture(scope="module")
def data(prepared_folder, tmp_path_factory):
    """Prepared records whose manifest states that they are real."""
    folder = shutil.copytree(prepared_folder, tmp_path_factory.mktemp("prepared") / "data")
    (file,) = folder.glob("ptb_xl/*/metadata.json")
    manifest = json.loads(file.read_text())
    file.write_text(json.dumps(manifest | {"simulated_records": 0}))
    return folder


@pytest.fixture(scope="module")
def given(data, tmp_path_factory):
    """The run folder of an untrained GRU whose metadata states that it was trained on `data`."""
    run = untrained_run(tmp_path_factory.mktemp("runs") / "gru", "gru", hidden_size=4, num_layers=1)
    change_about(
        run,
        simulated=False,
        parameters=run.network().count_params(),
        records={"train": 127, "dev": 16},
        ecg_sha256=PreparedRecords(data).manifest["ecg_sha256"],
    )
    run.save_flags(
        f"--model=gru\n--data={data}\n--path_save_model={run.path}\n--signal_run=runs/a\n"
        "--image_run=pretrained:b\n--teacher_runs=pretrained:c,runs/d\n--epochs=3\n"
    )
    aurocs = {f"val_auroc_{name}": 0.5 for name in CLASSES}
    run.save_history([{"epoch": 1, "loss": 1.0, "val_loss": 2.0, **aurocs, "seconds": 3.0}])
    return run


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """An empty folder in the place of the shipped networks."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shipped, "FOLDER", tmp_path_factory.mktemp("pretrained"))
        yield shipped.FOLDER


@pytest.fixture(scope="module")
def card(given, data, folder):
    return ship(given.path, data, "tiny", "A trial.")


@pytest.fixture(scope="module")
def model(card):
    return ecg_tf.load(NAME)


@pytest.fixture(scope="module")
def dev(data):
    return PreparedRecords(data).read("dev", LEADS)


def change_about(run, **changes):
    (run.path / "about.json").write_text(json.dumps(run.metadata.to_json() | changes))


def test_figures_are_those_of_the_shipped_network_on_dev(card, model, dev, simulated_folder):
    answer = model(dev.ecg)
    figures = card["figures"]
    aurocs = roc_auc_score(dev.labels, answer["probabilities"], average=None)
    np.testing.assert_allclose([figures["auroc"][name]["value"] for name in CLASSES], aurocs)
    assert figures["macro_auroc"]["value"] == pytest.approx(aurocs.mean())
    true = answer["decisions"] == dev.labels
    positive = dev.labels == 1
    pooled = figures["pooled"]
    sensitivity, specificity = true[positive].mean(), true[~positive].mean()
    assert pooled["sensitivity"]["value"] == pytest.approx(sensitivity)
    assert pooled["specificity"]["value"] == pytest.approx(specificity)
    assert pooled["g_mean"]["value"] == pytest.approx(np.sqrt(sensitivity * specificity))

    rows = pd.read_csv(simulated_folder / "ptbxl_database.csv", index_col="ecg_id")
    rows = rows.loc[dev.ecg_id]
    bands = pd.cut(rows["age"], [0, 40, 60, 80, 999], right=False).value_counts(sort=False)
    groups = card["subgroups"]
    assert groups["sex"]["female"]["records"] == (rows["sex"] == 1).sum()
    found = [
        groups["age"].get(name, {"records": 0})["records"]
        for name in ("under 40", "40-59", "60-79", "80 and over")
    ]
    assert found == bands.tolist()
    assert figures["patients"] == rows["patient_id"].nunique()


def test_card_describes_the_training_data(card, given, data):
    assert card["training_data"] == {
        "database": "PTB-XL",
        "database_rows": 160,
        "folds": {"train": [1, 2, 3, 4, 5, 6, 7, 8], "dev": [9]},
        "records": {"train": 127, "dev": 16},
        "ecg_sha256": given.metadata.ecg_sha256,
    }
    assert (card["network"], card["leads"], card["classes"]) == ("gru", ["I", "II", "V2"], CLASSES)
    assert card["parameters"] == 3 * 12 + 4 * 12 + 2 * 12 + 5 * 4
    assert "`pretrained:tiny`" in tables([card])


def test_folder_is_a_finished_run_without_paths(card, given, folder):
    run = RunFolder.open(NAME)
    assert run.path == folder / "tiny"
    assert run.metadata == given.metadata
    np.testing.assert_array_equal(run.thresholds, given.thresholds)
    assert run.history() == given.history()
    assert run.flags == {"model": "gru", "image_run": "pretrained:b", "epochs": "3"}
    weights = zip(run.network().get_weights(), given.network().get_weights(), strict=True)
    for half, single in weights:
        assert half.dtype == np.float32
        np.testing.assert_array_equal(half, single.astype(np.float16).astype(np.float32))
    assert [path.name for path in folder.iterdir()] == ["tiny"]


def test_shipped_network_keeps_the_records_it_has_seen(card, folder, data):
    """Though the run that was shipped does not."""
    assert "seen.npz" in card["files"]
    seen = Seen.load(folder / "tiny/seen.npz")
    train, dev, test = (
        ecg_hashes(PreparedRecords(data).read(name, ("I", "II", "V2")).ecg)
        for name in ("train", "dev", "test")
    )
    assert seen.was_trained_on(train).all()
    assert seen.was_chosen_by(dev).all()
    assert not seen.was_trained_on(np.concatenate([dev, test])).any()


def test_single_ecgs_and_batches_have_the_same_predictions(model, dev):
    many = model(dev.ecg.repeat(3, axis=0))  # 48, more than are asked about at once
    one = model(dev.ecg[5].astype(np.float64).tolist())
    assert many["probabilities"].shape == (48, 4)
    assert one["probabilities"].shape == one["decisions"].shape == (4,)
    np.testing.assert_allclose(one["probabilities"], many["probabilities"][15], atol=1e-6)
    np.testing.assert_array_equal(one["decisions"], many["decisions"][15])
    assert one["valid"]
    np.testing.assert_array_equal(
        many["decisions"], many["probabilities"] >= model.thresholds[None]
    )
    assert model.class_names == tuple(CLASSES)


@pytest.mark.parametrize(
    "shape", [(12, 1000), (2, 1000, 3), (1000,), (0, 1000, 3), (1, 1, 1000, 12)]
)
def test_array_of_another_shape_is_refused(model, shape):
    message = re.escape(f"ecg_mv: shape {shape}, expected (batch, 1000, 12)")
    with pytest.raises(InputError, match=message):
        model(np.zeros(shape))


def test_records_are_predicted_by_name(model, simulated_folder):
    (prediction,) = predict_records(model, [simulated_folder / "records100/00000/00007_lr"])
    assert prediction.thresholds == (0.5,) * 4
    assert not prediction.simulated_training


def test_the_command_prints_the_card(given, data, folder, capfd):
    words = ["ship", "-path_model", str(given.path), "-data", str(data), "-name", "printed"]
    with command_module("ship") as module:
        module.main(parse_flags(words))
    output, error = capfd.readouterr()
    shipped_card, line = output.rsplit("\n", 2)[:2]
    assert json.loads(shipped_card) == json.loads((folder / "printed/card.json").read_text())
    assert line.startswith("shipped as pretrained:printed; now update docs/model_card.md")
    assert_lines(error)
    shutil.rmtree(folder / "printed")


# What is not shipped


def test_taken_or_invalid_name_is_refused(card, given, data):
    with pytest.raises(InputError, match=r"tiny: already exists; delete it"):
        ship(given.path, data, "tiny", "")
    with pytest.raises(InputError, match=r"name '../gru': expected lower-case letters"):
        ship(given.path, data, "../gru", "")


def test_run_on_other_or_simulated_records_is_refused(given, data, prepared_folder, folder):
    with pytest.raises(InputError, match="trained on simulated ECGs"):
        ship(given.path, prepared_folder, "a", "")
    copy = RunFolder(shutil.copytree(given.path, given.path.with_name("copy")))
    change_about(copy, simulated=True)
    with pytest.raises(InputError, match="trained on simulated ECGs"):
        ship(copy.path, data, "a", "")
    sha256 = given.metadata.ecg_sha256
    change_about(copy, simulated=False, ecg_sha256=sha256 | {"train": "0f"})
    expected = f"its train records have ecg_sha256 0f, expected .*{sha256['train']}"
    with pytest.raises(InputError, match=expected):
        ship(copy.path, data, "a", "")
    thresholds = copy.path / "thresholds.json"
    thresholds.write_text(thresholds.read_text().replace("HYP", "AF"))
    change_about(copy, ecg_sha256=sha256, class_names=["MI", "STTC", "CD", "AF"])
    with pytest.raises(InputError, match="was trained for MI, STTC, CD, AF"):
        ship(copy.path, data, "a", "")
    change_about(copy, ecg_sha256=None)
    with pytest.raises(InputError, match="its train records have ecg_sha256 None"):
        ship(copy.path, data, "a", "")


def test_failure_leaves_nothing_behind(given, data, folder, monkeypatch):
    before = set(folder.iterdir())
    copy = RunFolder(shutil.copytree(given.path, given.path.with_name("path")))
    change_about(copy, remark="as in runs/other")
    with pytest.raises(
        InputError, match=r"about.json: .*as in runs/other.*: holds a path, expected"
    ):
        ship(copy.path, data, "a", "")
    monkeypatch.setattr("ecg_tf.shipping.ship.LIMIT", 1_000)
    with pytest.raises(InputError, match=r"expected at most 0\.0 MB in all"):
        ship(given.path, data, "a", "")
    assert set(folder.iterdir()) == before


def evaluation(probabilities, thresholds=(0.5, 0.5)):
    labels = (np.arange(2000)[:, None] + [0, 1]) % 2
    about = {"run": "runs/a"}
    return Evaluation(about, ("A", "B"), labels, probabilities, np.array(thresholds))


def test_weights_that_float16_changes_too_much_are_refused():
    probabilities = np.random.default_rng(0).random((2000, 2))
    single = evaluation(probabilities)
    moved = np.clip(probabilities + np.array([1e-6, 0]), 0, 1)
    change = compare(single, evaluation(moved))
    assert change["largest_probability"] == pytest.approx(1e-6)
    assert change["auroc"] == {"A": 0, "B": 0}
    assert change["decisions"] == np.sum((probabilities[:, 0] >= 0.5) != (moved[:, 0] >= 0.5))

    order = np.argsort(probabilities[:, 0])
    for count, row in ((1, "macro"), (10, "A")):  # of 1000 positives, from a fifth to the top
        far = probabilities.copy()
        positives = [k for k in order[len(order) // 5 :] if single.labels[k, 0]][:count]
        far[positives, 0] = 1
        aurocs = [roc_auc_score(single.labels[:, 0], p[:, 0]) for p in (probabilities, far)]
        assert (aurocs[1] - aurocs[0] > 1e-3) == (row == "A")
        with pytest.raises(InputError, match=f"runs/a: as float16 its {row} AUROC on dev changes"):
            compare(single, evaluation(far))
