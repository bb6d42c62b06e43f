import dataclasses
import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
import wfdb
from device_files import muse, philips, walk
from on_terminal import assert_lines, run_in_pipes
from scipy import signal

from ecg_tf.data.any_ecg import read_any
from ecg_tf.data.ecg_files.wfdb_record import read_record, standard_ecg
from ecg_tf.errors import InputError, RecordError
from ecg_tf.explain.record import explain_record
from ecg_tf.plots.png import png_bytes
from ecg_tf.predict.predictor import Predictor
from ecg_tf.predict.records import predict_records


@pytest.fixture(scope="module")
def record(simulated_folder):
    return simulated_folder / "records100/00000/00007_lr"


EIGHT = ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")


class LargestValues:
    """Stands for a `Predictor`: "probabilities" are a tenth of the leads' largest values."""

    class_names, leads, simulated = ("MI", "STTC", "CD"), ("I", "II", "V2"), False
    sampling_rate, samples = 100, 1000
    thresholds = np.array([0.1, 0.5, 0.1], np.float32)

    def __init__(self):
        self.batches = []

    def __call__(self, ecg_mv):
        self.batches.append(len(ecg_mv))
        probabilities = np.abs(ecg_mv[:, :, [0, 1, 7]]).max(axis=1) / 10
        decisions = (probabilities >= self.thresholds).astype(np.int32)
        valid = np.ones(len(ecg_mv), bool)
        return {"probabilities": probabilities, "decisions": decisions, "valid": valid}


def write(folder, name, ecg, rate=100, leads=("V2", "I", "aVR", "II")):
    """Writes a record in µV; returns its path."""
    wfdb.wrsamp(
        name,
        fs=rate,
        units=["uV"] * len(leads),
        sig_name=list(leads),
        p_signal=1000 * ecg,
        fmt=["16"] * len(leads),
        adc_gain=[2.0] * len(leads),
        baseline=[0] * len(leads),
        write_dir=str(folder),
    )
    return folder / name


def sines(rate, seconds, heights=(2, 0.5, 1, 4)):
    return np.sin(2 * np.pi * 5 * np.arange(rate * seconds) / rate)[:, None] * heights


# What is answered


def test_a_run_and_its_export_predict_the_same(run, export, record):
    of_run, of_export = (
        next(predict_records(Predictor(path), [record])) for path in (run.path, export)
    )
    np.testing.assert_allclose(of_run.probabilities, of_export.probabilities, atol=1e-5)
    assert of_run.thresholds == of_export.thresholds
    assert of_run.decisions == of_export.decisions
    assert of_run.simulated
    assert of_run.simulated_training
    assert of_export.simulated_training
    assert "simulated ECG, network trained on simulated ECGs" in of_export.table()


def test_a_standard_record_gets_the_prediction_of_the_network_itself(export, record):
    predictor = Predictor(export)
    answer = predictor(standard_ecg(read_record(record))[None])
    (prediction,) = predict_records(predictor, [record])
    assert prediction.probabilities == tuple(answer["probabilities"][0].tolist())
    assert prediction.decisions == tuple(answer["decisions"][0].tolist())


def test_a_copy_at_500_hz_in_another_unit_gets_nearly_the_same_prediction(export, record, tmp_path):
    original = read_any(record)
    both_ways = np.concatenate([original.ecg, original.ecg[::-1]])  # periodic, for Fourier's sake
    order = np.random.default_rng(0).permutation(12)
    fine = signal.resample(both_ways, 10_000)[:5000, order]
    copy = write(tmp_path, "copy", fine, 500, [original.leads[k].lower() for k in order])
    predictor = Predictor(export)
    first, second = predict_records(predictor, [record, copy])
    np.testing.assert_allclose(first.probabilities, second.probabilities, atol=0.01)
    assert "resampled from 500 to 100 Hz" in second.table()


def test_many_records_are_predicted_in_batches_and_in_order(tmp_path):
    heights = np.linspace(0.1, 4, 40)
    paths = [
        write(tmp_path, f"r{k}", sines(100, 10, (1, height, 1, 1)))
        for k, height in enumerate(heights)
    ]
    predictor = LargestValues()
    found = list(predict_records(predictor, paths))
    assert [prediction.record for prediction in found] == list(map(str, paths))
    np.testing.assert_allclose(
        [prediction.probabilities[0] for prediction in found], heights / 10, atol=1e-3
    )
    assert predictor.batches == [16, 16, 8]


