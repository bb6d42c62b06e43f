"""Reading WFDB records: exactly what wfdb reads, and a clear refusal of everything else."""

import os
import re
import socket
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import wfdb

from ecg_tf.data.records import read_record, standard_ecg
from ecg_tf.errors import RecordError, quoted

LEADS = ["I", "II", "III", "AVR", "AVL", "AVF", "V1", "V2", "V3", "V4", "V5", "V6"]
CHALLENGE = Path(__file__).resolve().parents[3] / "shared/cinc2021"
DIGITAL = np.random.default_rng(0).integers(-3000, 3000, (1000, 12)).astype(np.int16)


def write(folder, leads=LEADS, digital=DIGITAL, fs=100, unit="mV", gain=1000.0, baseline=0):
    """Writes the record `folder`/r by wfdb; returns its path without ending."""
    count = len(leads)
    wfdb.wrsamp(
        "r",
        fs=fs,
        units=[unit] * count,
        sig_name=list(leads),
        d_signal=digital[:, :count],
        fmt=["16"] * count,
        adc_gain=[gain] * count,
        baseline=[baseline] * count,
        write_dir=str(folder),
    )
    return folder / "r"


def edit_header(path, old, new, count=-1):
    header = path.with_name("r.hea")
    text = header.read_text("utf-8")
    assert old in text
    header.write_text(text.replace(old, new, count), "utf-8")


def standard(path):
    return standard_ecg(read_record(path))


def refused(path):
    """The message of the RecordError, which must begin with the name of the record."""
    with pytest.raises(RecordError) as error:
        standard_ecg(read_record(path, name="records100/00000/00021_lr"))
    message = str(error.value)
    assert message.startswith("records100/00000/00021_lr: ")
    return message.removeprefix("records100/00000/00021_lr: ")


# What is read


def test_ecg_is_float32_time_by_lead_in_millivolt(tmp_path):
    ecg = standard(write(tmp_path))
    assert (ecg.dtype, ecg.shape) == (np.float32, (1000, 12))
    np.testing.assert_array_equal(ecg, (DIGITAL / 1000).astype(np.float32))


def check_folder_of_records(folder, count):
    """Ecgs are wfdb's physical signal and the 16-bit numbers / 1000, to the last bit."""
    for name in pd.read_csv(folder / "ptbxl_database.csv")["filename_lr"][:count]:
        ecg = standard(folder / name)
        physical = wfdb.rdrecord(str(folder / name)).p_signal
        np.testing.assert_array_equal(ecg, physical.astype(np.float32))
        digital = np.fromfile(folder / f"{name}.dat", "<i2").reshape(1000, 12)
        np.testing.assert_array_equal(ecg, (digital / 1000).astype(np.float32))


def test_simulated_ecgs_are_read_to_the_last_bit(simulated_folder):
    check_folder_of_records(simulated_folder, 30)


@pytest.mark.ptbxl
def test_real_ecgs_are_read_to_the_last_bit(ptbxl_folder):
    check_folder_of_records(ptbxl_folder, 100)


def test_gain_and_baseline_are_applied(tmp_path):
    ecg = standard(write(tmp_path, gain=200.0, baseline=7))
    np.testing.assert_array_equal(ecg, ((DIGITAL - 7.0) / 200).astype(np.float32))


@pytest.mark.parametrize(("unit", "gain"), [("uV", 1.0), ("mV", 1000.0), ("V", 1e6)])
def test_any_unit_of_voltage_becomes_millivolt(tmp_path, unit, gain):
    ecg = standard(write(tmp_path, unit=unit, gain=gain))
    np.testing.assert_allclose(ecg, DIGITAL / 1000, rtol=1e-6)


def test_leads_in_another_order_are_put_right_by_name(tmp_path):
    order = np.random.default_rng(1).permutation(12)
    path = write(tmp_path, leads=[LEADS[k] for k in order], digital=DIGITAL[:, order])
    np.testing.assert_array_equal(standard(path), (DIGITAL / 1000).astype(np.float32))


def test_lead_names_may_be_lower_case(tmp_path):
    path = write(tmp_path, leads=["I", "II", "III", "aVR", "aVL", "aVF", *LEADS[6:]])
    np.testing.assert_array_equal(standard(path), (DIGITAL / 1000).astype(np.float32))


