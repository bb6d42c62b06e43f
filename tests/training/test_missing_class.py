"""Dev without one class is found before training, and nothing fails after it."""

import dataclasses
import math

import numpy as np
import pytest
from eager import train
from sklearn.metrics import roc_auc_score

from ecg_tf.data.prepared import PreparedRecords
from ecg_tf.reports.comparison.report import write_comparison
from ecg_tf.reports.report import write_report
from ecg_tf.runs.compare import compare
from ecg_tf.runs.evaluate import evaluate
from ecg_tf.training import stopping

pytestmark = pytest.mark.usefixtures("eagerly")


@pytest.fixture(scope="module")
def without_hypertrophy():
    """Dev has no record of HYP from here on."""
    read = PreparedRecords.read

    def without(self, partition, *leads):
        records = read(self, partition, *leads)
        if partition == "dev":
            records.labels[:, 3] = 0
        return records

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PreparedRecords, "read", without)
        yield


class Stopped(Exception):  # noqa: N818
    pass


@pytest.fixture(scope="module")
def said_and_run(without_hypertrophy, signal_settings, tmp_path_factory):
    """The warnings before the first epoch, and the run, stopped after its first epoch."""
    settings = dataclasses.replace(
        signal_settings, epochs=2, path_save_model=str(tmp_path_factory.mktemp("runs") / "no_hyp")
    )
    said = []

    def stop(self, epoch, logs=None):
        raise Stopped

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("absl.logging.warning", lambda text, *args: said.append(text % args))
        patch.setattr(stopping.StopOnSignal, "on_epoch_end", stop)
        with pytest.raises(Stopped):
            train(settings)
    return said, train(settings)


def test_a_class_missing_in_dev_is_logged_before_training(said_and_run):
    said, run = said_and_run
    (line,) = [line for line in said if "HYP" in line]
    assert line.startswith("dev, class HYP: 0 of 16 records have it: its AUROC is undefined")
    assert run.metadata.dev_one_sided == ["HYP"]


def test_its_threshold_is_one_half_and_the_mean_leaves_it_out(said_and_run):
    _, run = said_and_run
    history = run.history()
    assert history["epoch"] == [1, 2]
    assert all(map(math.isnan, history["val_auroc_HYP"]))
    others = [history[f"val_auroc_{name}"] for name in ("MI", "STTC", "CD")]
    np.testing.assert_allclose(history["val_auroc"], np.mean(others, axis=0))
    assert run.thresholds[3] == 0.5
    assert 0.5 not in run.thresholds[:3]


def test_evaluation_report_and_comparison_name_it(
    said_and_run, signal_run, prepared_folder, tmp_path
):
    _, run = said_and_run
    on_test = evaluate(run.path, prepared_folder, "test")
    assert on_test.about["thresholds"].endswith(
        "on the dev partition; 0.5 for HYP, which every record there has, or none"
    )
    on_dev = evaluate(run.path, prepared_folder, "dev", "youden")
    assert on_dev.thresholds[3] == 0.5
    assert on_dev.about["thresholds"].endswith(
        "; 0.5 for HYP, which every record there has, or none"
    )
    assert math.isnan(on_dev.summary.loc["HYP", "auroc"])
    expected = roc_auc_score(on_dev.labels[:, 0], on_dev.probabilities[:, 0])
    assert on_dev.summary.loc["MI", "auroc"] == pytest.approx(expected)
    write_report(tmp_path / "report", on_dev)
    for partition in ("dev", "test"):
        comparison = compare([run.path, signal_run.path], prepared_folder, partition)
        write_comparison(tmp_path / partition, comparison)
        assert comparison.runs[0].dev_auroc == pytest.approx(
            run.history()["val_auroc"][np.argmin(run.history()["val_loss"])]
        )
