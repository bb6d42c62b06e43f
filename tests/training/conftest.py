"""Runs that several tests look at."""

import dataclasses

import pytest

from ecg_tf.training.train import train


@pytest.fixture(scope="session")
def signal_run(small_settings, tmp_path_factory):
    """The finished run folder of a tiny GRU; tests read it only."""
    settings = dataclasses.replace(
        small_settings,
        model="gru",
        nb_filters=None,
        image_backend=None,
        hidden_size=2,
        num_layers=1,
        epochs=1,
        path_save_model=str(tmp_path_factory.mktemp("runs") / "signal"),
    )
    return train(settings)