def test_a_longer_record_has_a_prediction_for_each_10_seconds(tmp_path):
    path = write(tmp_path, "long", sines(500, 25), 500)
    found = list(predict_records(LargestValues(), [path]))
    assert [(p.start, p.duration, p.sampling_rate) for p in found] == [(0, 25, 500), (10, 25, 500)]
    assert found[1].table().splitlines() == [
        f"{path}, 10-20 s (ECG, resampled from 500 to 100 Hz, 2 windows of 10 s, the last 5 s left"
        " out): CD",
        "  class  probability  threshold  decision",
        "  MI           0.050      0.100         0",
        "  STTC         0.400      0.500         0",
        "  CD           0.200      0.100         1",
    ]


@pytest.mark.parametrize(
    ("class_names", "expected"),
    [
        (("MI", "STTC", "CD", "HYP"), "NORM"),
        (("MI", "STTC", "CD"), "none"),
        (("MI", "STTC", "CD", "AF"), "none"),
        (("MI", "STTC", "CD", "HYP", "NORM"), "none"),
    ],
)
def test_norm_is_none_of_the_four_classes_of_the_study(tmp_path, class_names, expected):
    (found,) = predict_records(LargestValues(), [write(tmp_path, "r", 0.1 * sines(100, 10))])
    number = len(class_names)
    found = dataclasses.replace(
        found,
        class_names=class_names,
        **{name: (0,) * number for name in ("probabilities", "thresholds", "decisions")},
    )
    assert found.table().splitlines()[0] == f"{tmp_path / 'r'} (ECG): {expected}"


def test_the_table_of_many_classes_has_the_predicted_and_the_most_probable(tmp_path):
    (found,) = predict_records(LargestValues(), [write(tmp_path, "r", sines(100, 10))])
    probabilities = np.linspace(0, 0.7, 71)
    decisions = [0] * 71
    decisions[3] = 1
    names = [f"class {k}" for k in range(71)]
    found = dataclasses.replace(
        found,
        class_names=tuple(names),
        probabilities=tuple(probabilities.tolist()),
        thresholds=(0.5,) * 71,
        decisions=tuple(decisions),
    )
    first, head, *rows, last = found.table().splitlines()
    assert first.endswith("): class 3")
    assert head == "  class     probability  threshold  decision"
    assert [row[2:11].strip() for row in rows] == ["class 3", *names[-9:]]
    assert rows[0] == "  class 3         0.030      0.500         1"
    assert last == "  61 more classes: see -json"


@pytest.mark.parametrize(
    ("thresholds", "expected"),
    [((0.1, 0.5, 0.1), "NORM"), ((0.1, 0.1, 0.1), "STTC, NORM"), ((0.1, 0.5, 0.5), "none")],
)
def test_a_network_with_norm_may_predict_nothing_or_norm_and_a_disease(
    tmp_path, thresholds, expected
):
    predictor = LargestValues()
    predictor.class_names, predictor.thresholds = ("MI", "STTC", "NORM"), np.array(thresholds)
    (found,) = predict_records(predictor, [write(tmp_path, "r", sines(100, 10))])
    assert found.diagnoses == expected


def test_json_holds_all_but_the_ecg(tmp_path):
    path = write(tmp_path, "r", sines(100, 12))
    (found,) = predict_records(LargestValues(), [path])
    answer = json.loads(found.json())
    np.testing.assert_allclose(answer.pop("probabilities"), [0.05, 0.4, 0.2], atol=1e-3)
    np.testing.assert_allclose(answer.pop("thresholds"), [0.1, 0.5, 0.1])
    assert answer == {
        "record": str(path),
        "start": 0,
        "duration": 12.0,
        "sampling_rate": 100.0,
        "simulated": False,
        "simulated_training": False,
        "leads": ["I", "II", "V2"],
        "class_names": ["MI", "STTC", "CD"],
        "decisions": [0, 0, 1],
    }


# What is not


def test_errors_take_the_place_of_their_records_only(tmp_path):
    good = write(tmp_path, "good", sines(100, 10))
    flat = write(tmp_path, "flat", sines(100, 10, (0, 1, 1, 1)))
    short = write(tmp_path, "short", sines(100, 9))
    csv = tmp_path / "r.csv"
    csv.write_text("I,II,V2\n1,2,3\n")
    found = list(predict_records(LargestValues(), [flat, good, tmp_path / "no", short, csv, good]))
    assert [isinstance(one, RecordError) for one in found] == [True, False, True, True, True, False]
    assert str(found[0]).endswith("flat: lead V2 is flat, and it is an input of the network")
    assert "no: no header" in str(found[2])
    assert str(found[3]).endswith("short: 9.000 s of ECG, expected at least 10 s")
    assert "-sampling_rate" in str(found[4])


def test_a_batch_of_errors_is_not_predicted(tmp_path):
    predictor = LargestValues()
    assert len(list(predict_records(predictor, [tmp_path / "no"] * 20))) == 20
    assert predictor.batches == []


