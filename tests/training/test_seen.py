"""A run is not judged, without a word, on records that it has seen."""

import dataclasses
import json
import shutil

import commands_here
import numpy as np
import pandas as pd
import pytest
from eager import train
from untrained import untrained_run

from ecg_tf.data.images.create_images import create_images
from ecg_tf.data.prepare import prepare
from ecg_tf.data.prepared import PreparedRecords
from ecg_tf.data.seen import Seen, ecg_hashes
from ecg_tf.data.sources import open_partition
from ecg_tf.errors import InputError
from ecg_tf.input_spec import InputSpec
from ecg_tf.leads import DEFAULT_LEADS
from ecg_tf.reports.page import make_page
from ecg_tf.reports.text import format_evaluation
from ecg_tf.runs.compare import compare
from ecg_tf.runs.evaluate import evaluate
from ecg_tf.runs.run_folder import RunFolder
from ecg_tf.training.networks import input_spec
from ecg_tf.training.seen import seen_by_training
from ecg_tf.training.teachers import Teacher

pytestmark = pytest.mark.usefixtures("eagerly")

CLASSES = ("MI", "STTC", "CD", "HYP")


@pytest.fixture(scope="module")
def run(run_of_few_units):
    return run_of_few_units


@pytest.fixture(scope="module")
def of_other_folds(simulated_folder, tmp_path_factory):
    """The records in other folds: dev is 8, which `run` was trained on, and test 9, its dev."""
    data = tmp_path_factory.mktemp("prepared") / "data"
    prepare(simulated_folder, data, train_folds="1-7", dev_folds="8", test_folds="9")
    return data


@pytest.fixture(scope="module")
def in_fold(simulated_folder, of_other_folds):
    """{fold: its records that have a class}, from the database itself."""
    folds = pd.read_csv(simulated_folder / "ptbxl_database.csv", index_col="ecg_id")["strat_fold"]
    data = PreparedRecords(of_other_folds)
    ids = np.concatenate([data.read(name).ecg_id for name in ("train", "dev", "test")])
    return folds.loc[ids].value_counts().to_dict()


def seen_folder(folder, records, leads, **hyperparameters):
    """An untrained GRU with the hashes of a run trained on train and chosen on dev."""
    run = untrained_run(folder, "gru", leads=leads, hidden_size=4, num_layers=1, **hyperparameters)
    hashes = [
        ecg_hashes(PreparedRecords(records).read(name, leads).ecg) for name in ("train", "dev")
    ]
    Seen.of(leads, *hashes).save(run.seen_file)
    return run


@pytest.fixture(scope="module")
def known(prepared_folder, tmp_path_factory):
    """A run of folds 1 to 8, its dev 9."""
    return seen_folder(tmp_path_factory.mktemp("runs") / "known", prepared_folder, DEFAULT_LEADS)


def test_a_run_saves_the_hashes_of_its_records(run, prepared):
    seen = Seen.load(run.path / "seen.npz")
    assert seen.leads == ("I", "II", "V2")
    for partition, expected in (("train", (True, False)), ("dev", (False, True))):
        hashes = ecg_hashes(prepared.read(partition, seen.leads).ecg)
        for found, all_of in zip(
            (seen.was_trained_on(hashes), seen.was_chosen_by(hashes)), expected, strict=True
        ):
            np.testing.assert_array_equal(found, np.full(len(hashes), all_of))
    assert run.metadata.dev_seen == 0


def test_unseen_records_are_evaluated_without_a_warning(
    known, prepared_folder, packed_file, caplog
):
    for data, partition in ((prepared_folder, "dev"), (packed_file, "test")):
        found = evaluate(known.path, data, partition)
        assert found.about["seen"] == {"trained": 0, "chosen": 0, "thresholds": 0}
        assert "were used to train" not in make_page(found) + format_evaluation(found)
    assert evaluate(known.path, prepared_folder, "train").about["seen"] is None
    assert not [line for line in caplog.messages if "trained on" in line]


