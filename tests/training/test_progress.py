"""The lines that a training run prints."""

import math
import types

import numpy as np
import pytest

from ecg_tf.training import progress
from ecg_tf.training.progress import ShowProgress, log_run

MANY = {f"C{k}": 0.5 + k / 100 for k in range(20)} | {"NEVER": math.nan}


def epoch_line(capsys, aurocs):
    """The line after an epoch with these AUROCs of the classes on dev."""
    row = {"loss": 0.7, "val_loss": 0.6, "val_auroc": np.nanmean([*aurocs.values()])}
    row |= {f"val_auroc_{name}": score for name, score in aurocs.items()}
    shown = ShowProgress(80, 40, 5, [{**row, "learning_rate": 0.01, "seconds": 2.0}])
    shown.on_epoch_begin(0)
    shown.on_epoch_end(0)
    return capsys.readouterr().err.splitlines()[-1]


def test_few_classes_are_all_in_the_line_of_an_epoch(capsys):
    line = epoch_line(capsys, {"MI": 0.9, "CD": 0.8})
    assert line == (
        "epoch 1/5  loss 0.7000  dev 0.6000* AUROC 0.850 (MI 0.900  CD 0.800)  "
        "rate 0.01  2 s, 40 records/s; at most 8 s left"
    )


def test_of_many_classes_the_lowest_are_in_the_line_of_an_epoch(capsys):
    line = epoch_line(capsys, MANY)
    assert "AUROC 0.595 (lowest: C0 0.500  C1 0.510  C2 0.520)  rate" in line


@pytest.mark.parametrize(
    ("weights", "end"),
    [
        ({"MI": 1.0, "CD": 1.0}, "40 dev records"),
        ({"MI": 3.0, "CD": 1.0}, "40 dev records; weights of positive labels: MI 3.00, CD 1.00"),
        (
            {f"C{k}": 2.0 + k for k in range(9)},
            "40 dev records; weights of positive labels: C0 2.00 to C8 10.00",
        ),
    ],
)
def test_weights_are_logged_if_they_are_not_1(monkeypatch, weights, end):
    lines = []
    log = types.SimpleNamespace(info=lambda text, *values: lines.append(text % values))
    monkeypatch.setattr(progress, "logging", log)
    metadata = types.SimpleNamespace(
        **{"model": "gru", "parameters": 7, "dtype_policy": "float32", "simulated": False},
        **{"class_names": list(weights), "pos_weight": list(weights.values())},
    )
    train, dev = (types.SimpleNamespace(source=range(size)) for size in (80, 40))
    settings = types.SimpleNamespace(data="nowhere", image_cache=None)
    log_run(settings, {"train": train, "dev": dev}, metadata, [])
    assert lines[0] == f"gru: 7 parameters, float32; 80 train and {end}"
