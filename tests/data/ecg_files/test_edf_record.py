"""EDF and BDF: labels, other signals, calibration, EDF+."""

import numpy as np
import pytest
from device_files import edf, walk

from ecg_tf.data.ecg_files.edf_record import read_edf
from ecg_tf.errors import RecordError

pytest.importorskip("edfio")
DIGITAL = walk(2, 1000)


def written(folder, content):
    path = folder / "ecg.edf"
    path.write_bytes(content)
    return path


def refused(folder, content):
    with pytest.raises(RecordError) as error:
        read_edf(written(folder, content))
    return str(error.value)


def test_calibration_is_linear_between_the_stated_ends(tmp_path):
    content = edf(DIGITAL, leads=["ECG I", "EKG II"], physical=(-3276.8, 3276.7))
    record = read_edf(written(tmp_path, content))
    np.testing.assert_allclose(record.ecg, DIGITAL.T * 1e-4, atol=1e-12)
    assert record.leads == ("ECG I", "EKG II")


def test_signals_that_are_no_leads_are_left_out(tmp_path):
    more = [("Resp", "ohm", 25, walk(1, 50)[0]), ("EDF Annotations", "", 30, np.zeros(60, int))]
    record = read_edf(written(tmp_path, edf(DIGITAL, leads=["I", "V2"], more=more)))
    assert record.leads == ("I", "V2")
    record = read_edf(written(tmp_path, edf(DIGITAL, leads=["ch1", "ch2"])))
    assert record.leads == ("CH1", "CH2")


def test_leads_of_several_rates_are_refused(tmp_path):
    content = edf(DIGITAL, leads=["I", "V2"], more=[("II", "uV", 250, walk(1, 500)[0])])
    assert "leads of 250 and 500 Hz, expected one sampling rate" in refused(tmp_path, content)


def test_recording_with_interruptions_is_refused(tmp_path):
    content = edf(DIGITAL, leads=["I", "V2"])
    content = content[:192] + b"EDF+D" + content[197:]
    assert "a recording with interruptions (EDF+D)" in refused(tmp_path, content)
    continuous = content.replace(b"EDF+D", b"EDF+C")
    assert read_edf(written(tmp_path, continuous)).ecg.shape == (1000, 2)


@pytest.mark.parametrize("place", [192, 236, 244, 252, 256, 464, 480, 688])
@pytest.mark.parametrize("text", [b"-1  ", b"0   ", b"9999", b"x   ", b"    "])
def test_damaged_header_is_refused_or_changes_no_more_than_its_field(tmp_path, place, text):
    content = edf(DIGITAL, leads=["I", "V2"])
    path = written(tmp_path, content[:place] + text + content[place + 4 :])
    try:
        shape = read_edf(path).ecg.shape
    except RecordError as error:
        shape = str(error).startswith(f"{path}: ")
    assert shape in ((1000, 2), (1000, 1), True)
