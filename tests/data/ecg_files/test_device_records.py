"""Files of devices: EDF, BDF, DICOM, aECG, Muse, Philips and SCP-ECG, whole and damaged."""

import functools
import re
import sys

import device_files
import numpy as np
import pytest
from device_files import LEADS, walk

from ecg_tf.data.any_ecg import read_any, windows
from ecg_tf.errors import InputError, RecordError

DIGITAL = walk()
NAMES = tuple(name.upper() for name in LEADS)
BDF = functools.partial(device_files.edf, bits=24, physical=(-8388608, 8388607))
# {kind: (ending, function of device_files, millivolt a step)}
KINDS = {
    "EDF": (".edf", device_files.edf, 0.25e-3),
    "BDF": (".bdf", BDF, 1e-3),
    "DICOM": (".dcm", device_files.dicom, 2.5e-3),
    "aECG": (".xml", device_files.aecg, 2.5e-3),
    "Muse": (".xml", device_files.muse, 4.88e-3),
    "Philips": (".xml", device_files.philips, 5e-3),
    "SCP": (".scp", device_files.scp, 2.5e-3),
}
EXTRAS = {"EDF": "edfio", "BDF": "edfio", "DICOM": "pydicom"}


@pytest.fixture(params=KINDS)
def kind(request):
    if request.param in EXTRAS:
        pytest.importorskip(EXTRAS[request.param])
    return request.param


def saved(folder, kind, *args, **kwargs):
    ending, make, _ = KINDS[kind]
    if kind in EXTRAS:
        pytest.importorskip(EXTRAS[kind])
    path = folder / f"ecg{ending}"
    path.write_bytes(make(*args, **kwargs))
    return path


