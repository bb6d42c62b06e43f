"""Evaluation and comparison on data of other classes and of another data set."""

import dataclasses
import json

import numpy as np
import pytest

from ecg_tf.data.sources import open_partition
from ecg_tf.errors import InputError
from ecg_tf.evaluation.thresholds import choose_thresholds
from ecg_tf.input_spec import InputSpec
from ecg_tf.reports.comparison.page import make_comparison_page
from ecg_tf.reports.page import make_page
from ecg_tf.reports.report import write_report
from ecg_tf.reports.text import format_evaluation
from ecg_tf.runs import shared_classes
from ecg_tf.runs.compare import compare
from ecg_tf.runs.evaluate import evaluate, open_for_run

pytestmark = pytest.mark.usefixtures("eagerly")

COLUMNS = {"CD": 2, "AF": 0, "MI": 3}  # of the labels of the four classes


@pytest.fixture
def other_data(monkeypatch, prepared_folder):
    """A function that lets the prepared records pass for those of another data set."""

    def change(class_names=tuple(COLUMNS), data_set="Georgia", ecg_sha256="other", **more):
        def open_other(data, partition, spec):
            part = open_partition(data, partition, spec)
            part.source.labels = part.source.labels[:, [COLUMNS.get(c, 0) for c in class_names]]
            hashes = {"train": ecg_sha256, "dev": ecg_sha256, "test": ecg_sha256}
            manifest = {**part.manifest, "data_set": data_set, "ecg_sha256": hashes, **more}
            return dataclasses.replace(part, class_names=class_names, manifest=manifest)

        monkeypatch.setattr(shared_classes, "open_partition", open_other)
        return prepared_folder

    return change


def data_labels(folder, name):
    part = open_partition(folder, "dev", InputSpec("signal"))
    return part.source.labels[:, part.class_names.index(name)]


def test_classes_are_matched_by_name(signal_run, prepared_folder, other_data, caplog):
    own = evaluate(signal_run.path, prepared_folder, "test")
    found = evaluate(signal_run.path, other_data(), "test")
    assert found.class_names == ("MI", "CD")
    np.testing.assert_array_equal(found.labels, own.labels[:, [3, 2]])
    np.testing.assert_array_equal(found.probabilities, own.probabilities[:, [0, 2]])
    np.testing.assert_array_equal(found.thresholds, signal_run.thresholds[[0, 2]])
    assert (found.about["only_run"], found.about["only_data"]) == (["STTC", "HYP"], ["AF"])
    assert f"classes left out, which only {signal_run.path} has: STTC, HYP" in caplog.messages
    assert f"classes left out, which only {prepared_folder} has: AF" in caplog.messages
    assert own.about["only_run"] == own.about["only_data"] == []


def test_data_without_a_shared_class_are_refused(signal_run, other_data):
    expected = "classes AF, SB, but .* was trained for MI, STTC, CD, HYP; expected at least one"
    with pytest.raises(InputError, match=expected):
        evaluate(signal_run.path, other_data(("AF", "SB")), "test")


def test_groups_of_codes_have_the_largest_probability_of_their_codes(
    signal_run, prepared_folder, other_data
):
    """Here the four classes are the codes."""
    own = evaluate(signal_run.path, prepared_folder, "dev").probabilities
    data = other_data(("CD", "rest"), class_codes={"CD": ["MI", "CD"], "rest": ["STTC"]})
    found = evaluate(signal_run.path, data, "dev")
    assert found.class_names == ("CD", "rest")
    np.testing.assert_array_equal(found.labels[:, 0], data_labels(prepared_folder, "CD"))
    np.testing.assert_array_equal(
        found.probabilities, np.stack([np.maximum(own[:, 0], own[:, 2]), own[:, 1]], axis=1)
    )
    expected = choose_thresholds("gmean", found.labels, found.probabilities)
    np.testing.assert_array_equal(found.thresholds, expected)
    report = format_evaluation(dataclasses.replace(found, draws=5))
    assert (
        "Each class is a group of SCP codes; its probability is the largest among its codes"
        in report
    )
    assert "Classes left out, which only the network has: HYP." in report
    with pytest.raises(InputError, match=r"classes CD, rest, but .* was trained for MI, STTC, CD"):
        open_for_run(signal_run, data, "dev")


