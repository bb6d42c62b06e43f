"""Records of any kind: leads by name, in millivolt at 100 Hz, in windows of 10 s."""

import itertools

import numpy as np
import pytest
import scipy.io
import wfdb
from hypothesis import given, settings
from hypothesis import strategies as st
from wfdb_files import write

from ecg_tf.data.any_ecg import read_12_leads, read_any, windows
from ecg_tf.data.ecg_files.record import Record
from ecg_tf.data.ecg_files.wfdb_record import read_record, standard_ecg
from ecg_tf.errors import RecordError
from ecg_tf.leads import LEADS

INPUT_LEADS = ("I", "II", "V2")
COLUMNS = [0, 1, 7]


def tones(rate, seconds):
    """Return an ecg (time, 12) in millivolt; its leads are sines of 2, 3, … Hz from 0.5 mV on."""
    t = np.arange(round(seconds * rate))[:, None] / rate
    return (0.5 + 0.1 * np.arange(12)) * np.sin(2 * np.pi * (2 + np.arange(12)) * t)


def record(ecg, rate=100.0, leads=LEADS):
    return Record("r", np.asarray(ecg, float), tuple(leads), rate, simulated=False)


def one(path, **given):
    (window,) = windows(read_any(path, **given), INPUT_LEADS)
    return window.ecg


def refused(*args, **kwargs):
    with pytest.raises(RecordError, match=r"^r: ") as error:
        list(windows(record(*args, **kwargs), INPUT_LEADS))
    return str(error.value).removeprefix("r: ")


# A record like those of PTB-XL


def test_record_like_the_training_data_is_read_exactly(simulated_folder):
    for number in range(1, 20):
        path = simulated_folder / f"records100/00000/{number:05d}_lr"
        (window,) = windows(read_any(path), INPUT_LEADS)
        np.testing.assert_array_equal(window.ecg, standard_ecg(read_record(path)))
        assert window.ecg.dtype == np.float32
        assert (window.name, window.start, window.duration) == (str(path), 0, 10.0)
        assert window.simulated


# Other orders, names, units and sampling rates


@given(st.permutations(range(12)), st.sampled_from([str.upper, str.lower, "Lead {}".format]))
def test_leads_are_found_by_name_in_any_order(order, spelling):
    ecg = tones(100, 10)
    names = [spelling(LEADS[k]) for k in order]
    (window,) = windows(record(ecg[:, order], leads=names), INPUT_LEADS)
    np.testing.assert_array_equal(window.ecg, ecg.astype(np.float32))


@pytest.mark.parametrize(("unit", "gain"), [("uV", 1.0), ("mV", 1000.0), ("V", 1e6)])
@pytest.mark.parametrize("rate", [100, 250, 500, 1000])
def test_written_record_is_read_in_millivolt_at_100_hertz(tmp_path, unit, gain, rate):
    order = np.random.default_rng(rate).permutation(12)
    ecg = tones(rate, 10)[:, order] * (1000 / gain)
    leads = [LEADS[k] for k in order]
    path = write(tmp_path, leads, fs=rate, unit=unit, gain=gain, physical=ecg)
    found = one(path)[20:-20]
    np.testing.assert_allclose(found, tones(100, 10)[20:-20], atol=2e-3)


@pytest.mark.parametrize("micro", ["µ", "μ", b"\xb5"])
def test_both_micro_signs_are_read(tmp_path, micro):
    path = write(tmp_path, unit="uV", gain=1.0, physical=1000 * tones(100, 10))
    header = path.with_name("r.hea")
    micro = micro if isinstance(micro, bytes) else micro.encode()
    header.write_bytes(header.read_bytes().replace(b"/uV", b"/" + micro + b"V"))
    np.testing.assert_allclose(one(path), tones(100, 10), atol=1e-3)


def mat_record(folder, rate=500):
    """Write a record as in the PhysioNet challenges; return its path and samples (time, 12)."""
    digital = np.round(1000 * tones(rate, 10)).astype(np.int16)
    scipy.io.savemat(folder / "A0001.mat", {"val": digital.T}, format="4")
    lines = [
        f"A0001.mat 16+24 1000/mV 16 0 {digital[0, k]} {digital[:, k].sum(dtype=np.int16)} 0 {lead}"
        for k, lead in enumerate(["I", "II", "III", "aVR", "aVL", "aVF", *LEADS[6:]])
    ]
    header = [f"A0001 12 {rate} {len(digital)} 05-Feb-2020 11:39:16", *lines, "#Age: 74", ""]
    (folder / "A0001.hea").write_text("\n".join(header))
    return folder / "A0001", digital


def test_challenge_record_in_a_mat_file_is_read(tmp_path):
    path, digital = mat_record(tmp_path)
    np.testing.assert_array_equal(read_any(path).ecg, digital / 1000)
    np.testing.assert_allclose(one(path)[20:-20], tones(100, 10)[20:-20], atol=2e-3)


@pytest.mark.parametrize("ending", [".hea", ".mat"])
def test_record_may_be_named_by_any_of_its_files(tmp_path, ending):
    path, _ = mat_record(tmp_path, rate=100)
    np.testing.assert_array_equal(one(f"{path}{ending}"), one(path))


def test_truncated_mat_file_is_refused(tmp_path):
    path, _ = mat_record(tmp_path)
    mat = path.with_suffix(".mat")
    mat.write_bytes(mat.read_bytes()[:-1])
    with pytest.raises(RecordError, match=r"A0001.mat holds 120023 bytes, expected 120024"):
        read_any(path)