class Breaks(LargestValues):
    """Cannot predict for an ECG whose lead I exceeds 3 mV, nor for a batch with one."""

    def __call__(self, ecg_mv):
        if ecg_mv[:, :, 0].max() > 3:
            raise ZeroDivisionError("too high")
        return super().__call__(ecg_mv)


def test_an_ecg_that_a_network_cannot_take_leaves_its_batch_alone(tmp_path):
    heights = (1, 3.5, 2)
    paths = [write(tmp_path, f"r{k}", sines(100, 10, (1, h, 1, 1))) for k, h in enumerate(heights)]
    first, error, last = predict_records(Breaks(), paths)
    found = first.probabilities[0], last.probabilities[0]
    np.testing.assert_allclose(found, [0.1, 0.2], atol=1e-3)
    assert isinstance(error, RecordError)
    assert str(error) == f"{paths[1]}: ZeroDivisionError: too high"
    assert isinstance(error.__cause__, ZeroDivisionError)


def test_an_unexpected_exception_is_the_error_of_its_record(tmp_path, monkeypatch):
    good, bad = (write(tmp_path, name, sines(100, 10)) for name in ("good", "bad"))

    def read(path, **how):
        if path == bad:
            raise KeyError("no such thing")
        return read_any(path, **how)

    monkeypatch.setattr("ecg_tf.predict.records.read_any", read)
    first, error, last = predict_records(LargestValues(), [good, bad, good])
    assert first.probabilities == last.probabilities
    assert str(error) == f"{bad}: KeyError: 'no such thing'"


def test_a_measured_rate_near_100_hz_leaves_other_records_alone(tmp_path):
    good = write(tmp_path, "good", sines(100, 10))
    csv = tmp_path / "r.csv"
    np.savetxt(csv, sines(100, 10)[:, [1, 3, 0]], "%.9f", ",", header="I,II,V2", comments="")
    for rate in (99.997, 100.001, 100.004):
        found = list(predict_records(LargestValues(), [csv, good], sampling_rate=rate, unit="mV"))
        np.testing.assert_allclose(found[0].probabilities, found[1].probabilities, atol=1e-3)
        assert "resampled" not in found[0].about


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("valid", False, "no valid ECG in the leads that the network takes"),
        ("probabilities", np.nan, "the network's probabilities are not finite"),
    ],
)
def test_invalid_arguments_of_a_predictor_are_refused(tmp_path, key, value, message):
    class Odd(LargestValues):
        def __call__(self, ecg_mv):
            answer = super().__call__(ecg_mv)
            answer[key][0] = value
            return answer

    path = write(tmp_path, "long", sines(100, 20))
    error, prediction = predict_records(Odd(), [path])
    assert str(error) == f"{path}, 0-10 s: {message}"
    assert prediction.start == 10


def test_a_folder_without_run_or_export_is_refused(tmp_path):
    with pytest.raises(InputError, match="neither a run folder nor an export"):
        Predictor(tmp_path)


# The script


def script(*arguments):
    return run_in_pipes(sys.executable, "bin/predict.py", *arguments)


def test_the_command_predicts_and_draws_good_records_and_names_bad_ones(export, record, tmp_path):
    out = tmp_path / "pictures"
    done = script("-path_model", export, "-json", "-out", out, "no/record", record)
    assert done.returncode == 1
    assert_lines(done.stderr, "error: no/record: no header.*")
    (answer,) = map(json.loads, done.stdout.splitlines())
    assert answer["record"] == str(record)
    assert answer["class_names"] == ["MI", "STTC", "CD", "HYP"]
    decided = np.array(answer["probabilities"]) >= answer["thresholds"]
    assert answer["decisions"] == decided.astype(int).tolist()
    assert [path.name for path in out.rglob("*.png")] == ["00007_lr.png"]