def test_thresholds_of_groups_are_chosen_on_dev(signal_run, run, other_data):
    data = other_data(("CD", "rest"), class_codes={"CD": ["MI", "CD"], "rest": ["STTC"]})
    on_dev, on_test = (evaluate(signal_run.path, data, name) for name in ("dev", "test"))
    np.testing.assert_allclose(on_test.thresholds, on_dev.thresholds, rtol=1e-6)
    assert evaluate(signal_run.path, data, "test", "0.5").thresholds.tolist() == [0.5, 0.5]
    comparison = compare([signal_run.path, run.path], data, "test")
    assert comparison.about.class_names == ("CD", "rest")
    assert {(one.left_out, one.dev_auroc) for one in comparison.runs} == {(("HYP",), None)}
    for page in (
        make_page(dataclasses.replace(on_test, draws=5)),
        make_comparison_page(comparison),
    ):
        assert "Each class is a group of SCP codes" in page


def test_classes_of_one_code_each_are_matched_by_name(signal_run, other_data):
    data = other_data(("CD", "MI"), class_codes={"CD": ["CD"], "MI": ["MI"]})
    assert evaluate(signal_run.path, data, "test").about["groups"] is False


def test_groups_without_their_codes_are_refused(signal_run, other_data):
    """Records of an older version: the code AMI is not the subclass AMI."""
    data = other_data(("CD", "AMI"), task="subdiagnostic")
    with pytest.raises(InputError, match="without the SCP codes of its classes; prepare the reco"):
        evaluate(signal_run.path, data, "test")


def test_groups_without_their_codes_are_matched_by_name_if_the_run_has_no_other_class(
    signal_run, other_data
):
    data = other_data(("CD", "HYP", "MI", "NORM", "STTC"), task="superdiagnostic")
    assert evaluate(signal_run.path, data, "dev").class_names == ("MI", "STTC", "CD", "HYP")


def test_codes_that_the_run_does_not_predict_are_matched_by_name(signal_run, other_data):
    data = other_data(("CD", "AF"), class_codes={"CD": ["MI", "CD"], "AF": ["AFIB"]})
    found = evaluate(signal_run.path, data, "test")
    assert (found.class_names, found.about["groups"]) == (("CD",), False)


def test_every_report_says_external_and_what_is_left_out(signal_run, other_data, tmp_path):
    found = evaluate(signal_run.path, other_data(), "dev")
    write_report(tmp_path, dataclasses.replace(found, draws=5))
    about = json.loads((tmp_path / "report.json").read_text())["about"]
    assert (about["external"], about["data_set"]) == (True, "Georgia")
    assert about["trained_on"] == "simulated PTB-XL"
    assert about["only_run"] == ["STTC", "HYP"]
    html = (tmp_path / "report.html").read_text("utf-8")
    text = format_evaluation(dataclasses.replace(found, draws=5))
    for report in (html, text):
        assert "External: the network was trained on simulated PTB-XL and is evaluated on Geor" in (
            report
        )
        assert "Classes left out, which only the network has: STTC, HYP." in report
        assert "Classes left out, which only the data have: AF." in report
        assert "on the dev partition of simulated PTB-XL" in report
        assert "the evaluated records" not in report
        assert "these same dev records" not in report


def test_given_thresholds_are_chosen_on_dev_of_the_other_data(signal_run, other_data):
    data = other_data()
    on_dev = evaluate(signal_run.path, data, "dev", "gmean")
    found = evaluate(signal_run.path, data, "test", "gmean")
    expected = choose_thresholds("gmean", on_dev.labels, on_dev.probabilities)
    np.testing.assert_allclose(found.thresholds, expected, rtol=1e-6)
    assert found.about["thresholds"].endswith(", on the dev partition of Georgia")
    assert "the evaluated records" in format_evaluation(on_dev)
    page = make_page(dataclasses.replace(on_dev, draws=5))
    assert "these same dev records" in page
    assert "epoch of the network was chosen" not in page


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"data_set": "simulated PTB-XL"}, False),  # other folds of the same data set
        ({"data_set": "Georgia"}, True),
    ],
)
def test_data_sets_are_told_apart_by_their_names(signal_run, other_data, change, expected):
    about = evaluate(signal_run.path, other_data(**change), "test").about
    assert about["external"] is expected


def test_the_training_data_under_another_name_are_not_external(signal_run, other_data):
    sha256 = signal_run.metadata.ecg_sha256["dev"]
    found = evaluate(signal_run.path, other_data(ecg_sha256=sha256), "test").about
    assert found["external"] is False


def test_runs_are_compared_by_the_classes_of_the_data(signal_run, run, other_data):
    comparison = compare([signal_run.path, run.path], other_data(), "test")
    assert comparison.about.class_names == ("MI", "CD")
    assert {one.left_out for one in comparison.runs} == {("STTC", "HYP")}
    page = make_comparison_page(comparison)
    assert "also trained on STTC, HYP, which this comparison leaves out" in page
    assert "Classes left out, which only the data have: AF." in page
    assert "External: the network was trained on simulated PTB-XL" in page
