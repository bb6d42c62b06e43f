"""SCP statements, learnt beside the classes by a head that is not kept."""

import ast
import dataclasses

import eager
import keras
import numpy as np
import pandas as pd
import pytest
from in_memory import InMemory
from sklearn.metrics import log_loss

from ecg_tf.data.batches.batches import training_batches
from ecg_tf.data.images.create_images import create_images
from ecg_tf.data.prepared import PreparedRecords
from ecg_tf.errors import InputError
from ecg_tf.input_spec import InputSpec
from ecg_tf.models import build
from ecg_tf.training.callbacks import AverageWeights
from ecg_tf.training.loss import WeightedCrossEntropy
from ecg_tf.training.optimizers import optimizer
from ecg_tf.training.statements import StatementLoss, with_statements
from ecg_tf.training.train import train

pytestmark = pytest.mark.usefixtures("few_blocks")


@pytest.fixture(scope="module")
def settings(signal_settings):
    return dataclasses.replace(signal_settings, augment=False, statement_weight=0.25)


def test_the_loss_adds_the_weighted_cross_entropy_of_statements():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, (5, 6)).astype(np.float32)
    logits = rng.normal(0, 2, (5, 6)).astype(np.float32)
    p = 1 / (1 + np.exp(-logits.astype(np.float64)))
    of_each = [log_loss(labels[:, k], p[:, k], labels=[0, 1]) for k in range(6)]
    loss = StatementLoss(WeightedCrossEntropy([1, 1]), 0.25)
    expected = np.mean(of_each[:2]) + 0.25 * np.sum(of_each[2:])
    assert float(loss(labels, logits)) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("model", "sizes"),
    [("gru", {"hidden_size": 4, "num_layers": 2}), ("resnet1d", {"nb_filters": 2})],
)
def test_the_classes_keep_their_logits_and_come_first(model, sizes):
    network = build(model, (100, 2), 4, **sizes)
    more = with_statements(network, 7)
    ecg = np.random.default_rng(0).normal(size=(3, 100, 2)).astype(np.float32)
    found = np.asarray(more(ecg))
    assert found.shape == (3, 11)
    np.testing.assert_allclose(found[:, :4], np.asarray(network(ecg)), atol=1e-5)
    assert np.abs(found[:, 4:]).max() > 0
    mine = network.trainable_variables
    firsts = more.trainable_variables[: len(mine)]
    assert all(one is other for one, other in zip(firsts, mine, strict=True))


def test_training_uses_the_statements_of_the_database(
    settings, simulated_folder, prepared, tmp_path, monkeypatch
):
    given = []

    def remember(source, *args, **kwargs):
        given.append(source.labels)
        return training_batches(source, *args, **kwargs)

    monkeypatch.setattr("ecg_tf.training.train.training_batches", remember)
    run = train(dataclasses.replace(settings, path_save_model=str(tmp_path / "run")))
    records = prepared.read("train")
    database = pd.read_csv(simulated_folder / "ptbxl_database.csv", index_col="ecg_id")
    names = pd.read_csv(simulated_folder / "scp_statements.csv", index_col=0).index
    codes = database.loc[records.ecg_id, "scp_codes"].map(ast.literal_eval)
    expected = np.array([[name in found for name in names] for found in codes])
    np.testing.assert_array_equal(given[0], np.hstack([records.labels, expected]))
    assert run.network().output_shape == (None, 4)
    assert run.flags["statement_weight"] == "0.25"


def test_the_loss_of_the_statements_falls(settings, tmp_path):
    """More is gained than there is to gain on the classes."""
    settings = dataclasses.replace(settings, learning_rate=0.03)
    with_them, without = (
        eager.train(
            dataclasses.replace(
                settings,
                statement_weight=weight,
                epochs=epochs,
                path_save_model=str(tmp_path / str(weight)),
            )
        )
        for weight, epochs in ((1.0, 6), (None, 1))
    )
    losses, of_classes = (run.history()["loss"] for run in (with_them, without))
    assert losses[0] - losses[-1] > of_classes[0]


@pytest.mark.usefixtures("eagerly")
def test_the_average_is_saved_without_the_head():
    rng = np.random.default_rng(0)
    values = rng.normal(size=(6, 20, 2)).astype(np.float32)
    labels = rng.integers(0, 2, (6, 5)).astype(np.float32)
    keras.utils.set_random_seed(1)
    network, kept = (build("gru", (20, 2), 2, hidden_size=3, num_layers=1) for _ in range(2))
    model = with_statements(network, 3)
    model.compile(
        optimizer("adam", 0.1, ema_momentum=0.4),
        StatementLoss(WeightedCrossEntropy([1, 1]), 0.25),
        auto_scale_loss=False,
    )
    each, heads = [], []
    keep = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: (
            each.append(network.get_weights()),
            heads.append(model.get_layer("statements").get_weights()),
        )
    )
    after = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: heads.append(model.get_layer("statements").get_weights())
    )
    average = AverageWeights(kept, kept, InMemory(values), 6, [])
    model.fit(values, labels, epochs=2, verbose=0, callbacks=[keep, average, after])
    for found, first, second in zip(kept.get_weights(), *each, strict=True):
        np.testing.assert_allclose(found, 0.4 * first + 0.6 * second, rtol=1e-5, atol=1e-7)
    for before, afterwards in (heads[:2], heads[2:]):
        np.testing.assert_array_equal(before[0], afterwards[0])


def test_data_without_statements_are_refused(settings, prepared_folder, tmp_path, monkeypatch):
    settings = dataclasses.replace(settings, path_save_model=str(tmp_path / "run"))
    read = PreparedRecords.read

    def without(self, partition, leads):
        return dataclasses.replace(read(self, partition, leads), statements=None)

    with monkeypatch.context() as context:
        context.setattr(PreparedRecords, "read", without)
        with pytest.raises(
            InputError, match=r"statement_weight 0.25: .*data contains no SCP state"
        ):
            train(settings)
    for partition in ("train", "dev"):
        create_images(
            partition,
            tmp_path / "tree",
            InputSpec("image", image_size=67),
            data=prepared_folder,
            image_backend="keras",
        )
    image = dataclasses.replace(
        settings,
        model="alexnet",
        data=str(tmp_path / "tree"),
        window_seconds=None,
        hidden_size=None,
        num_layers=None,
        nb_filters=4,
    )
    with pytest.raises(InputError, match=r"tree contains no SCP statements, expected records prep"):
        train(image)
    assert not (tmp_path / "run").exists()


def test_statements_with_a_two_branch_network_are_refused(settings, tmp_path):
    fusion = dataclasses.replace(
        settings,
        model="late_fusion",
        window_seconds=None,
        path_save_model=str(tmp_path / "run"),
    )
    with pytest.raises(InputError, match="late_fusion has two branches; statements need a network"):
        train(fusion)
    assert not (tmp_path / "run").exists()