def refused(path):
    with pytest.raises(RecordError) as error:
        read_any(path)
    message = str(error.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message.removeprefix(f"{path}: ")


# Whole files


def test_every_sample_is_read_in_millivolt(tmp_path, kind):
    record = read_any(saved(tmp_path, kind, DIGITAL))
    assert record.name == str(tmp_path / f"ecg{KINDS[kind][0]}")
    assert (record.leads, record.sampling_rate) == (NAMES, 500.0)
    np.testing.assert_allclose(record.ecg, DIGITAL.T * KINDS[kind][2], rtol=1e-6, atol=1e-9)
    assert record.ecg.dtype == np.float64
    assert not record.simulated


def test_file_is_read_by_its_content_whatever_its_name(tmp_path, kind):
    path = saved(tmp_path, kind, DIGITAL)
    for name in ("ecg", "ecg.dat", "other.csv", "other.npy"):
        path.rename(tmp_path / name)
        path = tmp_path / name
        assert read_any(path).leads == NAMES


@pytest.mark.parametrize("name", [name for name in KINDS if name != "Philips"])
def test_three_leads_are_read_and_twelve_missed(tmp_path, name):
    leads = ["V2", "II", "I"]
    record = read_any(saved(tmp_path, name, walk(3), leads=leads))
    assert record.leads == ("V2", "II", "I")
    assert len(list(windows(record, ["I", "II", "V2"]))) == 1
    with pytest.raises(RecordError, match="missing III AVR AVL AVF V1 V3 V4 V5 V6; found V2 II I"):
        next(windows(record, NAMES))


# Units and calibration


@pytest.mark.parametrize(
    ("name", "unit", "factor"),
    [
        ("EDF", "mV", 1000),
        ("EDF", "V", 1e6),
        ("DICOM", "mV", 1000),
        ("aECG", "mV", 1000),
        ("aECG", "nV", 1e-3),
        ("Muse", "MILLIVOLTS", 1000),
    ],
)
def test_units_are_those_of_the_file(tmp_path, name, unit, factor):
    record = read_any(saved(tmp_path, name, DIGITAL, unit=unit))
    np.testing.assert_allclose(record.ecg, DIGITAL.T * KINDS[name][2] * factor, rtol=1e-6)


@pytest.mark.parametrize("name", ["EDF", "DICOM", "aECG", "Muse"])
def test_unit_that_is_no_voltage_is_refused(tmp_path, name):
    message = refused(saved(tmp_path, name, DIGITAL, unit="mmHg"))
    assert "'mmHg', expected mV, uV, nV or V" in message


@pytest.mark.parametrize(
    ("name", "calibration"),
    [
        ("EDF", {"physical": (5, 5)}),
        ("DICOM", {"sensitivity": 0}),
        ("aECG", {"scale": 0}),
        ("Muse", {"gain": 0}),
    ],
)
def test_lead_without_a_gain_is_refused(tmp_path, name, calibration):
    assert "is not calibrated" in refused(saved(tmp_path, name, DIGITAL, **calibration))


def test_gain_of_zero_is_refused_in_scp_and_philips_files(tmp_path):
    assert "steps of 0 nV" in refused(saved(tmp_path, "SCP", DIGITAL, gain=0))
    assert "resolution of 0 µV" in refused(saved(tmp_path, "Philips", DIGITAL, resolution=0))


@pytest.mark.parametrize("name", ["DICOM", "aECG", "Muse", "Philips"])
def test_negative_sampling_rate_is_refused(tmp_path, name):
    path = saved(tmp_path, name, DIGITAL, rate=500 if name == "Philips" else -500)
    if name == "Philips":
        path.write_text(path.read_text("utf-16").replace('second="500"', 'second="-500"'), "utf-16")
    assert re.search("sampling rate of -500 Hz|is -0.002 s|at -500 Hz", refused(path))


# Damaged files


def test_truncated_file_is_refused(tmp_path, kind):
    path = saved(tmp_path, kind, DIGITAL)
    content = path.read_bytes()
    one_second = 2 * 12 * 500  # the last data record of EDF
    for length in (len(content) - 2, len(content) - one_second, len(content) // 2, 700):
        path.write_bytes(content[:length])
        assert refused(path)


@pytest.mark.parametrize(
    "entity",
    [
        "<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;&a;&a;'>",
        "<!ENTITY a SYSTEM 'file:///etc/passwd'>",
        "<!ENTITY % a SYSTEM 'http://localhost/a.dtd'> %a;",
    ],
)
def test_entities_are_refused(tmp_path, entity):
    path = tmp_path / "ecg.xml"
    path.write_text(f"<?xml version='1.0'?><!DOCTYPE a [{entity}]><AnnotatedECG>&a;</AnnotatedECG>")
    assert "XML that declares the entity 'a'" in refused(path)


def test_deep_and_malformed_xml_is_refused(tmp_path):
    path = tmp_path / "ecg.xml"
    path.write_text("<a>" * 200_000)
    assert "more than 100 inside each other" in refused(path)
    for content in (b"<a><b></a>", b"<a/>text", b"<a \xff/>", "<a>".encode("utf-16"), b"<\0a/>"):
        path.write_bytes(content)
        assert "no well-formed XML" in refused(path)
    path.write_text("<ecg><lead/></ecg>")
    assert "XML of 'ecg', expected HL7 aECG (AnnotatedECG), GE Muse" in refused(path)


def test_text_in_place_of_base64_is_refused(tmp_path):
    path = saved(tmp_path, "Muse", DIGITAL)
    content = path.read_bytes()
    place = content.rindex(b"<WaveFormData>\n") + 20
    for garbage in (b"!", b"\xe4", b"="):
        path.write_bytes(content[:place] + garbage + content[place + 1 :])
        assert "lead V6: no base64" in refused(path)
    path.write_bytes(content[:place] + b"AAAA" + content[place + 4 :])
    assert refused(path) == "lead V6 does not match its checksum, LeadDataCRC32"
    path.write_bytes(content[:place] + content[place + 4 :])
    assert "lead V6 has 9997 bytes, expected 5000 samples of 2 bytes" in refused(path)


def test_leads_of_different_lengths_are_refused(tmp_path):
    rows = [list(row) for row in DIGITAL]
    rows[3] = rows[3][:-7]
    path = saved(tmp_path, "aECG", rows)
    assert refused(path) == "leads of different lengths, in samples: V6 5000, aVR 4993"
    path = saved(tmp_path, "Muse", DIGITAL)
    content, cut = path.read_bytes(), device_files.muse(DIGITAL[:1, :-7], leads=["I"])
    old, new = (
        re.findall(rb"<LeadData>.*?</LeadData>\n", one, re.DOTALL) for one in (content, cut)
    )
    path.write_bytes(content.replace(old[12], new[1]))
    assert refused(path) == "leads of different lengths, in samples: I 4993, V6 5000"


def test_missing_package_is_named_with_its_installation(tmp_path, monkeypatch):
    for name, module in EXTRAS.items():
        path = saved(tmp_path, name, DIGITAL)
        for loaded in [one for one in sys.modules if one.split(".")[0] == module]:
            monkeypatch.delitem(sys.modules, loaded)
        monkeypatch.setitem(sys.modules, module, None)
        installation = r"pip install edfio pydicom \(the extra ecg_tf\[formats\]\)"
        with pytest.raises(InputError, match=f"{module} cannot be imported .*{installation}"):
            read_any(path)
        monkeypatch.undo()