def test_a_dev_partition_seen_in_training_is_refused(known, of_other_folds, in_fold):
    count = in_fold[8]
    expected = rf"known: {count} of these {count} dev records were used to train .*: .*-allow_seen"
    with pytest.raises(InputError, match=expected):
        evaluate(known.path, of_other_folds, "dev")
    found = evaluate(known.path, of_other_folds, "dev", allow_seen=True)
    assert found.about["seen"] == {"trained": count, "chosen": 0, "thresholds": 0}
    for text in (make_page(found), format_evaluation(found)):
        assert f"{count} of these {count} dev records were used to train the network" in text


def test_a_test_partition_used_as_dev_is_refused(known, of_other_folds, in_fold):
    count = in_fold[9]
    with pytest.raises(InputError, match=f"{count} of these {count} test records .* choose"):
        evaluate(known.path, of_other_folds, "test")
    found = evaluate(known.path, of_other_folds, "test", allow_seen=True)
    assert found.about["seen"] == {"trained": 0, "chosen": count, "thresholds": 0}


def test_thresholds_are_not_chosen_on_training_records(known, simulated_folder, in_fold, tmp_path):
    prepare(simulated_folder, tmp_path / "data", train_folds="1-7", dev_folds="8")
    evaluate(known.path, tmp_path / "data", "test", "0.5")
    with pytest.raises(InputError, match=f"known: {in_fold[8]} of the dev records used to choose"):
        evaluate(known.path, tmp_path / "data", "test", "youden")
    found = evaluate(known.path, tmp_path / "data", "test", "youden", allow_seen=True)
    assert found.about["seen"] == {"trained": 0, "chosen": 0, "thresholds": in_fold[8]}


def test_a_run_without_hashes_is_evaluated_with_a_warning(prepared_folder, tmp_path, caplog):
    run = untrained_run(tmp_path / "old", "gru", hidden_size=4, num_layers=1)
    assert evaluate(run.path, prepared_folder, "test").about["seen"] is None
    (line,) = [line for line in caplog.messages if "seen.npz" in line]
    assert line.startswith(f"{run.path}: unknown which records it was trained on")


def test_images_of_training_records_are_refused(run, of_other_folds, in_fold, tmp_path, caplog):
    create_images(
        "dev",
        tmp_path,
        InputSpec("image", image_size=67),
        data=of_other_folds,
        image_backend="keras",
    )
    with pytest.raises(InputError, match=f"small: {in_fold[8]} of these {in_fold[8]} dev records"):
        evaluate(run.path, tmp_path, "dev")
    (tmp_path / "dev/hashes.npy").unlink()  # a tree of an older version
    assert evaluate(run.path, tmp_path, "dev").about["seen"] is None
    assert [line for line in caplog.messages if "do not say which records they are of" in line]


def test_runs_are_not_compared_on_records_that_one_has_seen(
    known, of_other_folds, in_fold, tmp_path, capsys
):
    other = untrained_run(tmp_path / "other", "gru", hidden_size=4, num_layers=1)
    with pytest.raises(InputError, match=f"known cannot be compared: .*{in_fold[8]} of these"):
        compare([other.path, known.path], of_other_folds, "dev")
    words = ["ecg_tf", "compare", "-runs", f"{known.path},{other.path}", "-data", of_other_folds]
    words += ["-partition", "dev", "-allow_seen", "-report", tmp_path / "report"]
    assert not commands_here.run(list(map(str, words)))
    said = capsys.readouterr().out
    assert f"known: {in_fold[8]} of these {in_fold[8]} dev records were used to train" in said
    content = json.loads((tmp_path / "report/comparison.json").read_text())
    assert content["runs"]["known"]["seen"]["trained"] == in_fold[8]
    assert content["runs"]["other"]["seen"] is None


# In training


