"""Training on ECGs that stay on the disk."""

import dataclasses

import numpy as np

from ecg_tf.runs.evaluate import evaluate
from ecg_tf.runs.run_folder import RunFolder
from ecg_tf.training.train import train


def test_losses_are_those_of_ecgs_in_memory(
    array_record_folder, prepared_folder, signal_settings, signal_run, tmp_path
):
    settings = {"data": str(array_record_folder), "path_save_model": str(tmp_path / "run")}
    train(dataclasses.replace(signal_settings, **settings))
    run = RunFolder.open(tmp_path / "run")
    found, expected = run.history(), signal_run.history()
    for column in set(expected) - {"seconds"}:
        assert found[column] == expected[column], column
    for one, other in zip(
        run.network().get_weights(), signal_run.network().get_weights(), strict=True
    ):
        np.testing.assert_array_equal(one, other)
    assert run.seen_file.read_bytes() == signal_run.seen_file.read_bytes()
    evaluation = evaluate(run.path, array_record_folder, "test")
    np.testing.assert_array_equal(
        evaluation.probabilities, evaluate(run.path, prepared_folder, "test").probabilities
    )
    assert evaluation.ecg[3].shape == (1000, 3)
