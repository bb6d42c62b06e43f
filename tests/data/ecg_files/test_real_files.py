"""Real files of many kinds, against other readers and against each other."""

import importlib.util
import json
import struct

import numpy as np
import pandas as pd
import pytest
import scipy.io
import wfdb

from ecg_tf.data.any_ecg import read_any, windows
from ecg_tf.data.ecg_files.scp_samples import decode
from ecg_tf.errors import RecordError
from ecg_tf.leads import LEADS
from ecg_tf.plausibility import problem
from ecg_tf.predict.predictor import Predictor
from ecg_tf.predict.records import predict_records

MUSE_LEADS = ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")
CPSC = {"sampling_rate": 500, "unit": "mV", "lead_names": LEADS}


def twelve(record):
    return record.ecg[:, [record.leads.index(lead) for lead in LEADS]]


def test_one_tracing_is_the_same_in_dicom_scp_and_aecg(real_files):
    pydicom = pytest.importorskip("pydicom")
    truth = pydicom.dcmread(real_files / "dicom/Example.dcm").waveform_array(0) / 1000
    names = ("dicom/Example.dcm", "scp/Example.scp", "aecg/Example.xml", "aecg/subject1_0.xml")
    for name in names:
        record = read_any(real_files / name)
        np.testing.assert_allclose(twelve(record), truth, atol=1e-9)
        assert record.sampling_rate == 500


def test_reference_beat_of_scp_is_the_median_beat_of_dicom(real_files):
    pydicom = pytest.importorskip("pydicom")
    truth = pydicom.dcmread(real_files / "dicom/Example.dcm").waveform_array(1) / 2.5
    content = (real_files / "scp/Example.scp").read_bytes()
    (place,) = struct.unpack_from("<I", content, 22 + 5 * 10 + 6)  # in the pointer to section 5
    section, length = content[place - 1 + 16 :], 599  # 1198 ms
    sizes = struct.unpack_from("<12H", section, 6)
    ends = 6 + 24 + np.cumsum([0, *sizes])
    for k, column in enumerate([0, 1, 6, 7, 8, 9, 10, 11, 2, 3, 4, 5]):
        samples = decode(section[ends[k] : ends[k + 1]], length, True, section[4])
        np.testing.assert_array_equal(samples, truth[:length, column])


def test_other_dicom_file_is_read_as_by_pydicom(real_files):
    pydicom = pytest.importorskip("pydicom")
    path = real_files / "dicom/anonymous_ecg.dcm"
    record = read_any(path)
    np.testing.assert_allclose(record.ecg, pydicom.dcmread(path).waveform_array(0) / 1000)
    assert (record.leads, record.sampling_rate) == (LEADS, 1000)


def test_philips_files_are_read_as_by_sierraecg(real_files):
    sierraecg = pytest.importorskip("sierraecg")
    paths = sorted((real_files / "philips").iterdir())
    assert len(paths) == 4  # of the versions 1.03, 1.04 and 1.04.01
    for path in paths:
        record = read_any(path)
        expected = np.stack([lead.samples for lead in sierraecg.read_file(str(path)).leads], axis=1)
        np.testing.assert_allclose(record.ecg, expected * 5e-3)  # 5 µV
        assert (record.ecg.shape, record.leads, record.sampling_rate) == ((5500, 12), LEADS, 500)


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_muse_files_hold_10_s_of_8_leads(real_files, number):
    record = read_any(real_files / f"muse/example{number}.xml")  # their checksums are compared
    assert (record.ecg.shape, record.leads) == ((5000, 8), MUSE_LEADS)
    np.testing.assert_allclose(record.ecg / 4.88e-3, np.rint(record.ecg / 4.88e-3), atol=1e-6)
    with pytest.raises(RecordError, match="-derive_leads"):
        next(windows(record, LEADS))
    (window,) = windows(
        read_any(real_files / f"muse/example{number}.xml", derive_leads=True), LEADS
    )
    assert not any(
        problem(samples, lead) for samples, lead in zip(window.ecg.T, LEADS, strict=True)
    )


