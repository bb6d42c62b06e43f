import json
import shutil

import numpy as np
import pytest
from on_terminal import assert_lines, ecg_tf, run_on_terminal
from sklearn.metrics import roc_auc_score

from ecg_tf.data.images.create_images import create_images
from ecg_tf.errors import InputError
from ecg_tf.input_spec import InputSpec
from ecg_tf.runs.compare import compare, representation
from ecg_tf.runs.evaluate import evaluate
from ecg_tf.runs.run_folder import RunFolder

pytestmark = pytest.mark.usefixtures("eagerly")


@pytest.fixture(scope="module")
def comparison(run, signal_run, prepared_folder):
    return compare([run.path, signal_run.path], prepared_folder, "test")


def test_each_compared_run_has_its_evaluation(comparison, run, signal_run, prepared_folder):
    for compared, path in zip(comparison.runs, (run.path, signal_run.path), strict=True):
        expected = evaluate(path, prepared_folder, "test")
        np.testing.assert_allclose(compared.evaluation.summary, expected.summary, rtol=1e-6)
        assert compared.evaluation.about == expected.about
    image, signal = comparison.runs
    assert (image.name, image.kind, image.representation) == ("small", "image", "all images")
    assert (signal.name, signal.kind, signal.network) == ("gru", "signal", "gru")
    assert image.parameters == run.metadata.parameters


def test_time_and_dev_auroc_are_those_of_history_csv(comparison, signal_run, prepared_folder):
    signal = comparison.runs[1]
    assert signal.seconds == sum(signal_run.history()["seconds"])
    on_dev = evaluate(signal_run.path, prepared_folder, "dev")
    assert signal.dev_auroc == pytest.approx(on_dev.summary.loc["macro", "auroc"], abs=1e-4)


def test_the_command_prints_the_runs_and_writes_the_report(
    run, signal_run, prepared_folder, tmp_path, comparison
):
    flags = ["-runs", f"{run.path},{signal_run.path}", "-data", prepared_folder]
    done = run_on_terminal(*ecg_tf("compare", *flags, "-report", tmp_path / "report"))
    expected = (rf"{name}: predicting \d+ records of test" for name in ("small", "gru"))
    assert_lines(done.stderr, *expected)
    output = done.stdout
    assert "Do images beat the signal? " in output
    assert "Does fusion help? Not answered: no fusion was compared." in output
    assert f"report: {tmp_path}/report/comparison.html" in output
    content = json.loads((tmp_path / "report/comparison.json").read_text("utf-8"))
    table = comparison.differences
    for found, expected in zip(content["pairs"], table["difference"], strict=True):
        assert found["difference"] == pytest.approx(expected, abs=1e-3)
    assert content["best_chosen_on"] == "dev"


@pytest.mark.parametrize(
    ("input_kind", "channels", "expected"),
    [
        ("signal", None, "signal"),
        ("ecg", ["gaf"], "fusion"),
        ("image", ["gaf"], "GAF"),
        ("image", ["rp", "mtf"], "RP + MTF"),
        ("image", ["rp", "gaf", "mtf"], "all images"),
    ],
)
def test_representations(input_kind, channels, expected):
    assert representation(input_kind, channels) == expected


def change_about(folder, **changes):
    """Change the description of a run, and the names of its thresholds with its classes."""
    about = RunFolder(folder).metadata.to_json() | changes
    (folder / "about.json").write_text(json.dumps(about))
    thresholds = {"method": "0.5", "thresholds": dict.fromkeys(about["class_names"], 0.5)}
    (folder / "thresholds.json").write_text(json.dumps(thresholds))


def test_runs_of_the_same_folder_name_are_named_by_their_paths(
    signal_run, prepared_folder, tmp_path
):
    imported = shutil.copytree(signal_run.path, tmp_path / signal_run.path.name)
    (imported / "history.csv").unlink()
    about = RunFolder(imported).metadata.to_json()
    del about["ecg_sha256"]
    (imported / "about.json").write_text(json.dumps(about))
    trained, other = compare([signal_run.path, imported], prepared_folder, "test").runs
    assert [trained.name, other.name] == [str(signal_run.path), str(imported)]
    assert other.seconds is other.dev_auroc is None


def test_runs_that_do_not_fit_are_named(run, prepared_folder, tmp_path):
    folder = shutil.copytree(run.path, tmp_path / "other")
    change_about(folder, ecg_sha256={"train": "1", "dev": "2"})
    with pytest.raises(InputError, match=r"other: trained on other data than .*small: ecg_sha256"):
        compare([run.path, folder], prepared_folder)
    change_about(folder, ecg_sha256=run.metadata.ecg_sha256, class_names=["A", "B"])
    with pytest.raises(InputError, match=r"other: classes A, B, but .*small has MI, STTC, CD, HYP"):
        compare([run.path, folder], prepared_folder)
    (folder / "thresholds.json").unlink()
    with pytest.raises(InputError, match="other: this run has not finished"):
        compare([run.path, folder], prepared_folder)


def test_data_that_do_not_fit_are_named_with_the_run(run, signal_run, prepared_folder, tmp_path):
    create_images(
        "dev",
        tmp_path,
        InputSpec("image", image_size=67),
        data=prepared_folder,
        image_backend="keras",
    )
    with pytest.raises(InputError, match=r"gru cannot be compared: .*an image tree, but the net"):
        compare([signal_run.path, run.path], tmp_path, "dev")


def test_the_command_compares_ensembles(run, signal_run, prepared_folder, tmp_path):
    flags = ["-runs", f"{run.path},{signal_run.path}", "-data", prepared_folder]
    report = tmp_path / "report"
    done = run_on_terminal(
        *ecg_tf("compare", *flags, "-ensembles", "small+gru", "-report", report), "-partition=dev"
    )
    assert "small+gru" in done.stdout
    assert "Do images add more than another signal network does? Not answered" in done.stdout
    content = json.loads((report / "comparison.json").read_text("utf-8"))
    logits = []
    for path in (run.path, signal_run.path):
        probabilities = evaluate(path, prepared_folder, "dev").probabilities.astype(float)
        logits.append(np.log(probabilities / (1 - probabilities)))
    labels = evaluate(run.path, prepared_folder, "dev").labels
    mean = sum(logits) / 2
    expected = np.mean([roc_auc_score(labels[:, k], mean[:, k]) for k in range(4)])
    found = content["runs"]["small+gru"]
    assert found["members"] == ["small", "gru"]
    assert found["metrics"]["macro"]["auroc"] == pytest.approx(expected, abs=1e-6)


def test_an_ensemble_of_runs_that_are_not_compared_is_refused_first(run, signal_run, tmp_path):
    with pytest.raises(InputError, match=r"ensemble gru\+other: .*the runs are small, gru"):
        compare([run.path, signal_run.path], tmp_path / "missing", ensembles=["gru+other"])
    twice = ["gru+small", "small+gru"]
    with pytest.raises(InputError, match=r"ensembles gru\+small, small\+gru: expected each once"):
        compare([run.path, signal_run.path], tmp_path / "missing", ensembles=twice)


def test_there_must_be_two_different_runs(run, prepared_folder):
    with pytest.raises(InputError, match="small: expected two or more run folders"):
        compare([run.path], prepared_folder)
    with pytest.raises(InputError, match="small/: expected two or more run folders, each once"):
        compare([run.path, f"{run.path}/"], prepared_folder)
