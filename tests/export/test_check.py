import configparser
import dataclasses
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from ecg_tf.errors import InputError
from ecg_tf.export import check as check_module
from ecg_tf.export.check import Check, check_export, example_ecgs, spoilt_ecgs
from ecg_tf.export.export_run import export_run
from ecg_tf.extras import PACKAGES, import_extra
from ecg_tf.runs.ecg_classifier import ECGClassifier


@pytest.fixture(scope="module")
def classifier(run):
    return ECGClassifier(run)


@pytest.fixture
def answer(classifier, monkeypatch):
    """What the export is made to answer; a test changes it."""
    ecgs = np.concatenate([example_ecgs(classifier.leads), spoilt_ecgs(classifier.leads)])
    answer = {key: np.array(value) for key, value in classifier.predict(ecgs).items()}
    answer["seconds"] = 0.01
    monkeypatch.setattr(check_module, "_predict_isolated", lambda *_: answer)
    return answer


def test_the_last_example_has_a_flat_lead(classifier):
    answer = classifier.predict(example_ecgs(classifier.leads))
    assert np.array(answer["valid"]).tolist() == [True] * 7 + [False]


def test_only_the_spoilt_example_with_an_offset_is_valid(classifier):
    answer = classifier.predict(spoilt_ecgs(classifier.leads))
    assert np.array(answer["valid"]).tolist() == [True] + [False] * 9
    assert np.isfinite(answer["probabilities"]).all()


def test_an_export_with_the_same_predictions_passes(classifier, answer, tmp_path):
    (tmp_path / "file").write_bytes(b"1234")
    check = check_export(classifier, "onnx", tmp_path)
    assert dataclasses.astuple(check) == ("onnx", 4, 0.01, 0.0)


def test_predictions_for_invalid_ecgs_are_not_compared(classifier, answer, tmp_path):
    answer["probabilities"][-1] = 0
    answer["decisions"][-1] = 0
    assert check_export(classifier, "onnx", tmp_path).difference == 0


def test_probabilities_that_are_not_finite_are_refused(classifier, answer, tmp_path):
    answer["probabilities"][-1] = np.nan
    with pytest.raises(InputError, match="probabilities that are no numbers"):
        check_export(classifier, "onnx", tmp_path)


@pytest.mark.parametrize("wrong", [0.001, np.nan])
def test_other_probabilities_are_refused(classifier, answer, tmp_path, wrong):
    answer["probabilities"][3, 2] += wrong
    with pytest.raises(InputError, match=r"apart, expected 1e-04 or less; it was not kept"):
        check_export(classifier, "onnx", tmp_path)


@pytest.mark.parametrize("name", ["valid", "decisions"])
def test_other_decisions_and_validity_are_refused(classifier, answer, tmp_path, name):
    answer[name][0] = ~answer[name][0] if name == "valid" else 1 - answer[name][0]
    with pytest.raises(InputError, match=f"the onnx export's {name} are wrong"):
        check_export(classifier, "onnx", tmp_path)


def test_an_export_that_cannot_be_loaded_is_refused(classifier, tmp_path):
    (tmp_path / "saved_model.pb").write_bytes(b"no SavedModel")
    with pytest.raises(InputError, match=r"the saved_model export cannot be run: .*; it was"):
        check_export(classifier, "saved_model", tmp_path)


def test_an_export_that_fails_the_check_is_not_kept(run, tmp_path, monkeypatch):
    wrong = {"probabilities": np.zeros((18, 4))}
    monkeypatch.setattr(check_module, "_predict_isolated", lambda *_: wrong)
    with pytest.raises(InputError, match="does not predict as the run does"):
        export_run(run.path, tmp_path / "export")
    assert not list(tmp_path.iterdir())


def test_an_unknown_format_is_refused(run, tmp_path):
    with pytest.raises(InputError, match="format 'tflite': expected one of saved_model, litert"):
        export_run(run.path, tmp_path / "export", "tflite")


@pytest.mark.parametrize(
    ("form", "module"), [("litert", "ai_edge_litert"), ("onnx", "onnxruntime")]
)
def test_the_error_for_a_missing_extra_names_the_installation(
    run, tmp_path, monkeypatch, form, module
):
    for name in [name for name in sys.modules if name.split(".")[0] == module]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(InputError, match=rf"{module} cannot .*: pip install {PACKAGES[form]}"):
        export_run(run.path, tmp_path / "export", form)
    assert not list(tmp_path.iterdir())


def test_the_packages_of_an_extra_are_those_of_setup_cfg():
    setup = configparser.ConfigParser()
    setup.read(Path(__file__).parents[2] / "setup.cfg")
    for extra, packages in PACKAGES.items():
        lines = setup["options.extras_require"][extra].splitlines()
        found = [re.match(r"[\w-]+", line)[0] for line in lines if line and line[0] != "#"]
        assert packages.split() == found


def test_an_installed_extra_is_imported():
    assert import_extra("json", "any") is __import__("json")


def test_the_table_has_size_time_and_difference():
    check = Check(form="litert", size=1234567, seconds=0.0123, difference=1.24e-6)
    assert check.table().splitlines() == [
        "| format | size, MB | ms per ECG | largest difference |",
        "| ------ | -------: | ---------: | -----------------: |",
        "| litert |     1.23 |       12.3 |            1.2e-06 |",
    ]
