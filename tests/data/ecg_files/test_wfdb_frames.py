"""WFDB records with several samples per frame, with skew, or with an incomplete header."""

import numpy as np
import pytest
import wfdb
from wfdb_files import DIGITAL, LEADS, edit_header, refused, standard, write

from ecg_tf.data.ecg_files.wfdb_record import read_record

# Frames and skew


def total(samples):
    return int(samples.sum(dtype=np.int64)) % 65536


def write_frames(folder, signals, rate=100, frames=100):
    """Write the record `folder`/r byte by byte; `signals` are {name: int16 (frames, samples)}.

    A signal may also be a pair of its skew and its samples.
    """
    lines, table = [f"r {len(signals)} {rate} {frames}"], []
    for name, samples in signals.items():
        skew, samples = samples if isinstance(samples, tuple) else (0, samples)
        form = f"16x{samples.shape[1]}" + (f":{skew}" if skew else "")
        lines.append(f"r.dat {form} 1000(0)/mV 16 0 {samples[0, 0]} {total(samples)} 0 {name}")
        table.append(samples)
    (folder / "r.hea").write_text("\n".join(lines) + "\n")
    (folder / "r.dat").write_bytes(np.concatenate(table, axis=1).astype("<i2").tobytes())
    return folder / "r"


def test_leads_with_several_samples_a_frame_keep_them_all(tmp_path):
    signals = {lead: DIGITAL[:, [k]].reshape(100, 10) for k, lead in enumerate(LEADS)}
    signals["ABP"] = DIGITAL[:100, [0]]
    path = write_frames(tmp_path, signals, rate=10)
    record = read_record(path)
    assert (record.leads, record.sampling_rate) == (tuple(LEADS), 100)
    np.testing.assert_array_equal(record.ecg, DIGITAL / 1000)
    whole = wfdb.rdrecord(str(path), smooth_frames=False).e_p_signal
    np.testing.assert_array_equal(record.ecg, np.stack(whole[:12], axis=1))
    assert standard(path).shape == (1000, 12)


def test_leads_of_different_rates_are_averaged_over_frames(tmp_path):
    path = write_frames(tmp_path, {"I": DIGITAL[:100, :2] // 2 * 2, "II": DIGITAL[:100, [2]]})
    record = read_record(path)
    assert (record.leads, record.sampling_rate) == (("I", "II"), 100)
    expected = np.stack([(DIGITAL[:100, :2] // 2 * 2).mean(axis=1), DIGITAL[:100, 2]], axis=1)
    np.testing.assert_allclose(record.ecg, expected / 1000, rtol=1e-12)
    np.testing.assert_allclose(record.ecg, wfdb.rdrecord(str(path)).p_signal, rtol=1e-12)


def test_missing_sample_makes_its_frame_missing(tmp_path):
    samples = DIGITAL[:100, :2].copy()
    samples[7, 1] = -32768
    record = read_record(write_frames(tmp_path, {"I": samples, "II": DIGITAL[:100, [2]]}))
    assert np.flatnonzero(np.isnan(record.ecg[:, 0])).tolist() == [7]


@pytest.mark.parametrize("of", [1, 4])
def test_skew_is_corrected(tmp_path, of):
    one, other = DIGITAL[:, 0].reshape(-1, of), DIGITAL[:, 1].reshape(-1, of)
    late = np.concatenate([np.zeros_like(other[:3]), other[:-3]])
    path = write_frames(tmp_path, {"I": one, "II": (3, late)}, frames=len(one))
    record = read_record(path)
    np.testing.assert_array_equal(record.ecg[:, 0], DIGITAL[:, 0] / 1000)
    np.testing.assert_array_equal(record.ecg[: -3 * of, 1], DIGITAL[: -3 * of, 1] / 1000)
    assert np.isnan(record.ecg[-3 * of :, 1]).all()
    if of == 1:  # wfdb drops some missing samples if a frame has several
        np.testing.assert_array_equal(record.ecg, wfdb.rdrecord(str(path)).p_signal)


@pytest.mark.parametrize("skew", [100, 10**9])
def test_skew_of_the_whole_record_is_refused(tmp_path, skew):
    path = write_frames(tmp_path, {"I": DIGITAL[:100, [0]], "II": (skew, DIGITAL[:100, [1]])})
    assert refused(path) == f"signal II is skewed by {skew} of 100 frames"


@pytest.mark.parametrize("words", ["16x2", "16:3"])
def test_damage_is_found_with_frames_and_skew(tmp_path, words):
    signals = {"I": DIGITAL[:100, :2]} if "x" in words else {"I": (3, DIGITAL[:100, [0]])}
    path = write_frames(tmp_path, signals)
    content = bytearray((tmp_path / "r.dat").read_bytes())
    content[20] ^= 1
    (tmp_path / "r.dat").write_bytes(content)
    assert "damaged" in refused(path)


# Values that the header does not state


@pytest.mark.parametrize("count", ["", " 0"])
def test_length_is_taken_from_the_file_if_not_stated(tmp_path, count):
    path = write(tmp_path)
    edit_header(path, "r 12 100 1000", f"r 12 100{count}")
    np.testing.assert_array_equal(standard(path), (DIGITAL / 1000).astype(np.float32))
    lines = (tmp_path / "r.hea").read_text().splitlines()
    for k in range(1, 13):
        words = lines[k].split()
        lines[k] = " ".join([*words[:6], "0", *words[7:]])  # 0: unknown checksum
    (tmp_path / "r.hea").write_text("\n".join(lines))
    np.testing.assert_array_equal(standard(path), (DIGITAL / 1000).astype(np.float32))
    edit_header(path, "r.dat 16", "r.dat 16+24", 1)
    assert "several formats or with several offsets" in refused(path)


def test_files_of_different_lengths_are_read_up_to_the_shortest(tmp_path):
    (tmp_path / "r.hea").write_text("r 2 100\na.dat 16 1000\nb.dat 16 1000\n")
    DIGITAL[:100, 0].tofile(tmp_path / "a.dat")
    DIGITAL[:90, 1].tofile(tmp_path / "b.dat")
    np.testing.assert_array_equal(read_record(tmp_path / "r").ecg, DIGITAL[:90, :2] / 1000)


def test_signals_of_a_file_must_be_listed_together(tmp_path):
    (tmp_path / "r.hea").write_text("r 3 100\na.dat 16 1\nb.dat 16 1\na.dat 16 1\n")
    for file in "a.dat", "b.dat":
        DIGITAL[:100, 0].tofile(tmp_path / file)
    assert refused(tmp_path / "r") == "its header does not list the signals of a file together"
