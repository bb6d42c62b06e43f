"""Ensembles as runs, against the means of their members' logits by Keras' own reader."""

import re
import shutil
from pathlib import Path

import keras
import numpy as np
import pytest
from absl.flags import FLAGS
from in_process import command_module
from scipy.special import expit
from sklearn.metrics import roc_curve
from untrained import untrained_run

from ecg_tf.data.seen import Seen, ecg_hashes
from ecg_tf.data.sources import Partition
from ecg_tf.errors import InputError
from ecg_tf.layers import ECGSignal
from ecg_tf.reports.comparison.verdicts import FUSION_HELPS, IMAGES, verdicts
from ecg_tf.runs.backbones import open_backbone
from ecg_tf.runs.compare import compare
from ecg_tf.runs.ensemble import make_ensemble
from ecg_tf.runs.evaluate import evaluate
from ecg_tf.runs.run_folder import RunFolder
from ecg_tf.shipping.publish import publish
from ecg_tf.training.teachers import Teacher

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.usefixtures("eagerly")


@pytest.fixture(scope="module")
def members(tmp_path_factory):
    folder = tmp_path_factory.mktemp("members")
    return [
        untrained_run(folder / "gru", "gru", hidden_size=4, num_layers=1).path,
        untrained_run(folder / "small", "resnet1d", nb_filters=2).path,
        untrained_run(folder / "other", "gru", hidden_size=3, num_layers=1).path,
    ]


@pytest.fixture(scope="module")
def ensemble_run(members, prepared_folder, tmp_path_factory):
    return make_ensemble(members, tmp_path_factory.mktemp("runs") / "mean", prepared_folder)


@pytest.fixture(scope="module")
def expected(members, prepared):
    """{partition: mean of the logits, from the networks as Keras reads them}."""
    networks = [keras.saving.load_model(path / "model.keras") for path in members]
    found = {}
    for name in ("train", "dev", "test"):
        signals = ECGSignal()(prepared.read(name, ["I", "II", "V2"]).ecg)
        found[name] = np.mean([np.asarray(network(signals)) for network in networks], axis=0)
    return found


def test_logits_are_the_means_of_those_of_the_members(ensemble_run, expected, prepared):
    signals = ECGSignal()(prepared.read("dev", ["I", "II", "V2"]).ecg)
    network = ensemble_run.network()
    np.testing.assert_allclose(network(signals), expected["dev"], atol=1e-5)
    assert network.trainable_variables == []
    assert expected["dev"].std(axis=0).min() > 1e-3


def test_keras_reads_the_file(ensemble_run, expected, prepared):
    signals = ECGSignal()(prepared.read("dev", ["I", "II", "V2"]).ecg)
    network = keras.saving.load_model(ensemble_run.model_file)
    np.testing.assert_allclose(network(signals), expected["dev"], atol=1e-5)


def test_thresholds_are_the_best_on_dev(ensemble_run, expected, prepared):
    labels, logits = prepared.labels("dev"), expected["dev"]
    for k, threshold in enumerate(ensemble_run.thresholds):
        false, true, levels = roc_curve(labels[:, k], logits[:, k])
        best = levels[np.argmax(true * (1 - false))]
        assert threshold == pytest.approx(expit(best), rel=1e-4)


def test_an_ensemble_is_evaluated(ensemble_run, expected, prepared_folder):
    evaluation = evaluate(ensemble_run.path, prepared_folder, "test")
    np.testing.assert_allclose(evaluation.probabilities, expit(expected["test"]), atol=1e-5)
    assert (evaluation.about["model"], evaluation.about["external"]) == ("ensemble", False)


def test_an_ensemble_teaches(ensemble_run, expected, prepared_folder):
    found = Teacher(ensemble_run.path, prepared_folder, ("CD", "MI")).predict()
    np.testing.assert_allclose(found, expit(expected["train"])[:, [2, 0]], atol=1e-5)


def test_about_json_names_the_members(ensemble_run, members):
    found = ensemble_run.metadata
    assert [member.name for member in found.members] == ["gru", "small", "other"]
    assert found.members[0].hyperparameters == {"hidden_size": 4, "num_layers": 1}
    assert found.parameters == sum(RunFolder(path).network().count_params() for path in members)
    assert found.input_spec == RunFolder(members[0]).input_spec


