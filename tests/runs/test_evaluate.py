import csv
import json
import shutil
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from on_terminal import assert_lines, run_in_pipes
from sklearn.metrics import confusion_matrix, roc_auc_score
from small_tree import small_tree
from study_path import study_answer, without_means

from ecg_tf.data.images.create_images import create_images
from ecg_tf.data.labels import CLASSES
from ecg_tf.data.prepare import prepare
from ecg_tf.data.prepared import PreparedRecords
from ecg_tf.errors import InputError
from ecg_tf.evaluation.thresholds import METHODS, choose_thresholds
from ecg_tf.input_spec import InputSpec
from ecg_tf.leads import LEADS
from ecg_tf.predict.predictor import Predictor
from ecg_tf.reports.text import format_evaluation
from ecg_tf.runs.evaluate import MIXED_PRECISION, evaluate
from ecg_tf.training.teachers import Teacher

pytestmark = pytest.mark.usefixtures("eagerly")


@pytest.fixture(scope="module")
def test_records(prepared_folder):
    return PreparedRecords(prepared_folder).read("test", LEADS)


@pytest.fixture(scope="module")
def evaluation(run, prepared_folder):
    """Of the test partition, by the run's own thresholds."""
    return evaluate(run.path, prepared_folder, "test")


def test_counts_and_auroc_are_those_of_the_predictions(run, evaluation, test_records):
    """Against scikit-learn on what the run says of the same raw ECGs."""
    summary, about = evaluation.summary, evaluation.about
    answer = study_answer(run, test_records.ecg)
    # The network has hardly learnt: rounding may change which of two records is the likelier one.
    probabilities = evaluation.probabilities
    np.testing.assert_allclose(probabilities, answer["probabilities"], atol=1e-5)
    for k, name in enumerate(("MI", "STTC", "CD", "HYP")):
        truth = test_records.labels[:, k]
        (tn, fp), (fn, tp) = confusion_matrix(truth, answer["decisions"][:, k], labels=[0, 1])
        assert summary.loc[name, ["TP", "FN", "FP", "TN"]].tolist() == [tp, fn, fp, tn]
        auroc = roc_auc_score(truth, probabilities[:, k])
        assert summary.loc[name, "auroc"] == pytest.approx(auroc, abs=1e-6)
    assert about["records"] == len(truth)
    assert about["simulated"] is True
    assert (about["database_rows"], about["folds"]) == (160, [10])


def test_predictions_without_offsets_are_those_of_evaluate(run, test_records):
    ecg = without_means(test_records.ecg)
    found, expected = Predictor(run.path)(ecg), study_answer(run, ecg)
    np.testing.assert_allclose(found["probabilities"], expected["probabilities"], atol=1e-5)
    np.testing.assert_array_equal(found["decisions"], expected["decisions"])


def test_the_command_prints_the_table_and_writes_the_report(run, prepared_folder, tmp_path):
    flags = ["-path_model", run.path, "-data", prepared_folder, "-partition", "dev"]
    done = run_in_pipes(sys.executable, "bin/evaluate.py", *flags, "-report", tmp_path / "report")
    assert_lines(done.stderr, f"{run.path.name}: predicting 16 records of dev")
    output = done.stdout
    rows = [line.split("|")[1:-1] for line in output.splitlines() if line.startswith("|")]
    assert [cell.strip() for cell in rows[0]] == ["", "TP", "FN", "FP", "TN"]
    assert [row[0].strip() for row in rows[2:7]] == ["MI", "STTC", "CD", "HYP", "NORM"]
    assert "simulated" in output
    table = list(csv.DictReader((tmp_path / "report/confusion.csv").open()))
    assert [cell.strip() for cell in rows[2][1:]] == [table[0][n] for n in ("TP", "FN", "FP", "TN")]
    report = json.loads((tmp_path / "report/report.json").read_text())
    assert report["about"]["partition"] == "dev"
    assert report["metrics"]["MI"]["auroc"] == pytest.approx(float(table[0]["auroc"]))
    assert "the evaluated records" in output  # thresholds of dev on dev
    assert "same dev records" in (tmp_path / "report/report.html").read_text("utf-8")


def test_records_are_those_of_the_partition(evaluation, test_records):
    np.testing.assert_array_equal(evaluation.ecg_ids, test_records.ecg_id)
    np.testing.assert_array_equal(evaluation.patient_ids, test_records.patient_id)
    used = [LEADS.index(lead) for lead in evaluation.leads]
    np.testing.assert_array_equal(evaluation.ecg, test_records.ecg[:, :, used])


def test_the_runs_own_thresholds_are_the_default(run, evaluation):
    np.testing.assert_array_equal(evaluation.thresholds, run.thresholds)
    assert evaluation.about["threshold_method"] == "gmean"
    assert evaluation.about["thresholds"] == f"{METHODS['gmean']}, on the dev partition"


def test_thresholds_of_every_method_are_chosen_on_dev(signal_run, prepared_folder):
    on_dev = evaluate(signal_run.path, prepared_folder, "dev", "f1")
    for threshold in METHODS:
        found = evaluate(signal_run.path, prepared_folder, "test", threshold)
        expected = choose_thresholds(threshold, on_dev.labels, on_dev.probabilities)
        np.testing.assert_allclose(found.thresholds, expected, rtol=1e-6)
        chosen_on = None if threshold == "0.5" else "dev"
        assert found.about["threshold_partition"] == chosen_on
        if threshold == "f1":
            np.testing.assert_allclose(on_dev.thresholds, expected, rtol=1e-6)