def test_wfdb_record_is_read_as_by_wfdb(real_files):
    truth = wfdb.rdrecord(str(real_files / "wfdb/s0010_re"))
    record = read_any(real_files / "wfdb/s0010_re")
    np.testing.assert_allclose(record.ecg, truth.p_signal, atol=1e-9)
    assert record.leads == tuple(name.upper() for name in truth.sig_name)


def test_structs_of_cpsc2018_need_their_rate_unit_and_leads(real_files, tmp_path):
    for path in sorted((real_files / "cpsc_mat").iterdir()):
        with pytest.raises(RecordError, match="does not state its sampling rate, unit, leads"):
            read_any(path)
        truth = scipy.io.loadmat(path)["ECG"]["data"].item()
        np.testing.assert_array_equal(read_any(path, **CPSC).ecg, truth.T)
        copy = tmp_path / path.name
        copy.write_bytes(path.read_bytes())
        about = {"sampling_rate": 500, "unit": "mV", "leads": LEADS}
        copy.with_suffix(".json").write_text(json.dumps(about))
        np.testing.assert_array_equal(read_any(copy).ecg, truth.T)


def test_aecg_without_the_leads_is_refused(real_files):
    with pytest.raises(RecordError, match="an aECG without a waveform"):
        read_any(real_files / "aecg/empty.xml")
    with pytest.raises(RecordError, match="missing I V2; found II, expected I II V2"):
        next(windows(read_any(real_files / "aecg/minimum_aecg.xml"), ("I", "II", "V2")))


def test_every_file_is_predicted(real_files):
    pytest.importorskip("pydicom")
    paths = [
        path
        for path in sorted(real_files.glob("*/*"))
        if path.name not in ("empty.xml", "minimum_aecg.xml")
    ]
    found = list(predict_records(Predictor("pretrained:gru"), map(str, paths), **CPSC))
    assert [one for one in found if isinstance(one, RecordError)] == []
    assert len({one.record for one in found}) == 17  # two files are of one WFDB record


def test_challenge_records_are_read_as_by_wfdb(real_files):
    folder = real_files.parent / "cinc2021"
    if not folder.is_dir():
        pytest.skip("no records of the challenge in ../shared/cinc2021")
    paths = sorted(folder.glob("*.hea"))
    assert len(paths) == 25
    for path in paths:
        truth = wfdb.rdrecord(str(path.with_suffix("")))
        np.testing.assert_allclose(
            read_any(path.with_suffix(".mat")).ecg, truth.p_signal, atol=1e-9
        )


def test_ptb_xl_at_500_hz_is_decided_as_at_100_hz(real_files):
    folder, ptbxl = real_files.parent / "cinc2021", real_files.parent / "ptbxl"
    if not (folder.is_dir() and (ptbxl / "unpack.py").is_file()):
        pytest.skip("no records of the challenge in ../shared/cinc2021, or no ../shared/ptbxl")
    spec = importlib.util.spec_from_file_location("unpack", ptbxl / "unpack.py")
    unpack = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(unpack)
    place = pd.read_csv(ptbxl / "ptbxl_database.csv").ecg_id.tolist().index
    parts = pd.read_csv(ptbxl / "parts.csv")
    predictor = Predictor("pretrained:gru")
    for ecg_id in (6001, 6002, 6003):  # 6000 and 6004 are in fold 10
        part, row = divmod(place(ecg_id), 1000)
        file, records = parts.file[part], int(parts.records[part])
        original = unpack.decode((ptbxl / file).read_bytes(), records)[row] / 1000
        at_100 = predictor(original)
        (at_500,) = predict_records(predictor, [str(folder / f"HR{ecg_id:05}.hea")])
        np.testing.assert_allclose(at_500.probabilities, at_100["probabilities"], atol=0.05)
        np.testing.assert_array_equal(at_500.decisions, at_100["decisions"])