def test_dev_records_seen_by_the_initial_run_are_refused(
    signal_settings, signal_run, of_other_folds, in_fold, tmp_path
):
    settings = dataclasses.replace(
        signal_settings,
        data=str(of_other_folds),
        initial_run=str(signal_run.path),
        path_save_model=str(tmp_path / "run"),
    )
    count = in_fold[8]
    expected = f"initial_run .*gru was trained on {count} of the {count} dev records, .*-allow_seen"
    with pytest.raises(InputError, match=expected):
        train(settings)
    assert not (tmp_path / "run").exists()
    run = train(dataclasses.replace(settings, allow_seen=True))
    assert run.metadata.dev_seen == count
    with pytest.raises(InputError, match=f"run: {count} of these {count} dev records"):
        evaluate(run.path, of_other_folds, "dev")
    with pytest.raises(InputError, match=f"{in_fold[9]} of these {in_fold[9]} test records"):
        evaluate(run.path, of_other_folds, "test")  # that the initial run was chosen by


@pytest.fixture
def asked(small_settings, of_other_folds):
    """A function from runs and other settings to the result of `seen_by_training`."""

    def ask(built_from=None, teachers=(), data=of_other_folds, **changes):
        settings = dataclasses.replace(small_settings, data=str(data), **changes)
        partitions = {
            name: open_partition(data, name, input_spec(settings)) for name in ("train", "dev")
        }
        teachers = [Teacher(run.path, str(data), CLASSES) for run in teachers]
        return seen_by_training(settings, partitions, built_from or {}, teachers)

    return ask


def test_dev_records_seen_by_backbones_or_teachers_are_refused(
    asked, run, prepared_folder, in_fold, tmp_path
):
    wide = seen_folder(tmp_path / "wide", prepared_folder, ("V6", "V1"))
    count = in_fold[8]
    with pytest.raises(
        InputError, match=f"image_run .*small was trained on {count} of the {count}"
    ):
        asked({"image_run": run})
    with pytest.raises(InputError, match=f"teacher_runs .*wide was trained on {count} of"):
        asked(teachers=[wide])
    _, dev_seen = asked(teachers=[wide], allow_seen=True)
    assert dev_seen == count
    assert asked(data=prepared_folder, built_from={"image_run": run})[1] == 0


def test_records_seen_by_a_teacher_of_other_leads_are_found(
    asked, prepared_folder, of_other_folds, in_fold, tmp_path
):
    wide = seen_folder(tmp_path / "wide", prepared_folder, ("V6", "V1"))
    seen, _ = asked(teachers=[wide], allow_seen=True)
    data = PreparedRecords(of_other_folds)
    for partition, trained, chosen in (("dev", True, True), ("test", False, True)):
        hashes = ecg_hashes(data.read(partition, seen.leads).ecg)
        np.testing.assert_array_equal(seen.was_trained_on(hashes), np.full(len(hashes), trained))
        np.testing.assert_array_equal(seen.was_chosen_by(hashes), np.full(len(hashes), chosen))
    fold_10 = ecg_hashes(PreparedRecords(prepared_folder).read("test", seen.leads).ecg)
    assert not seen.was_trained_on(fold_10).any()


def test_records_in_both_train_and_dev_are_refused(asked, prepared_folder, monkeypatch):
    read = PreparedRecords.read

    def with_the_same(self, partition, leads):
        records = read(self, partition, leads)
        records.ecg[:3] = np.arange(3, dtype=np.float32)[:, None, None]
        return records

    monkeypatch.setattr(PreparedRecords, "read", with_the_same)
    with pytest.raises(InputError, match="its train partition contains 3 of the 16 dev records"):
        asked(data=prepared_folder)
    assert asked(data=prepared_folder, allow_seen=True)[1] == 3


def test_a_damaged_file_of_hashes_is_refused(run, prepared_folder, tmp_path):
    folder = shutil.copytree(run.path, tmp_path / "run")
    (folder / "seen.npz").write_bytes(b"PK\3\4")
    with pytest.raises(InputError, match=r"seen.npz: not a run's seen.npz, or damaged"):
        evaluate(folder, prepared_folder, "dev")
    RunFolder(folder).remove()
    assert not any(folder.iterdir())
