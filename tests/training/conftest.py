"""Runs that several tests look at."""

import dataclasses

import pytest

from ecg_tf.training.train import train


@pytest.fixture(scope="session")
def signal_settings(small_settings):
    """`Settings` of a small GRU, for one epoch of windows of augmented records."""
    return dataclasses.replace(
        small_settings,
        model="gru",
        nb_filters=None,
        image_backend=None,
        hidden_size=4,
        num_layers=1,
        augment=True,
        window_seconds=1.0,
        epochs=1,
    )


@pytest.fixture(scope="session")
def signal_run(signal_settings, tmp_path_factory):
    """The finished run folder of `signal_settings`; tests read it only."""
    folder = tmp_path_factory.mktemp("runs") / "gru"
    return train(dataclasses.replace(signal_settings, path_save_model=str(folder)))
