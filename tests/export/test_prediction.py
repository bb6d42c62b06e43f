import json
import subprocess
import sys

import numpy as np
import pytest
import wfdb

from ecg_tf.errors import InputError, RecordError
from ecg_tf.export.prediction import Predictor, predict_record


@pytest.fixture(scope="module")
def record(simulated_folder):
    return simulated_folder / "records100/00000/00007_lr"


def test_a_run_and_its_export_say_the_same(run, export, record):
    of_run, of_export = (predict_record(Predictor(path), record) for path in (run.path, export))
    np.testing.assert_allclose(of_run.probabilities, of_export.probabilities, atol=1e-5)
    assert of_run.thresholds == of_export.thresholds
    assert of_run.decisions == of_export.decisions
    assert of_run.simulated
    assert of_run.simulated_training
    assert of_export.simulated_training
    assert "simulated ECG, network trained on simulated ECGs" in of_export.table()


def test_a_flat_lead_is_an_error_that_names_the_record(run, record, tmp_path):
    original = wfdb.rdrecord(str(record))
    ecg = original.p_signal.copy()
    ecg[:, 7] = 0.1
    wfdb.wrsamp(
        "flat", 100, ["mV"] * 12, original.sig_name, ecg, fmt=["16"] * 12, write_dir=str(tmp_path)
    )
    with pytest.raises(RecordError, match="flat: lead V2 is flat"):
        predict_record(Predictor(run.path), tmp_path / "flat")


def test_what_is_neither_run_nor_export_is_refused(tmp_path):
    with pytest.raises(InputError, match="neither a run folder nor a SavedModel"):
        Predictor(tmp_path)


def test_the_script_answers_good_records_and_names_the_bad(export, record):
    command = [sys.executable, "bin/predict.py", "-path_model", export, "-json"]
    done = subprocess.run([*command, "no/record", record], capture_output=True, text=True)
    assert done.returncode == 1
    assert "error: no/record: no header" in done.stderr
    assert "Traceback" not in done.stderr
    (answer,) = map(json.loads, done.stdout.splitlines())
    assert answer["record"] == str(record)
    assert answer["class_names"] == ["MI", "STTC", "CD", "HYP"]
    decided = np.array(answer["probabilities"]) >= answer["thresholds"]
    assert answer["decisions"] == decided.astype(int).tolist()
