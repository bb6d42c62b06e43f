"""Evaluations that several tests look at."""

import dataclasses

import numpy as np
import pytest

from ecg_tf.evaluation.evaluation import Evaluation
from ecg_tf.reports.page import make_page
from ecg_tf.reports.report import write_report

CLASSES = ("MI", "STTC", "CD", "HYP")


@pytest.fixture(scope="session")
def about():
    return {
        "run": "runs/alexnet",
        "model": "alexnet",
        "parameters": 46569476,
        "trained": None,
        "git_revision": None,
        "leads": ["I", "II", "V2"],
        "data": "data/ptb_xl",
        "database_rows": 21799,
        "folds": [10],
        "partition": "test",
        "records": 60,
        "simulated": False,
        "ecg_sha256": "63bc89",
        "thresholds": "largest F1, on the dev partition",
        "threshold_method": "f1",
        "threshold_partition": "dev",
    }


@pytest.fixture(scope="session")
def evaluation(about):
    """60 records of 40 patients, four classes."""
    generator = np.random.default_rng(0)
    labels = (generator.random((60, 4)) < [0.4, 0.3, 0.3, 0.2]).astype(np.uint8)
    probabilities = (0.7 * generator.random((60, 4)) + 0.3 * labels).astype(np.float32)
    return Evaluation(
        about=about,
        class_names=CLASSES,
        labels=labels,
        probabilities=probabilities,
        thresholds=np.array([0.4, 0.5, 0.6, 0.5]),
        ecg_ids=np.arange(21000, 21060, dtype=np.int32),
        patient_ids=generator.integers(0, 40, 60),
        ecg=generator.normal(size=(60, 1000, 3)).astype(np.float32),
        leads=("I", "II", "V2"),
        draws=30,
    )


@pytest.fixture(scope="session")
def norm_evaluation(evaluation):
    """The same records and probabilities, with those of NORM as a fifth class."""
    norm = (evaluation.labels.sum(axis=1, keepdims=True) == 0).astype(np.uint8)
    chance = np.random.default_rng(1).random((60, 1)).astype(np.float32)
    return dataclasses.replace(
        evaluation,
        class_names=(*CLASSES, "NORM"),
        labels=np.hstack([evaluation.labels, norm]),
        probabilities=np.hstack([evaluation.probabilities, 0.7 * chance + 0.3 * norm]),
        thresholds=np.array([0.4, 0.5, 0.6, 0.5, 0.5]),
    )


@pytest.fixture(scope="session")
def bare_evaluation(about):
    """Of an image tree: neither ids nor ECGs; CD is never true, HYP always, MI never predicted."""
    labels = np.array([[1, 0, 0, 1], [0, 1, 0, 1], [1, 1, 0, 1]], np.uint8)
    probabilities = np.full((3, 4), 0.25)
    probabilities[0] = 0.125
    return Evaluation(
        about=about
        | {"records": 3, "simulated": True}
        | dict.fromkeys(("ecg_sha256", "database_rows", "folds")),
        class_names=CLASSES,
        labels=labels,
        probabilities=probabilities,
        thresholds=np.array([0.5, 0.2, 0.2, 0.1]),
        draws=30,
    )


@pytest.fixture(scope="session")
def report_folder(evaluation, tmp_path_factory):
    """The report of `evaluation`; tests read it only."""
    folder = tmp_path_factory.mktemp("reports") / "new" / "report"
    write_report(folder, evaluation)
    return folder


@pytest.fixture(scope="session")
def page(report_folder):
    """The page of `evaluation`."""
    return (report_folder / "report.html").read_text("utf-8")


@pytest.fixture(scope="session")
def bare_page(bare_evaluation):
    return make_page(bare_evaluation)