def test_what_a_member_has_seen_is_seen(members, prepared, prepared_folder, tmp_path):
    leads = ("I", "II", "V2")
    parts = {name: prepared.read(name, leads) for name in ("train", "dev", "test")}
    hashes = {name: ecg_hashes(part.ecg) for name, part in parts.items()}
    copies = []
    for path, partition in zip(members, ("train", "test", None), strict=True):
        copies.append(shutil.copytree(path, tmp_path / path.name))
        if partition:
            Seen.of(leads, hashes[partition], []).save(copies[-1] / "seen.npz")
    seen = Seen.load(make_ensemble(copies, tmp_path / "mean", prepared_folder).seen_file)
    assert seen.was_trained_on(np.concatenate([hashes["train"], hashes["test"]])).all()
    assert not seen.was_trained_on(hashes["dev"]).any()
    assert seen.was_chosen_by(hashes["dev"]).all()
    with pytest.raises(InputError, match="16 of these 16 test records were used to train"):
        evaluate(tmp_path / "mean", prepared_folder, "test")

    with pytest.MonkeyPatch.context() as patch:  # images that do not say which records they are of
        patch.setattr(Partition, "ecg_hashes", lambda self: None)
        run = make_ensemble(copies, tmp_path / "of_images", prepared_folder)
    assert Seen.load(run.seen_file).was_trained_on(hashes["train"]).all()

    Seen.of(leads, hashes["dev"][:3], []).save(copies[1] / "seen.npz")
    with pytest.raises(InputError, match=f"members {copies[1]}: was trained on 3 of the"):
        make_ensemble(copies, tmp_path / "again", prepared_folder)
    assert not (tmp_path / "again").exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda runs: runs[:1], "members: 1 given, expected 2 to 100"),
        (lambda runs: [], "members: 0 given, expected 2 to 100"),
        (lambda runs: [runs[0], runs[0]], "gru: given twice"),
        (lambda runs: [runs[0], "no"], "no: no run folder"),
        (lambda runs: [runs[0], "pretrained:resnet1d"], "scaling millivolt, expected"),
        (lambda runs: [runs[0], "pretrained:weighted_fusion"], "expected a single network"),
        (lambda runs: [runs[0], "pretrained:resnet1d_12_leads"], "class_names MI,STTC,CD,HYP,NORM"),
        (lambda runs: ["pretrained:gru", "pretrained:band_resnet"], "kind image, expected signal"),
        (
            lambda runs: ["pretrained:gru", "pretrained:resnet1d"],
            "simulated PTB-XL, but ",
        ),
    ],
)
def test_members_that_do_not_fit_are_refused(change, message, members, prepared_folder, tmp_path):
    with pytest.raises(InputError, match=re.escape(message)):
        make_ensemble(change(members), tmp_path / "mean", prepared_folder)
    assert not list(tmp_path.iterdir())


def test_an_ensemble_is_compared_with_its_members(ensemble_run, members, prepared_folder):
    comparison = compare([*members, ensemble_run.path], prepared_folder, "test")
    assert [run.kind for run in comparison.runs] == ["signal"] * 3 + ["ensemble"]
    found = {verdict.question for verdict in verdicts(comparison)}
    assert found == {IMAGES, FUSION_HELPS}


def test_a_published_ensemble_has_no_paths(ensemble_run, expected, prepared, tmp_path):
    publish(ensemble_run.path, tmp_path / "mean", ROOT / "LICENSE")
    card = (tmp_path / "mean/README.md").read_text("utf-8")
    assert "the means of those of `gru` and `resnet1d` and `gru`." in " ".join(card.split())
    assert "members" not in RunFolder(tmp_path / "mean").flags
    signals = ECGSignal()(prepared.read("dev", ["I", "II", "V2"]).ecg)
    logits = RunFolder.open(tmp_path / "mean").network()(signals)
    np.testing.assert_allclose(logits, expected["dev"], atol=0.05)  # rounded to float16


def test_an_ensemble_is_no_member_and_no_backbone(ensemble_run, members, prepared_folder, tmp_path):
    with pytest.raises(InputError, match="ensemble, expected a single network"):
        make_ensemble([members[0], ensemble_run.path], tmp_path / "mean", prepared_folder)
    with pytest.raises(InputError, match="an ensemble, expected a single network"):
        open_backbone("signal", ensemble_run.path)


def test_the_command_writes_the_run(members, prepared_folder, tmp_path, capsys):
    given = ["-members", f"{members[0]},{members[1]}", "-data", prepared_folder]
    with command_module("ensemble") as command:
        FLAGS(["ensemble", *map(str, given), "-path_save_model", str(tmp_path / "mean")])
        command.main([])
    assert capsys.readouterr().out == f"finished: {tmp_path}/mean\n"
    assert len(RunFolder.open(tmp_path / "mean").metadata.members) == 2
