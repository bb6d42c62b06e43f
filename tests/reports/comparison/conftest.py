"""Comparisons that several tests look at."""

import dataclasses

import numpy as np
import pytest

from ecg_tf.evaluation.compared_run import Branch, ComparedRun
from ecg_tf.evaluation.comparison import Comparison
from ecg_tf.evaluation.evaluation import Evaluation


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