def test_csv_file_is_read_like_the_record_it_was_made_from(tmp_path):
    path = write(tmp_path, fs=500, physical=tones(500, 10))
    physical = wfdb.rdrecord(str(path)).p_signal
    np.savetxt(
        tmp_path / "r.csv", 1000 * physical, "%.3f", ",", header=",".join(LEADS), comments=""
    )
    found = one(tmp_path / "r.csv", sampling_rate=500, unit="uV")
    np.testing.assert_allclose(found, one(path), atol=1e-6)


def test_read_12_leads_keeps_only_the_12_leads(tmp_path):
    names = ["Time (s)", "ECG V6-Ref [uV]", "MLII", "I (mV)", "remark"]
    path = tmp_path / "r.csv"
    rows = [f"{k / 100:.2f},{k},5,{-k},ok" for k in range(1000)]
    path.write_text("\n".join([",".join(names), *rows, ""]))
    found = read_12_leads(path)
    assert (found.leads, found.sampling_rate) == (("V6", "I"), 100)
    np.testing.assert_allclose(found.ecg, np.outer(np.arange(1000), [1e-3, -1]))


# Windows


def test_long_record_is_split_and_its_remainder_dropped():
    ecg = tones(100, 34.5)
    found = list(windows(record(ecg), INPUT_LEADS))
    assert [window.start for window in found] == [0, 10, 20]
    assert [window.name for window in found] == ["r, 0-10 s", "r, 10-20 s", "r, 20-30 s"]
    assert {(window.duration, window.of) for window in found} == {(34.5, 3)}
    joined = np.concatenate([window.ecg for window in found])
    np.testing.assert_array_equal(joined, ecg[:3000].astype(np.float32))


def test_windows_of_a_resampled_record_join_seamlessly():
    found = list(windows(record(tones(360, 30), 360.0), INPUT_LEADS))
    joined = np.concatenate([window.ecg for window in found])
    np.testing.assert_allclose(joined[20:-20], tones(100, 30)[20:-20], atol=5e-3)


def test_bad_window_is_an_error_and_the_others_are_kept():
    ecg = tones(100, 40)
    ecg[1500, 7] = np.nan
    ecg[2000:3000, 1] = 0.3
    ecg[3500, 8] = np.nan  # V3, which is not an input of the network
    first, second, third, fourth = windows(record(ecg), INPUT_LEADS)
    assert (first.start, fourth.start) == (0, 30)
    assert str(second) == "r, 10-20 s: 1 of 1000 samples of V2 are missing or not finite"
    assert str(third) == "r, 20-30 s: lead II is flat, and it is an input of the network"


@pytest.mark.parametrize("rate", [128.0, 360.0, 500.0])
def test_flat_stretch_of_a_resampled_record_is_found(rate):
    ecg = tones(rate, 30)
    ecg[round(10 * rate) : round(20 * rate), 0] = 0.3
    _, error, _ = windows(record(ecg, rate), INPUT_LEADS)
    assert str(error) == "r, 10-20 s: lead I is flat, and it is an input of the network"


# Required leads


def test_only_the_input_leads_are_required():
    ecg = tones(100, 10)
    names = ["V2", "II", "I", "MLII"]
    (window,) = windows(record(ecg[:, [7, 1, 0, 3]], leads=names), INPUT_LEADS)
    np.testing.assert_array_equal(window.ecg[:, COLUMNS], ecg[:, COLUMNS].astype(np.float32))
    assert np.isnan(np.delete(window.ecg, COLUMNS, axis=1)).all()


def test_missing_lead_is_an_error_that_lists_the_leads_found():
    assert refused(tones(100, 10)[:, :3], leads=["I", "MLII", "aVR"]) == (
        "missing II V2; found I MLII AVR, expected I II V2, the network's input"
    )


def test_repeated_lead_is_refused_if_it_is_an_input():
    names = ["I", "Lead I", "II", "V2", "V3", "v3"]
    message = refused(tones(100, 10)[:, :6], leads=names)
    assert message.startswith("more than once: I; found I I II V2 V3 V3")
    (window,) = windows(record(tones(100, 10)[:, 1:6], leads=names[1:]), INPUT_LEADS)
    assert np.isnan(window.ecg[:, LEADS.index("V3")]).all()


# Length and sampling rate


@pytest.mark.parametrize(
    ("rate", "samples"), [(100.0, 999), (500.0, 4995), (360.0, 3596), (500.0, 0)]
)
def test_record_shorter_than_10_seconds_is_refused(rate, samples):
    message = refused(tones(rate, 10)[:samples], rate)
    assert message == f"{samples / rate:.3f} s of ECG, expected at least 10 s"


@pytest.mark.parametrize(("rate", "samples"), [(500.0, 4996), (360.0, 3597), (257.0, 2570)])
def test_1000_samples_at_100_hertz_are_enough(rate, samples):
    (window,) = windows(record(tones(rate, 10)[:samples], rate), INPUT_LEADS)
    assert window.ecg.shape == (1000, 12)


@pytest.mark.parametrize("rate", [0.0, -100.0, 49.0, 1e6, np.nan, np.inf])
def test_invalid_sampling_rate_is_refused(rate):
    assert refused(tones(100, 10), rate).endswith("expected 50 to 20000 Hz")


@settings(max_examples=20)
@given(st.sampled_from([50.0, 99.9, 257.0, 333.3, 999.56]), st.integers(1, 4000))
def test_windows_cover_the_record_from_its_beginning(rate, samples):
    samples += round(10 * rate)
    found = list(
        windows(record(np.random.default_rng(0).normal(size=(samples, 12)), rate), INPUT_LEADS)
    )
    assert [window.start for window in found] == list(
        itertools.islice(range(0, 10**6, 10), len(found))
    )
    assert found[0].of == len(found)
    left_out = samples / rate - 10 * len(found)
    assert -0.02 < left_out < 10
