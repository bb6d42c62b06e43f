"""XML files of devices: aECG, GE Muse and Philips."""

import base64
import contextlib

import numpy as np
import pytest
from device_files import aecg, muse, philips, walk
from hypothesis import given
from hypothesis import strategies as st

from ecg_tf.data.ecg_files.philips_xli import unpack_leads
from ecg_tf.data.ecg_files.xml_record import read_xml
from ecg_tf.errors import RecordError

DIGITAL = walk(samples=600)


def written(folder, content):
    path = folder / "ecg.xml"
    path.write_bytes(content)
    return path


def refused(folder, content):
    with pytest.raises(RecordError) as error:
        read_xml(written(folder, content))
    return str(error.value)


def replaced(content, old, new):
    assert old in content
    return content.replace(old, new, 1)


# aECG


def test_longest_sequence_set_with_the_most_leads_is_read(tmp_path):
    content = aecg(DIGITAL, sets=[DIGITAL[:, :300], DIGITAL[:, :500] + 1], origin=100)
    record = read_xml(written(tmp_path, content))
    np.testing.assert_allclose(record.ecg, (DIGITAL.T * 2.5 + 100) / 1000)


def test_null_flavor_and_nan_are_missing_samples(tmp_path):
    content = aecg(DIGITAL)
    head, _, tail = content.partition(b'<code code="MDC_ECG_LEAD_aVR"/><value>')
    content = head + b'<code code="MDC_ECG_LEAD_aVR"/><value nullFlavor="NI">' + tail
    content = replaced(content, f"<digits>{DIGITAL[0, 0]} ".encode(), b"<digits>NaN ")
    ecg = read_xml(written(tmp_path, content)).ecg
    assert np.isnan(ecg[:, 3]).all()
    assert np.isnan(ecg[0, 0])
    assert np.isfinite(np.delete(ecg, 3, axis=1)[1:]).all()


@pytest.mark.parametrize("digits", [b"1_0 ", b"1e999 x ", b"0x1 ", b"1;2 ", b"--1 "])
def test_digits_that_are_no_numbers_are_refused(tmp_path, digits):
    content = replaced(aecg(DIGITAL), b"<digits>", b"<digits>" + digits)
    assert "MDC_ECG_LEAD_I has digits that are no numbers" in refused(tmp_path, content)


def test_aecg_without_a_waveform_or_a_rate_is_refused(tmp_path):
    for content in (b"<AnnotatedECG/>", aecg(DIGITAL[:, :0]), aecg(DIGITAL[:0], leads=[])):
        assert "an aECG without a waveform" in refused(tmp_path, content)
    content = replaced(aecg(DIGITAL), b"<increment ", b"<step ")
    assert "without the increment of time" in refused(tmp_path, content)
    content = replaced(aecg(DIGITAL), b'unit="s"', b'unit="h"')
    assert "its increment of time is 0.002 h, expected more than 0 s, ms, us" in refused(
        tmp_path, content
    )
    content = replaced(aecg(DIGITAL), b'value="0.002"', b'value="fast"')
    assert "its increment of time is 'fast', expected a number" in refused(tmp_path, content)


# GE Muse


def test_sampling_rate_of_muse_has_an_exponent(tmp_path):
    content = muse(DIGITAL, rate=25).replace(b"Exponent>0<", b"Exponent>1<")
    assert read_xml(written(tmp_path, content)).sampling_rate == 250


def test_muse_file_without_a_rhythm_is_refused(tmp_path):
    content = muse(DIGITAL).replace(b"Rhythm", b"Median")
    assert "0 waveforms of the type Rhythm, expected 1" in refused(tmp_path, content)
    assert "no element WaveformType in Waveform" in refused(
        tmp_path, b"<RestingECG><Waveform/></RestingECG>"
    )
    content = muse(DIGITAL).replace(b"<LeadSampleSize>2", b"<LeadSampleSize>4")
    assert "lead I has 1200 bytes, expected 600 samples of 2 bytes" in refused(tmp_path, content)


# Philips


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8", "iso-8859-1"])
def test_philips_file_is_read_in_any_encoding(tmp_path, encoding):
    record = read_xml(written(tmp_path, philips(DIGITAL, encoding=encoding)))
    np.testing.assert_allclose(record.ecg, DIGITAL.T * 5e-3)


def test_philips_file_is_read_as_by_sierraecg(tmp_path):
    sierraecg = pytest.importorskip("sierraecg")
    text = philips(walk(samples=1000), encoding="utf-8").decode()
    about = "<documentinfo><documenttype>PhilipsECG</documenttype><documentversion>1.04"
    text = text.replace("<dataacq", f"{about}</documentversion></documentinfo><dataacq")
    text = text.replace("<acq", "<samplingrate>500</samplingrate><acq")
    path = written(tmp_path, text.encode())
    expected = np.stack([lead.samples for lead in sierraecg.read_file(str(path)).leads], axis=1)
    np.testing.assert_allclose(read_xml(path).ecg, expected * 5e-3)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('compression="XLI"', 'compression="LZ4"', "compression: 'LZ4', expected XLI"),
        ('"Base64"', '"Hex"', "data encoding: 'Hex', expected Base64"),
        ('bitspersample="16"', 'bitspersample="8"', "bits of a sample: '8', expected 16"),
        ('signaloffset="0"', 'signaloffset="3"', "offset: '3', expected 0"),
        ('durationperchannel="1200"', 'durationperchannel="1100"', "damaged waveforms"),
        ("<parsedwaveforms", "<waves", "no well-formed XML"),
        ('bitspersample="16">', 'bitspersample="16">!', "damaged waveforms"),
        (' resolution="5"', "", "without its resolution"),
        ('leadlabels="I II', 'leadlabels="II I', "leads 'II I III AVR AVL AVF"),
        (">STD-12<", ">X<", ""),
    ],
)
def test_philips_file_of_another_description_is_refused(tmp_path, old, new, words):
    content = replaced(philips(DIGITAL, encoding="utf-8"), old.encode(), new.encode())
    if words:
        assert words in refused(tmp_path, content)
    else:  # its leads are named beside the samples
        assert read_xml(written(tmp_path, content)).ecg.shape == (600, 12)


def test_philips_file_without_lead_names_has_the_standard_ones(tmp_path):
    text = philips(DIGITAL, encoding="utf-8").decode()
    start, end = text.index("leadlabels"), text.index("durationper")
    record = read_xml(written(tmp_path, (text[:start] + text[end:]).encode()))
    assert record.leads[:6] == ("I", "II", "III", "AVR", "AVL", "AVF")
    text = (text[:start] + text[end:]).replace("STD-12", "EASI")
    assert "leads '', expected I II III AVR AVL AVF and up to" in refused(tmp_path, text.encode())


@given(st.data())
def test_damaged_philips_samples_are_refused_or_have_their_length(data):
    text = philips(DIGITAL[:, :60], encoding="utf-8").decode()
    packed = bytearray(base64.b64decode(text[text.index('16">') + 4 : text.index("</parsed")]))
    place = data.draw(st.integers(0, len(packed) - 4))
    new = data.draw(st.binary(min_size=1, max_size=4))
    packed[place : place + len(new)] = new
    with contextlib.suppress(ValueError):
        assert unpack_leads(bytes(packed), 12, 60).shape == (12, 60)