def test_files_of_one_record_are_predicted_once(export, record, tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    for ending in (".hea", ".dat"):
        shutil.copy(f"{record}{ending}", folder)
    (folder / "LICENSE").write_text("Permission is hereby granted")
    (folder / "RECORDS").write_text("00007_lr")
    done = script("-path_model", export, "-json", *sorted(folder.iterdir()))
    assert done.returncode == 1
    (answer,) = map(json.loads, done.stdout.splitlines())
    assert answer["record"] == str(folder / record.name)
    license, records = done.stderr.splitlines()
    assert license.startswith(f"error: {folder / 'LICENSE'}: text, expected a WFDB record")
    assert records.startswith(f"error: {folder / 'RECORDS'}: a list of records, expected")


def test_a_picture_that_cannot_be_drawn_is_an_error_of_its_record(export, record, tmp_path):
    out = tmp_path / "pictures"
    copy = tmp_path / record.name
    for ending in (".hea", ".dat"):
        shutil.copy(f"{record}{ending}", tmp_path)
    shared = os.path.commonpath([record.parent, tmp_path])
    for folder in shared, tmp_path:  # a folder in the place of the picture
        (out / copy.relative_to(folder).with_suffix(".png")).mkdir(parents=True)
    done = script("-path_model", export, "-json", "-out", out, copy, record)
    assert done.returncode == 1
    assert len(done.stdout.splitlines()) == 2
    assert f"error: {copy}: no picture: " in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.name for path in out.rglob("*.png") if path.is_file()] == ["00007_lr.png"]
    done = script("-path_model", export, "-out", out, "-verbosity", "1", copy)
    assert "Traceback" in done.stderr


def test_flags_without_a_file_that_lacks_their_values_are_refused(export, record):
    done = script("-path_model", export, "-sampling_rate", "500", "-lead_names", "I", record)
    assert done.returncode == 1
    assert done.stderr == (
        "error: -sampling_rate and -lead_names: only for CSV, NumPy, MATLAB and HDF5 files; files "
        "of other kinds contain their own\n"
    )


def test_files_of_several_kinds_are_predicted_together(export, tmp_path):
    digital = walk()
    np.save(tmp_path / "ecg.npy", digital[[0, 1, 7]] * 4.88e-3)
    (tmp_path / "muse.xml").write_bytes(muse(digital[[0, 1, *range(6, 12)]], leads=EIGHT))
    (tmp_path / "philips.xml").write_bytes(philips(digital)[:-99])
    flags = ["-json", "-derive_leads", "-sampling_rate=500", "-unit=mV", "-lead_names=I,II,V2"]
    files = [tmp_path / name for name in ("ecg.npy", "philips.xml", "muse.xml")]
    done = script("-path_model", export, *flags, *files)
    first, second = map(json.loads, done.stdout.splitlines())
    assert first["record"] == str(files[0])
    assert second["record"] == str(files[2])
    np.testing.assert_allclose(first["probabilities"], second["probabilities"], atol=1e-5)
    assert_lines(
        done.stderr,
        f"warning: {files[0]}: III AVR AVL AVF computed from I and II",
        f"warning: {files[2]}: III AVR AVL AVF computed from I and II",
        f"error: {files[1]}: no well-formed XML: .*",
    )
    assert done.returncode == 1


def test_unused_packages_are_not_imported():
    code = (
        "import sys, ecg_tf.predict.predictor; heavy = {'wfdb', 'pandas', 'scipy', 'matplotlib', "
        "'tensorflow', 'keras'}; print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_command_imports_no_unused_packages(record):
    code = (
        "import atexit, sys\n"
        "heavy = {'wfdb', 'pandas', 'scipy', 'matplotlib', 'sklearn', 'jax'}\n"
        "atexit.register(lambda: print(sorted(heavy & set(sys.modules))))\n"
        f"sys.argv[1:] = ['-path_model', 'pretrained:gru', {str(record)!r}]\n"
        "from ecg_tf.commands.command_line import run_command\n"
        "run_command('predict')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    *table, imported = done.stdout.splitlines()
    assert imported == "[]"
    assert len(table) == 6


# ------------------------------------------------------------------------------- Explanations --


@pytest.fixture(scope="module")
def signal_predictor(signal_run):
    return Predictor(signal_run.path)


def test_the_explanation_is_that_of_the_command(signal_run, signal_predictor, record, tmp_path):
    explain_record(record, signal_run.path, "CD", tmp_path / "why.png")
    one = standard_ecg(read_record(record), 100, 1000)
    figure = signal_predictor.explain(one, "CD", record.name, simulated=True)
    assert png_bytes(figure) == (tmp_path / "why.png").read_bytes()


@pytest.mark.parametrize(
    ("change", "class_name", "message"),
    [
        (lambda ecg: ecg, "AFIB", "class 'AFIB': expected one of MI, STTC, CD, HYP"),
        (lambda ecg: ecg[None], "CD", r"ecg_mv: shape \(1, 1000, 12\), expected one ECG"),
        (lambda ecg: ecg[:500], "CD", r"ecg_mv: shape \(500, 12\), expected"),
        (lambda ecg: 0 * ecg, "CD", "ecg_mv: lead I is flat"),
    ],
)
def test_what_cannot_be_explained_is_an_error(
    signal_predictor, record, change, class_name, message
):
    ecg = standard_ecg(read_record(record), 100, 1000)
    with pytest.raises(InputError, match=message):
        signal_predictor.explain(change(ecg), class_name)
