"""Fixtures of evaluations and comparisons, for the tests of evaluation, reports and study."""

import dataclasses

import numpy as np
import pytest

from ecg_tf.evaluation.compared_run import Branch, ComparedRun
from ecg_tf.evaluation.comparison import Comparison
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
def many_evaluation(evaluation):
    """71 classes of 200 records: no record has C69, and every record has C70."""
    generator = np.random.default_rng(2)
    labels = (generator.random((200, 71)) < 0.1).astype(np.uint8)
    labels[:2, :69], labels[:, 69], labels[:, 70] = [[0] * 69, [1] * 69], 0, 1
    probabilities = 0.6 * generator.random((200, 71)) + 0.4 * labels
    return dataclasses.replace(
        evaluation,
        about=evaluation.about | {"records": 200},
        class_names=tuple(f"C{k}" for k in range(71)),
        labels=labels,
        probabilities=probabilities,
        thresholds=np.full(71, 0.5),
        ecg_ids=None,
        patient_ids=None,
        ecg=None,
        draws=10,
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


@pytest.fixture(scope="session")
def compared_run(about):
    """A function from a name, a kind and how well a run tells classes apart to a `ComparedRun`.

    All of them are of the same 150 records of 100 patients.
    """
    generator = np.random.default_rng(1)
    labels = (generator.random((150, 4)) < [0.4, 0.3, 0.3, 0.2]).astype(np.uint8)
    shared = generator.normal(size=(150, 4))  # what makes a record hard for every run
    patients = generator.integers(0, 100, 150)

    def make(name, kind, skill, network="alexnet", dev_auroc=None, **changes):
        own = np.random.default_rng(list(name.encode())).normal(size=(150, 4))
        logits = skill * (2 * labels - 1.0) + shared + 0.3 * own
        facts = {"run": f"runs/{name}", "model": network, "records": 150}
        evaluation = Evaluation(
            about=about | facts,
            class_names=("MI", "STTC", "CD", "HYP"),
            labels=labels,
            probabilities=1 / (1 + np.exp(-logits)),
            thresholds=np.array([0.4, 0.5, 0.6, 0.5]),
            patient_ids=patients,
            draws=30,
        )
        return ComparedRun(
            name=name,
            kind=kind,
            representation={"image": "all images"}.get(kind, kind),
            network=network,
            evaluation=dataclasses.replace(evaluation, **changes),
            parameters=46569476,
            seconds=5400,
            dev_auroc=dev_auroc,
        )

    return make


@pytest.fixture(scope="session")
def comparison(compared_run):
    """Of three runs: gru, the best, resnet and late_fusion, which is made of these two."""
    fusion = compared_run("late_fusion", "fusion", 1.19, "late_fusion")
    branches = (Branch("signal", "gru"), Branch("image", "resnet"))
    return Comparison(
        [
            compared_run("resnet", "image", 0.6, "resnet"),
            compared_run("gru", "signal", 1.2, "gru"),
            dataclasses.replace(fusion, branches=branches),
        ]
    )