def test_signal_file_may_be_longer_than_its_header_says(tmp_path):
    path = write(tmp_path)
    with path.with_name("r.dat").open("ab") as file:
        file.write(b"more")
    np.testing.assert_array_equal(standard(path), (DIGITAL / 1000).astype(np.float32))


def test_any_leads_rate_and_length_can_be_read(tmp_path):
    record = read_record(write(tmp_path, leads=["V1", "xyz"], digital=DIGITAL[:77], fs=250))
    assert (record.leads, record.sampling_rate, record.ecg.shape) == (("V1", "XYZ"), 250, (77, 2))


# Frames and skew


def total(samples):
    return int(samples.sum(dtype=np.int64)) % 65536


def write_frames(folder, signals, rate=100, frames=100):
    """Writes the record `folder`/r byte by byte; `signals` are {name: int16 (frames, samples)}.

    A signal may also be a pair, its skew before its samples.
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
def test_skew_is_undone(tmp_path, of):
    one, other = DIGITAL[:, 0].reshape(-1, of), DIGITAL[:, 1].reshape(-1, of)
    late = np.concatenate([np.zeros_like(other[:3]), other[:-3]])
    path = write_frames(tmp_path, {"I": one, "II": (3, late)}, frames=len(one))
    record = read_record(path)
    np.testing.assert_array_equal(record.ecg[:, 0], DIGITAL[:, 0] / 1000)
    np.testing.assert_array_equal(record.ecg[: -3 * of, 1], DIGITAL[: -3 * of, 1] / 1000)
    assert np.isnan(record.ecg[-3 * of :, 1]).all()
    if of == 1:  # wfdb forgets some of the missing samples where a frame has several
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


# What the header does not say


@pytest.mark.parametrize("count", ["", " 0"])
def test_file_says_the_length_where_the_header_does_not(tmp_path, count):
    path = write(tmp_path)
    edit_header(path, "r 12 100 1000", f"r 12 100{count}")
    np.testing.assert_array_equal(standard(path), (DIGITAL / 1000).astype(np.float32))
    lines = (tmp_path / "r.hea").read_text().splitlines()
    for k in range(1, 13):
        words = lines[k].split()
        lines[k] = " ".join([*words[:6], "0", *words[7:]])  # 0: a checksum that is not known
    (tmp_path / "r.hea").write_text("\n".join(lines))
    np.testing.assert_array_equal(standard(path), (DIGITAL / 1000).astype(np.float32))
    edit_header(path, "r.dat 16", "r.dat 16+24", 1)
    assert "several formats or with several offsets" in refused(path)


def test_files_of_different_lengths_are_read_as_far_as_all_go(tmp_path):
    (tmp_path / "r.hea").write_text("r 2 100\na.dat 16 1000\nb.dat 16 1000\n")
    DIGITAL[:100, 0].tofile(tmp_path / "a.dat")
    DIGITAL[:90, 1].tofile(tmp_path / "b.dat")
    np.testing.assert_array_equal(read_record(tmp_path / "r").ecg, DIGITAL[:90, :2] / 1000)


def test_signals_of_a_file_must_be_listed_together(tmp_path):
    (tmp_path / "r.hea").write_text("r 3 100\na.dat 16 1\nb.dat 16 1\na.dat 16 1\n")
    for file in "a.dat", "b.dat":
        DIGITAL[:100, 0].tofile(tmp_path / file)
    assert refused(tmp_path / "r") == "its header does not list the signals of a file together"


@pytest.mark.ptbxl
def test_real_records_of_the_challenge_are_what_wfdb_reads():
    if not CHALLENGE.is_dir():
        pytest.skip("no records of the challenge in ../shared/cinc2021")
    for header in CHALLENGE.glob("*.hea"):
        path = header.with_suffix("")
        record, expected = read_record(path), wfdb.rdrecord(str(path))
        np.testing.assert_array_equal(record.ecg, expected.p_signal)
        assert record.leads == tuple(name.upper() for name in expected.sig_name)
        assert record.sampling_rate == expected.fs


def test_header_tells_a_simulated_record(simulated_folder, tmp_path):
    assert read_record(simulated_folder / "records100/00000/00001_lr").simulated
    assert not read_record(write(tmp_path)).simulated


def test_name_is_the_path_by_default(tmp_path):
    path = write(tmp_path)
    assert read_record(path).name == str(path)


# What is not the ECG it should be


def test_eight_leads_are_refused_and_the_missing_named(tmp_path):
    path = write(tmp_path, leads=["I", "II", "V1", "V2", "V3", "V4", "V5", "V6"])
    assert refused(path) == (
        "8 leads (I II V1 V2 V3 V4 V5 V6), expected the 12 of PTB-XL; missing III AVR AVL AVF"
    )


def test_repeated_lead_is_named(tmp_path):
    path = write(tmp_path)
    edit_header(path, " II\n", " I\n")
    message = refused(path)
    assert message.endswith("expected the 12 of PTB-XL; missing II; unknown or repeated I")


def test_unknown_lead_is_named(tmp_path):
    message = refused(write(tmp_path, leads=[*LEADS[:11], "V7"]))
    assert message.endswith("missing V6; unknown or repeated V7")


def test_lead_without_a_name_is_refused(tmp_path):
    path = write(tmp_path)
    edit_header(path, " V6", "")
    assert refused(path).endswith("missing V6; unknown or repeated ?")


def test_another_rate_is_refused(tmp_path):
    assert refused(write(tmp_path, fs=500)) == "500 Hz, expected 100 Hz"


@pytest.mark.parametrize("samples", [999, 1001, 5000])
def test_another_length_is_refused(tmp_path, samples):
    digital = np.resize(DIGITAL, (samples, 12))
    assert refused(write(tmp_path, digital=digital)) == f"{samples} samples, expected 1000"


def test_invalid_sample_is_refused_and_its_lead_named(tmp_path):
    digital = DIGITAL.copy()
    digital[500, 7] = -32768  # WFDB's mark of an invalid sample in 16-bit files
    assert np.isnan(read_record(write(tmp_path, digital=digital)).ecg[500, 7])
    assert refused(tmp_path / "r") == "samples that are not finite in V2"


def test_unit_that_is_no_voltage_is_refused(tmp_path):
    message = refused(write(tmp_path, unit="mmHg"))
    assert message == "lead I in 'mmHg', expected mV, uV, nV or V"


def test_micro_sign_is_read_though_wfdb_drops_it(tmp_path):
    path = write(tmp_path, unit="uV", gain=1.0)
    edit_header(path, "uV", "µV")
    assert wfdb.rdrecord(str(path)).units[0] == "V"
    np.testing.assert_allclose(standard(path), DIGITAL / 1000, rtol=1e-6)


@pytest.mark.parametrize(
    ("unit", "gain"),
    [
        ("mv", 1000),
        ("MV", 1000),
        ("millivolts", 1000),
        ("nV", 1e-3),
        ("microvolt", 1),
        ("µVolt", 1),
    ],
)
def test_units_are_read_in_either_case(tmp_path, unit, gain):
    path = write(tmp_path)
    edit_header(path, "1000.0(0)/mV", f"{gain}(0)/{unit}")
    np.testing.assert_allclose(standard(path), DIGITAL / 1000, rtol=1e-6)


@pytest.mark.parametrize("unit", ["mµV", "kΩ", "NU", "mV/mV"])
def test_lead_in_another_unit_is_refused(tmp_path, unit):
    path = write(tmp_path, unit="uV", gain=1.0)
    edit_header(path, "uV", unit)
    assert refused(path).startswith(f"lead I in '{unit}', expected mV")


def test_signals_that_are_no_leads_keep_their_units(tmp_path):
    path = write(tmp_path, leads=["I", "ABP", "Resp", "MLII"], digital=DIGITAL[:, :4])
    lines = (tmp_path / "r.hea").read_text().splitlines()
    lines[2] = lines[2].replace("1000.0(0)/mV", "20(100)/mmHg")
    lines[3] = lines[3].replace("1000.0(0)/mV", "0/°C")  # not calibrated
    lines[4] = lines[4].replace("1000.0(0)/mV", "2/uV")
    (tmp_path / "r.hea").write_text("\n".join(lines), "utf-8")
    record = read_record(path)
    assert record.leads == ("I", "ABP", "RESP", "MLII")
    np.testing.assert_array_equal(record.ecg[:, 0], DIGITAL[:, 0] / 1000)
    np.testing.assert_array_equal(record.ecg[:, 1], (DIGITAL[:, 1] - 100) / 20)
    assert np.isnan(record.ecg[:, 2]).all()
    np.testing.assert_allclose(record.ecg[:, 3], DIGITAL[:, 3] / 2000)


@pytest.mark.parametrize("gain", ["0", "0(0)/mV", "-0.0", ""])
def test_lead_that_is_not_calibrated_is_refused(tmp_path, gain):
    path = write(tmp_path)
    if gain:
        edit_header(path, " 1000.0(0)/mV 16", f" {gain} 16")
    else:
        lines = (tmp_path / "r.hea").read_text().splitlines()
        lines[1:] = [" ".join(line.split()[:2]) for line in lines[1:]]
        (tmp_path / "r.hea").write_text("\n".join(lines))
        message = refused(path)
        assert "missing" in message  # without a gain, there is no room for a name
        return
    assert refused(path).startswith("lead I is not calibrated: its header gives no gain, or 0")


@pytest.mark.parametrize("gain", ["1e-30/mV", "1e-320/mV", "0.01/mV", "99/V"])
def test_steps_in_which_no_ecg_can_be_seen_are_refused(tmp_path, gain):
    path = write(tmp_path)
    edit_header(path, "1000.0(0)/mV", gain)
    assert "lead I has steps of " in refused(path)


def test_header_without_a_sampling_rate_is_refused(tmp_path):
    path = write(tmp_path)
    edit_header(path, "r 12 100 1000", "r 12")
    assert refused(path) == "its header begins 'r 12', without a sampling rate"


# Files that are missing or damaged


def test_missing_header_is_named(tmp_path):
    assert refused(tmp_path / "r") == f"no header {tmp_path / 'r.hea'}"


def test_missing_signal_file_is_named(tmp_path):
    path = write(tmp_path)
    path.with_name("r.dat").unlink()
    assert refused(path) == f"no signal file {tmp_path / 'r.dat'}"


@pytest.mark.parametrize("size", [0, 1, 12000, 23976, 23999])
def test_truncated_signal_file_is_refused(tmp_path, size):
    path = write(tmp_path)
    dat = path.with_name("r.dat")
    dat.write_bytes(dat.read_bytes()[:size])
    assert refused(path) == f"r.dat holds {size} bytes, expected 24000"


def test_header_of_a_huge_record_is_refused_before_it_is_read(tmp_path):
    path = write(tmp_path)
    edit_header(path, " 1000\n", " 1000000000000\n", 1)
    assert refused(path) == "r.dat holds 24000 bytes, expected 24000000000000"


def test_signal_that_does_not_match_its_checksum_is_refused(tmp_path):
    path = write(tmp_path)
    dat = path.with_name("r.dat")
    damaged = np.fromfile(dat, "<i2")
    damaged[12 * 500 + 2] += 1  # lead III
    damaged.tofile(dat)
    assert re.fullmatch(r"lead III sums to \d+, its header says \d+; .* damaged", refused(path))


def test_header_without_checksums_is_read(tmp_path):
    path = write(tmp_path)
    header = path.with_name("r.hea")
    first, *signals = header.read_text().splitlines()
    signals = [" ".join(line.split()[:3]) for line in signals]
    header.write_text("\n".join([first, *signals, ""]))
    np.testing.assert_array_equal(read_record(path).ecg, DIGITAL / 1000)


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n"])
def test_empty_header_is_refused(tmp_path, text):
    path = write(tmp_path)
    path.with_name("r.hea").write_text(text)
    assert refused(path) == "its header is empty"


def test_header_that_is_a_folder_is_refused(tmp_path):
    (tmp_path / "r.hea").mkdir()
    assert refused(tmp_path / "r").startswith("no header")


@pytest.mark.parametrize("kept", [0, 11])
def test_header_that_describes_fewer_signals_than_it_says_is_refused(tmp_path, kept):
    path = write(tmp_path)
    header = path.with_name("r.hea")
    header.write_text("\n".join(header.read_text().splitlines()[: 1 + kept]))
    assert refused(path) == f"its header begins 'r 12 100 1000' and describes {kept} signals"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("r 12 100 1000", "12"),
        ("r 12 100 1000", "r 12 fast 1000"),
        ("r.dat 16 ", "r.dat "),
        ("r.dat 16 ", "r.dat 99 "),
        ("r.dat 16 ", "r.dat x "),
        ("r.dat 16 ", "r.dat\n"),
        ("r 12 100 1000", "\x00\x01\x02"),
    ],
)
def test_nonsense_in_a_header_is_refused(tmp_path, old, new):
    path = write(tmp_path)
    edit_header(path, old, new)
    refused(path)


@pytest.mark.parametrize("content", [bytes(range(256)), b"\xff\xfe\x00", b"\x00" * 100])
def test_binary_header_is_refused(tmp_path, content):
    path = write(tmp_path)
    path.with_name("r.hea").write_bytes(content)
    refused(path)


def test_record_of_several_segments_is_refused(tmp_path):
    write(tmp_path)
    (tmp_path / "m.hea").write_text("m/2 12 100 2000\nr 1000\nr 1000\n")
    message = refused(tmp_path / "m")
    assert message == "a record of several segments, expected a single one"


# Where a record may lead


@pytest.fixture
def no_network(monkeypatch):
    """Any attempt to connect fails the test, even if its error is swallowed."""
    attempts = []

    def connect(*arguments):
        attempts.append(arguments)
        raise OSError("no network in this test")

    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setattr(socket, "getaddrinfo", connect)
    yield
    assert not attempts


@pytest.mark.parametrize(
    "target",
    [
        "../r.dat",
        "/etc/passwd",
        "sub/r.dat",
        "..",
        "~",
        "http://physionet.org/r.dat",
        "s3://bucket/r.dat",
        "simplecache::http://physionet.org/r.dat",
        "file:///etc/passwd",
        "data:,x",
        r"..\r.dat",
    ],
)
def test_header_that_points_outside_its_folder_is_refused(tmp_path, target, no_network):
    (tmp_path / "in/sub").mkdir(parents=True)
    write(tmp_path)  # a good signal file where ../ leads
    write(tmp_path / "in/sub")
    path = write(tmp_path / "in")
    edit_header(path, "r.dat", target)
    message = refused(path)
    assert quoted(target) in message or target == ".."
    assert "expected a file beside the header" in message or target == ".."


@pytest.mark.parametrize(
    "path", ["http://physionet.org/r", "s3://bucket/r", "simplecache::http://physionet.org/r"]
)
def test_record_is_never_fetched_from_an_address(path, no_network):
    refused(path)


def test_folder_that_looks_like_an_address_is_a_folder(tmp_path, no_network):
    folder = tmp_path / "simplecache::http"
    folder.mkdir()
    np.testing.assert_array_equal(standard(write(folder)), (DIGITAL / 1000).astype(np.float32))


def test_signal_file_that_is_a_link_elsewhere_is_refused(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "in").mkdir()
    write(tmp_path / "out")
    path = write(tmp_path / "in")
    (tmp_path / "in/r.dat").unlink()
    (tmp_path / "in/r.dat").symlink_to(tmp_path / "out/r.dat")
    message = refused(path)
    assert message == (
        f"signal file r.dat: leads out of {tmp_path / 'in'}; expected a file in this folder"
    )


@pytest.mark.parametrize("with_signal", [True, False])
def test_record_may_be_the_users_own_link(tmp_path, with_signal):
    (tmp_path / "data").mkdir()
    write(tmp_path / "data")
    (tmp_path / "mine.hea").symlink_to("data/r.hea")
    if with_signal:
        (tmp_path / "r.dat").symlink_to("data/r.dat")
    ecg = standard(tmp_path / "mine")
    np.testing.assert_array_equal(ecg, (DIGITAL / 1000).astype(np.float32))


@pytest.mark.parametrize("target", ["secret.txt", "secret", "/etc/passwd"])
def test_header_that_is_a_link_to_another_kind_of_file_is_not_shown(tmp_path, target):
    (tmp_path / "secret.txt").write_text("a secret")
    (tmp_path / "secret").write_text("a secret")
    (tmp_path / "r.hea").symlink_to(target)
    assert refused(tmp_path / "r") == "its header is a link to a file that is none (*.hea)"


@pytest.mark.parametrize("name", ["r" * 300, "a\0b", "r.hea/r"])
def test_path_that_cannot_be_one_is_refused(tmp_path, name):
    write(tmp_path)
    with pytest.raises(RecordError, match="no header"):
        read_record(tmp_path / name)


def test_pipe_in_place_of_a_file_is_refused(tmp_path):
    path = write(tmp_path)
    for file, message in (("r.dat", "no signal file"), ("r.hea", "no header")):
        (tmp_path / file).unlink()
        os.mkfifo(tmp_path / file)
        assert refused(path).startswith(message)


def test_huge_header_is_refused(tmp_path):
    path = write(tmp_path)
    (tmp_path / "r.hea").write_text("#" * 2**20 + "\n")
    assert refused(path).endswith("r.hea: 1048577 bytes, expected at most 1048576")
