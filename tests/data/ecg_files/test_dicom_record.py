"""DICOM: multiplex groups, codes of leads, baseline, padding."""

import io

import numpy as np
import pytest
from device_files import dicom, walk

from ecg_tf.data.ecg_files.dicom_record import read_dicom
from ecg_tf.errors import RecordError

pydicom = pytest.importorskip("pydicom")
DIGITAL = walk(samples=1000)


def written(folder, content, change=None):
    """Write a file, changed by a function of the `pydicom.Dataset`."""
    path = folder / "ecg.dcm"
    if change:
        data = pydicom.dcmread(io.BytesIO(content))
        change(data)
        data.save_as(path, enforce_file_format=True)
    else:
        path.write_bytes(content)
    return path


def refused(*args):
    with pytest.raises(RecordError) as error:
        read_dicom(written(*args))
    return str(error.value)


def test_samples_are_those_of_pydicom(tmp_path):
    path = written(tmp_path, dicom(DIGITAL, sensitivity=1.25, baseline=300))
    expected = pydicom.dcmread(path).waveform_array(0) / 1000
    np.testing.assert_allclose(read_dicom(path).ecg, expected)
    np.testing.assert_allclose(expected, (DIGITAL.T * 1.25 + 300) / 1000)


def test_longest_group_with_the_most_leads_is_read(tmp_path):
    path = written(tmp_path, dicom(DIGITAL, groups=[DIGITAL[:, :300], DIGITAL[:, :500] + 1]))
    np.testing.assert_allclose(read_dicom(path).ecg, DIGITAL.T * 2.5e-3)


def test_lead_is_named_by_its_code_or_by_the_meaning_of_the_code(tmp_path):
    def change(data):
        channels = data.WaveformSequence[0].ChannelDefinitionSequence
        channels[0].ChannelSourceSequence[0].CodeMeaning = "first"
        scp = channels[1].ChannelSourceSequence[0]
        scp.CodeValue, scp.CodingSchemeDesignator, scp.CodeMeaning = "5.6.3-9-2", "SCPECG", "x"
        other = channels[2].ChannelSourceSequence[0]
        other.CodeValue, other.CodingSchemeDesignator = "3", "99OWN"
        other.CodeMeaning = "Lead III (Einthoven)"

    record = read_dicom(written(tmp_path, dicom(DIGITAL), change))
    assert record.leads[:3] == ("I", "II", "LEAD III")


def test_padding_value_is_a_missing_sample_unless_it_is_zero(tmp_path):
    def change(data):
        data.WaveformSequence[0].add_new("WaveformPaddingValue", "OW", value)

    value = np.int16(DIGITAL[5, 123]).tobytes()
    found = read_dicom(written(tmp_path, dicom(DIGITAL), change)).ecg
    np.testing.assert_array_equal(np.isnan(found), DIGITAL[5, 123] == DIGITAL.T)
    value = bytes(2)
    assert np.isfinite(read_dicom(written(tmp_path, dicom(DIGITAL), change)).ecg).all()


def test_file_without_a_waveform_is_refused(tmp_path):
    assert refused(tmp_path, dicom(None)).endswith("ecg.dcm: a DICOM file without a waveform")


def test_what_the_samples_contradict_is_refused(tmp_path):
    def rewritten(name, value):
        return refused(
            tmp_path, dicom(DIGITAL), lambda d: setattr(d.WaveformSequence[0], name, value)
        )

    assert "cannot be read as DICOM" in rewritten("NumberOfWaveformSamples", 1001)
    assert "12 described" in rewritten("NumberOfWaveformChannels", 6)
    assert "samples coded as 'MB'" in rewritten("WaveformSampleInterpretation", "MB")
    assert "cannot be read as DICOM" in rewritten("WaveformData", b"")

    def skew(data):
        data.WaveformSequence[0].ChannelDefinitionSequence[3].ChannelSampleSkew = 2

    assert "lead AVR is skewed by 2 samples" in refused(tmp_path, dicom(DIGITAL), skew)

    def packed(data):
        data.file_meta.TransferSyntaxUID = pydicom.uid.DeflatedExplicitVRLittleEndian

    assert "transfer syntax '1.2.840.10008.1.2.1.99'" in refused(tmp_path, dicom(DIGITAL), packed)


def test_other_channels_are_read_beside_the_leads(tmp_path):
    record = read_dicom(written(tmp_path, dicom(DIGITAL[:3], leads=["I", "resp", "II"])))
    assert record.leads == ("I", "LEAD RESP", "II")
