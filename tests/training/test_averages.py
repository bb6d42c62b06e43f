"""Moving averages of the weights, and the batch statistics that belong to them."""

import dataclasses

import keras
import numpy as np
import pytest
from eager import train
from in_memory import InMemory

from ecg_tf.layers import ECGSignal
from ecg_tf.training.batch_statistics import renew_batch_statistics
from ecg_tf.training.callbacks import AverageWeights
from ecg_tf.training.optimizers import optimizer

pytestmark = pytest.mark.usefixtures("few_blocks")

MOMENTUM = 0.4


@pytest.mark.parametrize("scale_loss", [False, True])
@pytest.mark.parametrize("name", ["sgd", "adam", "adamw"])
def test_the_average_of_the_weights_is_saved_but_not_trained_on(name, scale_loss):
    rng = np.random.default_rng(0)
    values, labels = rng.normal(size=(2, 6, 3)).astype(np.float32)
    eagerly = name != "adam"  # a graph takes longer than the training

    def fit(*callbacks, **changes):
        keras.utils.set_random_seed(1)
        model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(3)])
        chosen = optimizer(name, 0.1, scale_loss=scale_loss, **changes)
        model.compile(chosen, "mean_squared_error", auto_scale_loss=False, run_eagerly=eagerly)
        each = []
        keep = keras.callbacks.LambdaCallback(
            on_epoch_end=lambda epoch, logs: each.append(model.get_weights())
        )
        model.fit(values, labels, epochs=3, verbose=0, callbacks=[keep, *callbacks])
        return each

    first, second, third = fit()
    kept = keras.Sequential([keras.Input((3,)), keras.layers.Dense(3)])
    again = fit(AverageWeights(kept, kept, InMemory(values), 6, []), ema_momentum=MOMENTUM)
    for k, found in enumerate(kept.get_weights()):
        np.testing.assert_allclose(again[2][k], third[k], rtol=1e-6)
        average = MOMENTUM * first[k] + (1 - MOMENTUM) * second[k]
        average = MOMENTUM * average + (1 - MOMENTUM) * third[k]
        np.testing.assert_allclose(found, average, rtol=1e-5, atol=1e-7)
        assert np.abs(average - third[k]).max() > 1e-3


def test_batch_statistics_come_from_unaugmented_records(signal_settings, prepared, tmp_path):
    settings = dataclasses.replace(
        signal_settings,
        model="resnet1d",
        nb_filters=4,
        hidden_size=None,
        num_layers=None,
        ema_momentum=0.9,
        batch_size=10_000,
        path_save_model=str(tmp_path / "run"),
    )
    network = train(settings).network()
    ecg = prepared.read("train", settings.leads).ecg
    conv1, norm = network.get_layer("conv1"), network.get_layer("conv1_norm")
    values = np.asarray(conv1(ECGSignal(settings.scaling)(ecg)), np.float64)
    np.testing.assert_allclose(norm.moving_mean, values.mean((0, 1)), rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(norm.moving_variance, values.var((0, 1)), rtol=1e-3, atol=1e-6)


def test_batch_statistics_are_means_over_the_whole_partition():
    values = np.random.default_rng(0).normal(5, 3, (3000, 2)).astype(np.float32)
    x = keras.Input((2,))
    inner = keras.Model(x, keras.layers.BatchNormalization(momentum=0.7, name="norm")(x))
    network = keras.Sequential([inner, keras.layers.Dense(1)])
    renew_batch_statistics(network, network, InMemory(values), batch_size=100)
    batches = np.split(values[::3], range(100, 1000, 100))
    norm = inner.get_layer("norm")
    mean = np.mean([batch.mean(0) for batch in batches], axis=0)
    variance = np.mean([batch.var(0) for batch in batches], axis=0)
    np.testing.assert_allclose(norm.moving_mean, mean, rtol=1e-4)
    np.testing.assert_allclose(norm.moving_variance, variance, rtol=1e-4)
    assert norm.momentum == 0.7