def test_without_dev_records_thresholds_are_stored_or_fixed(run, simulated_folder, tmp_path):
    shutil.copytree(simulated_folder, tmp_path / "ptbxl")
    database = pd.read_csv(tmp_path / "ptbxl/ptbxl_database.csv")
    database[database["strat_fold"] != 9].to_csv(tmp_path / "ptbxl/ptbxl_database.csv", index=False)
    data = tmp_path / "data"
    prepare(tmp_path / "ptbxl", data)
    for threshold in (None, "gmean", "0.5"):
        evaluate(run.path, data, "test", threshold)
    expected = "threshold youden: it is chosen on the dev partition .* its dev partition is empty"
    with pytest.raises(InputError, match=expected):
        evaluate(run.path, data, "test", "youden")


def test_a_run_with_less_metadata_is_evaluated(run, prepared_folder, tmp_path):
    for file in run.path.glob("*.*"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    about = run.metadata.to_json()
    for key in ("parameters", "started", "git_revision"):
        del about[key]
    (tmp_path / "about.json").write_text(json.dumps(about))
    about = evaluate(tmp_path, prepared_folder, "test").about
    assert about["parameters"] is about["trained"] is about["git_revision"] is None


def test_the_flag_accepts_every_method():
    text = subprocess.run(
        [sys.executable, "bin/evaluate.py", "--help"], capture_output=True, text=True
    ).stdout
    assert f"--threshold: <{'|'.join(METHODS)}>" in text
    assert f"--mixed_precision: <{'|'.join(MIXED_PRECISION)}>" in text


def test_an_image_tree_gives_the_figures_of_the_records(run, evaluation, prepared_folder, tmp_path):
    create_images(
        "test",
        tmp_path,
        InputSpec("image", image_size=67),
        data=prepared_folder,
        image_backend="keras",
    )
    on_images = evaluate(run.path, f"{tmp_path}/", "test")
    np.testing.assert_allclose(on_images.summary, evaluation.summary, rtol=1e-4)
    assert on_images.ecg_ids is on_images.patient_ids is on_images.ecg is None
    assert on_images.about["database_rows"] is on_images.about["folds"] is None


def test_an_image_tree_of_other_images_is_refused(run, prepared_folder, tmp_path):
    create_images(
        "dev",
        tmp_path,
        InputSpec("image", image_size=32),
        data=prepared_folder,
        image_backend="keras",
    )
    with pytest.raises(InputError, match="its images have size 32, expected 67"):
        evaluate(run.path, tmp_path, "dev")


def test_an_image_tree_of_another_scaling_is_refused(run, tmp_path):
    small_tree(tmp_path / "tree", ("train", "dev"), size=67)
    shutil.copytree(run.path, tmp_path / "run")
    about = json.loads((run.path / "about.json").read_text())
    (tmp_path / "run/about.json").write_text(json.dumps({**about, "scaling": "millivolt"}))
    message = "tree: its images have scaling record, expected millivolt, which the network takes"
    with pytest.raises(InputError, match=message):
        evaluate(tmp_path / "run", tmp_path / "tree", "dev")
    with pytest.raises(InputError, match=f"teacher_runs .*{message}"):
        Teacher(tmp_path / "run", tmp_path / "tree", CLASSES)


def test_a_folder_that_is_no_run_is_refused(prepared_folder):
    with pytest.raises(InputError, match=r"no run folder \(it holds no about.json\)"):
        evaluate(prepared_folder, prepared_folder)


def test_a_run_that_has_not_finished_is_refused(run, prepared_folder, tmp_path):
    (tmp_path / "about.json").write_bytes((run.path / "about.json").read_bytes())
    with pytest.raises(InputError, match="has not finished"):
        evaluate(tmp_path, prepared_folder)


def test_a_damaged_network_is_named(run, prepared_folder, tmp_path):
    for file in run.path.glob("*.json"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "model.keras").write_bytes(b"not a network")
    with pytest.raises(InputError, match=r"model.keras: cannot be loaded"):
        evaluate(tmp_path, prepared_folder)


def test_the_progress_bar_is_on_a_terminals_standard_error_only(
    run, prepared_folder, capsys, monkeypatch
):
    evaluate(run.path, prepared_folder, "dev")
    output, error = capsys.readouterr()
    assert output == ""
    assert "records" not in error
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    evaluate(run.path, prepared_folder, "dev")
    output, error = capsys.readouterr()
    assert output == ""
    assert "records/s" in error


def test_in_bfloat16_probabilities_differ_little(prepared_folder, tmp_path):
    exact = evaluate("pretrained:band_resnet", prepared_folder, "test")
    rounded = evaluate(
        "pretrained:band_resnet", prepared_folder, "test", mixed_precision="bfloat16"
    )
    difference = np.abs(exact.probabilities - rounded.probabilities)
    assert 0 < difference.max() < 0.05
    assert difference.mean() < 0.01
    assert "records of test, in bfloat16" in format_evaluation(rounded)
    assert "bfloat16" not in format_evaluation(exact)


def test_an_unknown_precision_is_refused(prepared_folder):
    with pytest.raises(InputError, match="mixed_precision 'int8': expected one of none, bfloat16"):
        evaluate("pretrained:gru", prepared_folder, "test", mixed_precision="int8")
