"""SCP-ECG: Huffman codes, differences, reference beats, checksums."""

import binascii
import struct

import numpy as np
import pytest
from device_files import scp, sealed_scp, walk
from hypothesis import given
from hypothesis import strategies as st

from ecg_tf.data.ecg_files.scp_record import read_scp
from ecg_tf.data.ecg_files.scp_samples import decode
from ecg_tf.errors import RecordError

DIGITAL = walk(samples=600)


def written(folder, content):
    path = folder / "ecg.scp"
    path.write_bytes(content)
    return path


def refused(folder, content):
    path = written(folder, content)
    with pytest.raises(RecordError) as error:
        read_scp(path)
    message = str(error.value)
    assert message.startswith(f"{path}: ")
    return message.removeprefix(f"{path}: ")


@pytest.mark.parametrize("huffman", [True, False])
@pytest.mark.parametrize("differences", [0, 1, 2])
def test_all_codings_give_the_same_samples(tmp_path, huffman, differences):
    content = scp(DIGITAL, huffman=huffman, differences=differences, gain=1000, step=1000)
    record = read_scp(written(tmp_path, content))
    np.testing.assert_allclose(record.ecg, DIGITAL.T / 1000, atol=1e-12)
    assert record.sampling_rate == 1000


def test_codes_are_those_of_the_standard():
    # 0, 1, -1, 8, -8, then 9 in 8 bits, -129 in 16 bits, and what fills the last byte
    bits = "0 100 101 1111111100 1111111101 1111111110 00001001 1111111111 1111111101111111"
    bits = bits.replace(" ", "")
    bits += "0" * (-len(bits) % 8)
    data = int(bits, 2).to_bytes(len(bits) // 8, "big")
    assert decode(data, 7, True, 0).tolist() == [0, 1, -1, 8, -8, 9, -129]
    with pytest.raises(ValueError, match="its codes end after"):
        decode(data, 100, True, 0)


@given(st.binary(max_size=60), st.integers(0, 60), st.booleans(), st.integers(0, 2))
def test_any_bytes_are_decoded_or_refused(data, samples, is_huffman, differences):
    try:
        decoded = decode(data, samples, is_huffman, differences)
    except ValueError:
        return
    assert len(decoded) == samples


def test_subtracted_reference_beats_are_added_again(tmp_path):
    beat = walk(12, 100, seed=1)
    # (type, first, fiducial, last sample), from 1 on; the fiducial point of the beat is sample 40
    found = [(0, 81, 101, 150), (1, 250, 260, 280), (0, 401, 440, 460)]
    residual = DIGITAL.copy()
    residual[:, 80:150] -= beat[:, 19:89]
    residual[:, 400:460] -= beat[:, :60]
    content = scp(residual, beats=(beat, 40, found))
    record = read_scp(written(tmp_path, content))
    np.testing.assert_allclose(record.ecg, DIGITAL.T * 2.5e-3, atol=1e-12)
    for wrong, words in (
        ((0, 590, 595, 601), "beat 1 is outside of the recording"),
        ((0, 10, 60, 70), "beat 1 is outside of the recording"),
        ((0, 100, 101, 300), "beat 1 is longer than its reference"),
    ):
        assert words in refused(tmp_path, scp(residual, beats=(beat, 40, [wrong])))


def test_lead_is_missing_outside_of_its_samples(tmp_path):
    content = bytearray(scp(DIGITAL[:2], leads=["I", "II"], huffman=False, differences=0))
    place = content.index(struct.pack("<IIB", 1, 600, 2))
    content[place : place + 9] = struct.pack("<IIB", 11, 600, 2)
    section = place - 9 - 2 - 16
    content[section : section + 2] = _crc(content[section + 2 : section + 16 + 20])
    record = read_scp(written(tmp_path, sealed_scp(bytes(content[6:]))))
    assert np.isnan(record.ecg[:, 1]).sum() == 10
    np.testing.assert_allclose(record.ecg[10:, 1], DIGITAL[1, :590] * 2.5e-3)


def test_wrong_checksums_are_refused(tmp_path):
    content = bytearray(scp(DIGITAL))
    content[-50] ^= 1
    assert refused(tmp_path, content).startswith("the file has the checksum ")
    assert refused(tmp_path, sealed_scp(content[6:])).startswith("section 6 has the checksum ")
    content[:2] = b"\0\0"
    assert refused(tmp_path, content).endswith(", expected 0; the file is damaged")


def test_what_is_not_supported_is_refused(tmp_path):
    content = scp(DIGITAL)
    bimodal = _with(content, 6, 5, b"\1")
    assert refused(tmp_path, bimodal).startswith("bimodal compression, which keeps only a part")
    tables = _with(content, 2, 0, struct.pack("<H", 1))
    assert refused(tmp_path, tables) == "Huffman tables of its own, expected the default one"
    assert "differences of order 3" in refused(tmp_path, _with(content, 6, 4, b"\3"))
    assert "without leads" in refused(tmp_path, _with(content, 3, 0, b"\0"))
    subtracted = _with(content, 3, 1, b"\1")
    assert "no reference beat, though one was subtracted" in refused(tmp_path, subtracted)
    assert "bytes of samples, of which" in refused(tmp_path, _with(content, 6, 6, b"\xff\xff"))


def test_unknown_leads_keep_their_number(tmp_path):
    record = read_scp(written(tmp_path, scp(DIGITAL[:2], leads=["II", "CM5"])))
    assert record.leads == ("II", "SCP 99")


def _crc(content):
    return struct.pack("<H", binascii.crc_hqx(bytes(content), 0xFFFF))


def _with(content, number, offset, new):
    """Replace bytes of a section and correct the checksums."""
    content = bytearray(content)
    for place in range(22, 200, 10):  # of the pointers
        found, length, start = struct.unpack_from("<HII", content, place)
        if found == number and length:
            break
    start -= 1
    content[start + 16 + offset : start + 16 + offset + len(new)] = new
    content[start : start + 2] = _crc(content[start + 2 : start + length])
    return sealed_scp(bytes(content[6:]))
