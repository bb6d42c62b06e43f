"""Networks for other sampling rates and lengths, from training to prediction."""

import dataclasses

import eager
import numpy as np
import pytest
import wfdb
from resampled import ResampledRecords, resampled_data

from ecg_tf.errors import InputError, RecordError
from ecg_tf.explain.record import explain_record
from ecg_tf.export.export_run import export_run
from ecg_tf.leads import LEADS
from ecg_tf.predict.predictor import Predictor
from ecg_tf.predict.records import predict_records
from ecg_tf.runs.evaluate import evaluate
from ecg_tf.runs.run_folder import RunFolder

pytestmark = pytest.mark.usefixtures("few_blocks")

SIGNAL = {"model": "resnet1d", "nb_filters": 2, "sliding_seconds": 2.5, "augment": True}
IMAGE = {"model": "band_resnet", "nb_filters": 1, "scaling": "millivolt", "window_seconds": 2.0}
FUSION = {
    **{"signal_model": "gru", "hidden_size": 2, "num_layers": 1},
    **{"image_model": "band_resnet", "nb_filters": 1, "channels": ("rp",)},
}


def trained(settings, folder, **change):
    """A run of one epoch."""
    change = {"nb_filters": None, "image_backend": None, "epochs": 1, "batch_size": 63, **change}
    return eager.train(dataclasses.replace(settings, path_save_model=str(folder / "run"), **change))


def write_record(path, ecg, rate):
    """Write an ecg (time, 12) in millivolt as a WFDB record; returns its path."""
    wfdb.wrsamp(
        path.name,
        fs=rate,
        units=["mV"] * 12,
        sig_name=list(LEADS),
        p_signal=np.asarray(ecg, np.float64),
        fmt=["16"] * 12,
        adc_gain=[1000] * 12,
        baseline=[0] * 12,
        write_dir=str(path.parent),
    )
    return path


@pytest.mark.parametrize(
    ("rate", "samples", "form", "change"),
    [
        (500, 5000, "saved_model", SIGNAL),
        (250, 1000, "onnx", {"model": "weighted_fusion", **FUSION}),
    ],
)
def test_a_run_is_trained_exported_and_predicts(
    rate, samples, form, change, small_settings, prepared_folder, tmp_path, monkeypatch
):
    seconds = samples / rate
    with monkeypatch.context() as patch:
        resampled_data(patch, rate, samples)
        run = trained(small_settings, tmp_path, **change)
        evaluation = evaluate(run.path, prepared_folder, "dev")
    spec = RunFolder.open(run.path).input_spec
    assert (spec.sampling_rate, spec.samples, spec.seconds) == (rate, samples, seconds)
    assert run.network().input_shape == (None, samples, 3)
    assert evaluation.about["sampling_rate"] == rate

    # Data of another sampling rate are refused.
    message = f"ECGs of 10 s at 100 Hz, but the network takes {seconds:g} s at {rate} Hz"
    with pytest.raises(InputError, match=message):
        evaluate(run.path, prepared_folder, "dev")

    # The export predicts as the run does, which `export_run` checks, and states its input.
    export_run(run.path, tmp_path / "export", form)
    by_run, by_export = Predictor(run.path), Predictor(tmp_path / "export")
    assert (by_export.sampling_rate, by_export.samples) == (rate, samples)
    ecg = ResampledRecords(prepared_folder, rate, samples).read("dev", LEADS).ecg
    found, expected = by_export(ecg), by_run(ecg)
    np.testing.assert_allclose(found["probabilities"], expected["probabilities"], atol=1e-4)
    assert found["valid"].all()
    with pytest.raises(InputError, match=rf"expected \(batch, {samples}, 12\) .*at {rate} Hz"):
        by_export(ecg[:, 1:])

    # A record of the run's sampling rate and length is one window.
    record = write_record(tmp_path / "same", ecg[0], rate)
    (one,) = predict_records(by_run, [record])
    np.testing.assert_allclose(one.probabilities, expected["probabilities"][0], atol=2e-3)
    assert "resampled" not in one.about

    # Other records are resampled and split into windows of the run's length.
    twice = np.concatenate([ecg[0], ecg[1]])[:: 2 if rate == 500 else 1]
    other = rate // 2 if rate == 500 else rate
    first, second = predict_records(by_run, [write_record(tmp_path / "twice", twice, other)])
    assert (first.start, second.start) == (0, seconds)
    assert (f"resampled from 250 to {rate} Hz" in first.about) == (rate != other)
    short = write_record(tmp_path / "short", ecg[0, : samples - rate], rate)
    (error,) = predict_records(by_run, [short])
    assert isinstance(error, RecordError)
    assert f"{seconds - 1:.3f} s of ECG, expected at least {seconds:g} s" in str(error)

    # Explanations are of the run's sampling rate and length.
    explain_record(record, run.path, "MI", tmp_path / "why.png")
    assert (tmp_path / "why.png").stat().st_size > 1000
    with pytest.raises(RecordError, match=rf"{samples - rate} samples, expected {samples}"):
        explain_record(short, run.path, "MI", tmp_path / "why.png")


def test_windows_of_images_are_as_long_at_any_sampling_rate(small_settings, tmp_path, monkeypatch):
    resampled_data(monkeypatch, 250, 1000)
    run = trained(small_settings, tmp_path, **IMAGE, image_size=128, image_backend="keras")
    assert run.network().input_shape == (None, 128, 128, 9)
    with pytest.raises(InputError, match=r"window_seconds 4\.1: expected at most 4, the length of"):
        trained(small_settings, tmp_path / "long", **{**IMAGE, "window_seconds": 4.1})


def test_backbones_and_weights_of_another_sampling_rate_are_refused(
    small_settings, signal_run, tmp_path, monkeypatch
):
    resampled_data(monkeypatch, 250, 2500)
    gru = {"model": "gru", "hidden_size": 4, "num_layers": 1}
    message = "run .*: sampling_rate 100, expected 250"
    with pytest.raises(InputError, match=message):
        trained(small_settings, tmp_path, **gru, initial_run=str(signal_run.path))
    with pytest.raises(InputError, match=message):
        trained(small_settings, tmp_path, model="late_fusion", signal_run=str(signal_run.path))


def test_pyts_images_are_those_of_the_layers_at_another_sampling_rate(
    small_settings, prepared_folder, monkeypatch
):
    from ecg_tf.data.sources import open_partition
    from ecg_tf.input_spec import InputSpec
    from ecg_tf.models import preprocessor

    resampled_data(monkeypatch, 250, 1000)
    spec = InputSpec("image", sampling_rate=250, samples=1000, image_size=67)
    by_pyts = open_partition(prepared_folder, "dev", spec, image_backend="pyts").source
    ecg = open_partition(prepared_folder, "dev", spec).source.take([0, 1])
    difference = np.abs(by_pyts.take([0, 1]) - np.asarray(preprocessor(spec)(ecg)))
    assert (difference > 0.5 / 255).mean() < 0.01
